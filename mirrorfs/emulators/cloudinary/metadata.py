"""Values of structured metadata fields: https://cloudinary.com/documentation/structured_metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mirrorfs.emulators.cloudinary.cloud import Cloud


def checked_metadata(cloud: Cloud, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give values as their fields store them; 400 for unknown fields and entries."""
    return {name: _value(cloud, name, value) for name, value in values.items()}


def with_defaults(cloud: Cloud, values: Mapping[str, Any]) -> dict[str, Any]:
    """Add the default of every field that has one and no value."""
    found = dict(values)
    for field in cloud.metadata_fields:
        if field.get("default_value") is not None:
            found.setdefault(field["external_id"], field["default_value"])
    return found


def _value(cloud: Cloud, name: str, value: Any) -> Any:
    field = cloud.metadata_fields.find(name)
    if field is None:
        raise bad_request(f"field with external id {name} doesn't exist")
    if field["type"] == "integer":
        if not str(value).lstrip("-").isdigit():
            raise bad_request(f"Value {value} is invalid for field {name}")
        return int(value)
    if field["type"] not in {"set", "enum"}:
        return value
    chosen = json.loads(value) if isinstance(value, str) and value[:1] == "[" else value
    known = {entry["external_id"] for entry in field["datasource"]["values"]}
    for one in chosen if isinstance(chosen, list) else [chosen]:
        if one not in known:
            raise bad_request(f"Value {one} is invalid for field {name}")
    return chosen
