"""What upload and explicit make besides the asset: eager renditions, breakpoints, analysis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.asset import Asset, Derived
from mirrorfs.emulators.cloudinary.details import quality_analysis
from mirrorfs.emulators.cloudinary.render import derived_id
from mirrorfs.emulators.cloudinary.rendition import Rendition, make_rendition
from mirrorfs.emulators.cloudinary.responsive import choose_widths, read_breakpoints
from mirrorfs.emulators.cloudinary.sniff import plain_format
from mirrorfs.emulators.cloudinary.transformation import (
    Chain,
    normalize,
    parse_chain,
    split_format,
)

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.params import Params


def with_extras(call: Call, asset: Asset, params: Params) -> tuple[Asset, dict[str, Any]]:
    """Make what a request asks for; give the asset with it and what the answer says of it."""
    extras: dict[str, Any] = {}
    if params.flag("quality_analysis"):
        extras["quality_analysis"] = quality_analysis()
    if "faces" in params or "face_coordinates" in params:
        extras["faces"] = _clip(asset)
    if asset.resource_type != "image":
        return asset, extras
    if "eager" in params:
        asset, extras["eager"] = _make_eager(call, asset, params.text("eager"))
    if "responsive_breakpoints" in params:
        wanted = params.raw("responsive_breakpoints")
        entries = wanted if isinstance(wanted, list) else [wanted]
        extras["responsive_breakpoints"] = [_respond(call, asset, entry) for entry in entries]
    return asset, extras


def _make_eager(call: Call, asset: Asset, text: str) -> tuple[Asset, list[dict[str, Any]]]:
    answers = []
    for one in filter(None, text.split("|")):
        steps, format_ = split_format(one)
        made = make_rendition(call.cloud, asset, parse_chain(steps), format_)
        call.cloud.note_transformation(one)
        asset = _with_derived(asset, steps, format_, made)
        url = call.writer.url(asset, steps, format_)
        answers.append(
            {
                "transformation": steps,
                "width": made.width,
                "height": made.height,
                "bytes": len(made.body),
                "format": made.format,
                "url": url,
                "secure_url": url,
            }
        )
    return asset, answers


def _with_derived(asset: Asset, steps: str, format_: str, made: Rendition) -> Asset:
    new = Derived(
        derived_id(asset, steps, format_),
        steps,
        made.format,
        len(made.body),
        made.width,
        made.height,
    )
    return replace(asset, derived=(*(one for one in asset.derived if one.id != new.id), new))


def _respond(call: Call, asset: Asset, entry: dict[str, Any]) -> dict[str, Any]:
    """Give the breakpoints of one entry, measured on the image its transformation makes."""
    text = _steps(entry.get("transformation", ""))
    format_ = plain_format(entry.get("format", ""))
    whole = make_rendition(call.cloud, asset, parse_chain(text) if text else Chain(), format_)
    found = []
    for width in choose_widths(whole.width, len(whole.body), read_breakpoints(entry)):
        steps = "/".join(filter(None, (text, f"c_scale,w_{width}")))
        url = call.writer.url(asset, steps, format_)
        found.append(
            {
                "width": width,
                "height": max(1, round(whole.height * width / whole.width)),
                "bytes": round(len(whole.body) * (width / whole.width) ** 2),
                "url": url,
                "secure_url": url,
            }
        )
    answer: dict[str, Any] = {"breakpoints": found}
    if text:
        answer["transformation"] = text
    return answer


def _steps(transformation: Any) -> str:
    return normalize(str(transformation)) if transformation else ""


def _clip(asset: Asset) -> list[list[int]]:
    """Give face boxes (x, y, width, height) cut at the image's sides."""
    width, height = asset.width or 0, asset.height or 0
    boxes = asset.coordinates.get("faces", [])
    return [[x, y, min(w, width), min(h, height)] for x, y, w, h in boxes]
