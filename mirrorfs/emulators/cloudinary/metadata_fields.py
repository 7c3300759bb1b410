"""Definitions of structured metadata fields and their lists of values.

https://cloudinary.com/documentation/metadata_api. Conditional rules are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.moments import admin_time, parse_moment

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call

_TYPES = {"string", "integer", "date", "enum", "set"}
_CHANGEABLE = (
    "label", "mandatory", "default_value", "validation", "restrictions", "default_disabled",
    "allow_dynamic_list_values",
)  # fmt: skip

Field = dict[str, Any]
Entry = dict[str, Any]


def list_fields(call: Call) -> list[Field]:
    """Give all fields in their order."""
    return [_shown(field) for field in call.cloud.metadata_fields]


def show_field(call: Call) -> Field:
    """Give one field; 404 when there is none."""
    return _shown(_field(call))


def add_field(call: Call) -> Field:
    """Define a field; 400 for unknown types and defaults its validation refuses."""
    params = call.params
    kind = params.demand("type")
    if kind not in _TYPES:
        raise bad_request(f"type {kind} is invalid")
    field: Field = {
        "external_id": params.text("external_id") or uuid.uuid4().hex,
        "type": kind,
        "label": params.demand("label"),
        "mandatory": False,
        "default_value": None,
        "validation": None,
        "created_at": admin_time(call.cloud.clock()),
    }
    if kind in {"enum", "set"}:
        values = (params.raw("datasource") or {}).get("values", [])
        field["datasource"] = {"values": [_entry(one) for one in values]}
    _change(field, params.values)
    return _shown(call.cloud.metadata_fields.add(field["external_id"], field))


def update_field(call: Call) -> Field:
    """Change a field; its external id and type never change."""
    field = dict(_field(call))
    _change(field, call.params.values)
    return _shown(call.cloud.metadata_fields.put(field["external_id"], field))


def delete_field(call: Call) -> dict[str, Any]:
    """Forget a field."""
    call.cloud.metadata_fields.remove(call.path["external_id"])
    return {"message": "ok"}


def order_fields(call: Call) -> list[Field]:
    """Put all fields in the order of a property."""
    key, fields = call.params.demand("order_by"), call.cloud.metadata_fields
    if key not in {"label", "external_id", "created_at"}:
        raise bad_request(f"order_by {key} is invalid")
    falls = call.params.text("direction") == "desc"
    for field in sorted(fields, key=lambda one: str(one[key]), reverse=falls):
        fields.put(fields.remove(field["external_id"])["external_id"], field)
    return list_fields(call)


def update_values(call: Call) -> dict[str, Any]:
    """Change values of a list by their external ids and add new ones."""
    known = {one["external_id"]: one for one in _values(call)}
    for one in call.params.raw("values") or []:
        entry = _entry(one)
        known[entry["external_id"]] = {**known.get(entry["external_id"], {}), **entry}
    return _keep(call, list(known.values()))


def delete_values(call: Call) -> dict[str, Any]:
    """Make values of a list inactive."""
    return _activate(call, "inactive")


def restore_values(call: Call) -> dict[str, Any]:
    """Make values of a list active again."""
    return _activate(call, "active")


def order_values(call: Call) -> dict[str, Any]:
    """Put the values of a list in order of their text."""
    if call.params.demand("order_by") != "value":
        raise bad_request("order_by is invalid")
    falls = call.params.text("direction") == "desc"
    return _keep(call, sorted(_values(call), key=lambda one: str(one["value"]), reverse=falls))


def _field(call: Call) -> Field:
    return call.cloud.metadata_fields.demand(call.path["external_id"])


def _values(call: Call) -> list[Entry]:
    field = _field(call)
    if "datasource" not in field:
        raise bad_request(f"field {field['external_id']} has no datasource")
    values: list[Entry] = field["datasource"]["values"]
    return values


def _keep(call: Call, values: list[Entry]) -> dict[str, Any]:
    field = {**_field(call), "datasource": {"values": values}}
    call.cloud.metadata_fields.put(field["external_id"], field)
    return _active(values)


def _activate(call: Call, state: str) -> dict[str, Any]:
    chosen = call.params.many("external_ids")
    values = [
        {**one, "state": state} if one["external_id"] in chosen else one for one in _values(call)
    ]
    return _keep(call, values)


def _entry(given: Mapping[str, Any]) -> Entry:
    entry = {"external_id": uuid.uuid4().hex, "state": "active", **given}
    if not isinstance(entry.get("value"), str):
        raise bad_request("datasource values need a value")
    return entry


def _active(values: list[Entry]) -> dict[str, Any]:
    return {
        "values": [
            {"external_id": one["external_id"], "value": one["value"]}
            for one in values
            if one["state"] == "active"
        ]
    }


def _shown(field: Field) -> Field:
    if "datasource" not in field:
        return field
    return {**field, "datasource": _active(field["datasource"]["values"])}


def _change(field: Field, values: Mapping[str, Any]) -> None:
    field.update({name: values[name] for name in _CHANGEABLE if name in values})
    default, rule = field["default_value"], field["validation"]
    if default is not None and rule and not _accepts(rule, default, field["type"]):
        raise bad_request(f"default_value {default} is invalid")


def _accepts(rule: Mapping[str, Any], value: Any, kind: str) -> bool:
    """Tell whether a validation rule lets a value pass."""
    if rule["type"] == "and":
        return all(_accepts(one, value, kind) for one in rule["rules"])
    if rule["type"] == "strlen":
        return bool(rule.get("min", 0) <= len(str(value)) <= rule.get("max", 1 << 16))
    if rule["type"] not in {"less_than", "greater_than"}:
        raise bad_request(f"validation type {rule['type']} is invalid")
    left, right = (parse_moment(one) if kind == "date" else one for one in (value, rule["value"]))
    if left == right:
        return bool(rule.get("equals"))
    return bool((left < right) == (rule["type"] == "less_than"))
