"""Responsive breakpoints: at which widths an image is worth another rendition.

https://cloudinary.com/documentation/responsive_server_side_client_hints#responsive_breakpoints.
The widths here are those between the least and the most wanted whose sizes, judged by area, differ
by at least ``bytes_step``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.responses import Response

    from mirrorfs.emulators.cloudinary.asset import Asset

_WANTED = re.compile(r"w_auto:breakpoints(?:_(\d+)_(\d+)_(\d+)_(\d+))?:json")


@dataclass(frozen=True)
class Breakpoints:
    """Bounds in pixels, the step in bytes, and how many widths at most."""

    min_width: int = 50
    max_width: int = 1000
    bytes_step: int = 20_000
    max_images: int = 20


def read_breakpoints(wanted: dict[str, Any]) -> Breakpoints:
    """Read the settings of one ``responsive_breakpoints`` entry."""
    default = Breakpoints()
    return Breakpoints(
        int(wanted.get("min_width", default.min_width)),
        int(wanted.get("max_width", default.max_width)),
        int(wanted.get("bytes_step", default.bytes_step)),
        int(wanted.get("max_images", default.max_images)),
    )


def choose_widths(width: int, size: int, wanted: Breakpoints) -> list[int]:
    """Choose widths, largest first, for an image of ``width`` pixels and ``size`` bytes."""
    most = min(width, wanted.max_width)
    least = min(wanted.min_width, most)
    widths = [most]
    for candidate in range(most - 1, least, -1):
        if len(widths) + 1 >= wanted.max_images:
            break
        gap = size * (widths[-1] ** 2 - candidate**2) / width**2
        if gap >= wanted.bytes_step:
            widths.append(candidate)
    return widths if least == most else [*widths, least]


def breakpoints_wanted(transformation: str) -> Breakpoints | None:
    """Read ``w_auto:breakpoints[_min_max_kilobytes_images]:json``; None if it is not asked for."""
    match = _WANTED.search(transformation)
    if match is None:
        return None
    if match[1] is None:
        return Breakpoints()
    return Breakpoints(int(match[1]), int(match[2]), int(match[3]) * 1000, int(match[4]))


def list_breakpoints(asset: Asset, wanted: Breakpoints) -> Response:
    """Answer with the widths of an asset as JSON."""
    width = asset.width or wanted.max_width
    return JSONResponse({"breakpoints": choose_widths(width, asset.bytes, wanted)})
