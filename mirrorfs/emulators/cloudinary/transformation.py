"""Transformation strings: ``c_fill,w_100,h_100/f_jpg,q_80``.

Steps are separated by slashes, parameters by commas; a parameter is a short name, ``_`` and a value
(https://cloudinary.com/documentation/transformation_reference).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request
from mirrorfs.emulators.cloudinary.sniff import plain_format

_NAMES = {
    "a": "angle", "ac": "audio_codec", "af": "audio_frequency", "ar": "aspect_ratio",
    "b": "background", "bo": "border", "br": "bit_rate", "c": "crop", "co": "color",
    "cs": "color_space", "d": "default_image", "dl": "delay", "dn": "density", "dpr": "dpr",
    "du": "duration", "e": "effect", "eo": "end_offset", "f": "fetch_format", "fl": "flags",
    "fn": "custom_function", "fps": "fps", "g": "gravity", "h": "height", "if": "if",
    "ki": "keyframe_interval", "l": "overlay", "o": "opacity", "p": "prefix", "pg": "page",
    "q": "quality", "r": "radius", "so": "start_offset", "sp": "streaming_profile",
    "t": "transformation", "u": "underlay", "vc": "video_codec", "vs": "video_sampling",
    "w": "width", "x": "x", "y": "y", "z": "zoom",
}  # fmt: skip
_PARAMETER = re.compile(r"([a-z]{1,3})_(.+)")
_FORMAT_LENGTH = 5
_NUMBER = re.compile(r"-?\d+")
_VARIABLE = re.compile(r"\$\w+_.+")


@dataclass(frozen=True)
class Chain:
    """Steps in order, each its parameters by short name; ``original`` for ``fl_original``."""

    steps: tuple[Mapping[str, str], ...] = ()

    @property
    def original(self) -> bool:
        """Whether the stored file itself is asked for."""
        return any("original" in step.get("fl", "").split(".") for step in self.steps)

    def last(self, name: str) -> str:
        """Give the value of a parameter in the last step that has it, or an empty text."""
        found = [step[name] for step in self.steps if name in step]
        return found[-1] if found else ""


def looks_like_transformation(segment: str) -> bool:
    """Tell whether a URL segment is a step rather than a folder."""
    parts = segment.split(",")
    known = [_is_known(part) for part in parts]
    return all(known) or (len(parts) > 1 and all("_" in part for part in parts))


def parse_chain(text: str) -> Chain:
    """Read a transformation string; 400 with the service's words for what it does not know."""
    return Chain(tuple(_parse_step(segment) for segment in text.split("/") if segment))


def normalize(text: str) -> str:
    """Write a transformation the way the service lists it: parameters in alphabetical order."""
    return "/".join(",".join(sorted(segment.split(","))) for segment in text.split("/"))


def split_format(text: str) -> tuple[str, str]:
    """Split a transformation into its steps and the format behind its last slash, if any."""
    steps, slash, tail = text.rpartition("/")
    if slash and "_" not in tail and len(tail) <= _FORMAT_LENGTH:
        return normalize(steps), plain_format(tail)
    return normalize(text), ""


def describe_chain(text: str) -> list[dict[str, Any]]:
    """Give a transformation as the Admin API's ``info``: long names, whole numbers as numbers."""
    return [
        {_NAMES.get(name, name): _typed(value) for name, value in step.items()}
        for step in parse_chain(text).steps
    ]


def invalid(name: str, value: str) -> ApiError:
    """Refuse a value in the service's words."""
    return bad_request(f"Invalid {_NAMES.get(name, name)} in transformation: {value}")


def _parse_step(segment: str) -> dict[str, str]:
    step: dict[str, str] = {}
    for part in segment.split(","):
        match = _PARAMETER.fullmatch(part)
        if match and match[1] in _NAMES:
            step[match[1]] = match[2]
        elif not _VARIABLE.fullmatch(part):
            raise bad_request(f"Invalid transformation component - {part}")
    return step


def _is_known(part: str) -> bool:
    match = _PARAMETER.fullmatch(part)
    return bool(match and match[1] in _NAMES) or bool(_VARIABLE.fullmatch(part))


def _typed(value: str) -> str | int:
    return int(value) if _NUMBER.fullmatch(value) else value
