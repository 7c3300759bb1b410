"""The list of transformations in use, and those with a name.

https://cloudinary.com/documentation/admin_api#transformations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.cursors import read_cursor, write_cursor
from mirrorfs.emulators.cloudinary.errors import ApiError
from mirrorfs.emulators.cloudinary.transformation import describe_chain, split_format

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.definitions import Definition


def list_transformations(call: Call) -> dict[str, Any]:
    """Give one page of transformations, or the details of the one named in the query."""
    if "transformation" in call.params:
        return _details(call)
    wanted = call.params.flag("named") if "named" in call.params else None
    found = [one for one in call.cloud.transformations if wanted in {None, one["named"]}]
    start = int((read_cursor(call.params.text("next_cursor")) or [0])[0])
    stop = start + call.params.count("max_results", 10)
    answer: dict[str, Any] = {"transformations": [_item(one) for one in found[start:stop]]}
    if stop < len(found):
        answer["next_cursor"] = write_cursor(stop)
    return answer


def add_transformation(call: Call) -> dict[str, Any]:
    """Give a transformation a name; 409 when the name is taken."""
    name, text = call.params.demand("name"), call.params.demand("transformation")
    describe_chain(text)
    entry = {"name": name, "text": text, "named": name != text, "used": False}
    call.cloud.transformations.add(name, {**entry, "allowed_for_strict": True})
    return {"message": "created"}


def update_transformation(call: Call) -> dict[str, Any]:
    """Allow a transformation in strict mode, or change what a name stands for."""
    old = _find(call)
    changes: dict[str, Any] = {}
    if "unsafe_update" in call.params:
        changes["text"] = call.params.text("unsafe_update")
        describe_chain(changes["text"])
    if "allowed_for_strict" in call.params:
        changes["allowed_for_strict"] = call.params.flag("allowed_for_strict")
    call.cloud.transformations.put(old["name"], {**old, **changes})
    return {"message": "updated"}


def delete_transformation(call: Call) -> dict[str, Any]:
    """Forget a transformation."""
    call.cloud.transformations.remove(_find(call)["name"])
    return {"message": "deleted"}


def _details(call: Call) -> dict[str, Any]:
    entry = _find(call)
    steps, format_ = split_format(entry["text"])
    info = describe_chain(steps)
    if format_:
        info.append({"format": format_})
    derived = [
        {"public_id": asset.public_id, "resource_type": asset.resource_type, "type": asset.type}
        for asset in call.cloud.account
        if any(one.transformation == steps for one in asset.derived)
    ]
    return {**_item(entry), "info": info, "derived": derived}


def _find(call: Call) -> Definition:
    name = call.params.demand("transformation")
    known = call.cloud.transformations
    found = known.find(name) or known.find(name.removeprefix("t_"))
    if found is None:
        raise ApiError(404, f"Transformation {name} not found")
    return found


def _item(entry: Definition) -> dict[str, Any]:
    name = f"t_{entry['name']}" if entry["named"] else entry["name"]
    shown = ("allowed_for_strict", "used", "named")
    return {"name": name, **{key: entry[key] for key in shown}}
