"""Upload presets and upload mappings.

https://cloudinary.com/documentation/admin_api#upload_presets and #upload_mappings
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.naming import random_text

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.definitions import Definition

_OWN = {"name", "unsigned", "timestamp", "signature", "api_key"}


def list_presets(call: Call) -> dict[str, Any]:
    """Give all upload presets."""
    return {"presets": list(call.cloud.presets)}


def show_preset(call: Call) -> Definition:
    """Give one preset; 404 when there is none."""
    return call.cloud.presets.demand(call.path["name"])


def add_preset(call: Call) -> dict[str, Any]:
    """Define a preset: upload parameters under a name."""
    name = call.params.text("name") or random_text(8)
    call.cloud.presets.add(name, _preset(call, name, {}))
    return {"message": "created", "name": name}


def update_preset(call: Call) -> dict[str, Any]:
    """Change parameters of a preset."""
    name = call.path["name"]
    old = call.cloud.presets.demand(name)
    call.cloud.presets.put(name, _preset(call, name, old))
    return {"message": "updated"}


def delete_preset(call: Call) -> dict[str, Any]:
    """Forget a preset."""
    call.cloud.presets.remove(call.path["name"])
    return {"message": "deleted"}


def list_mappings(call: Call) -> Definition:
    """Give all upload mappings, or the one of a folder."""
    if "folder" in call.params:
        return call.cloud.mappings.demand(call.params.text("folder"))
    return {"mappings": list(call.cloud.mappings)}


def add_mapping(call: Call) -> dict[str, Any]:
    """Map a folder to a URL prefix."""
    folder = call.params.demand("folder")
    template = call.params.demand("template")
    call.cloud.mappings.add(folder, {"folder": folder, "template": template})
    return {"message": "created", "folder": folder}


def update_mapping(call: Call) -> dict[str, Any]:
    """Map a folder to another URL prefix."""
    folder = call.params.demand("folder")
    call.cloud.mappings.demand(folder)
    template = call.params.demand("template")
    call.cloud.mappings.put(folder, {"folder": folder, "template": template})
    return {"message": "updated"}


def delete_mapping(call: Call) -> dict[str, Any]:
    """Forget a mapping."""
    call.cloud.mappings.remove(call.params.demand("folder"))
    return {"message": "deleted"}


def _preset(call: Call, name: str, old: Definition) -> Definition:
    given = {key: value for key, value in call.params.values.items() if key not in _OWN}
    unsigned = call.params.flag("unsigned", default=old.get("unsigned", False))
    settings = {**old.get("settings", {}), **given}
    return {"name": name, "unsigned": unsigned, "settings": settings}
