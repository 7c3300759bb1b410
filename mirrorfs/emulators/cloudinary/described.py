"""Descriptive data of an asset: tags, context, metadata, moderation, access control.

Shared by upload, explicit and the Admin API's update.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.metadata import checked_metadata, with_defaults
from mirrorfs.emulators.cloudinary.params import Params, pairs_of

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.cloud import Cloud


def describe(asset: Asset, cloud: Cloud, params: Params) -> Asset:
    """Give a freshly uploaded asset what its request says, and the defaults of metadata fields."""
    described = change(asset, cloud, params)
    return replace(described, metadata=with_defaults(cloud, described.metadata))


def change(asset: Asset, cloud: Cloud, params: Params) -> Asset:
    """Give an asset with what a request says about it; what it does not name stays."""
    changes: dict[str, Any] = {}
    if "tags" in params:
        changes["tags"] = tags_of(params)
    if "context" in params:
        changes["context"] = context_of(params)
    if "metadata" in params:
        changes["metadata"] = {**asset.metadata, **metadata_of(cloud, params)}
    if "moderation" in params:
        changes["moderation"] = tuple(
            _moderation(one) for one in params.text("moderation").split("|")
        )
    if "access_control" in params:
        rules = params.raw("access_control")
        changes["access_control"] = tuple(rules if isinstance(rules, list) else [rules])
    coordinates = _coordinates(params)
    if coordinates:
        changes["coordinates"] = {**asset.coordinates, **coordinates}
    if changes:
        changes["updated_at"] = cloud.clock()
    return replace(asset, **changes)


def tags_of(params: Params, name: str = "tags") -> tuple[str, ...]:
    """Read tags, without blanks and repetitions."""
    texts = (part.strip() for one in params.many(name) for part in one.split(","))
    return tuple(dict.fromkeys(text for text in texts if text))


def context_of(params: Params) -> dict[str, str]:
    """Read context pairs; 400 beyond 1000 pairs or 1024 characters a value."""
    raw = params.raw("context")
    pairs = (
        {str(k): str(v) for k, v in raw.items()} if isinstance(raw, dict) else pairs_of(str(raw))
    )
    if len(pairs) > 1000 or any(len(value) > 1024 for value in pairs.values()):
        raise bad_request("Context: too many pairs, or a value of more than 1024 characters")
    return pairs


def metadata_of(cloud: Cloud, params: Params) -> dict[str, Any]:
    """Read metadata pairs, checked against the account's fields."""
    raw = params.raw("metadata")
    return checked_metadata(cloud, raw if isinstance(raw, dict) else pairs_of(str(raw)))


def _moderation(kind: str) -> dict[str, str]:
    if kind != "manual":
        raise bad_request(f"Moderation kind {kind} is not supported: it needs an add-on")
    return {"kind": "manual", "status": "pending"}


def _coordinates(params: Params) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, key in (("face_coordinates", "faces"), ("custom_coordinates", "custom")):
        if name in params:
            text = params.text(name)
            boxes = [[int(number) for number in box.split(",")] for box in text.split("|") if box]
            found[key] = boxes
    return found
