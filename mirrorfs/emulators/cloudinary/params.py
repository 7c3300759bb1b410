"""Request parameters, however they were sent.

The API takes query strings, urlencoded and multipart forms, and JSON bodies; lists come as
``name[]=a``, ``name[0]=a`` or JSON arrays, booleans as ``true``, ``1`` or JSON
(https://cloudinary.com/documentation/admin_api#overview).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile

from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request

_INDEX = re.compile(r"\[\d*\]$")
_TRUE = {"true", "1", "yes"}


@dataclass(frozen=True)
class Sent:
    """A file part: an open temporary file, its size in bytes and the name it was sent under."""

    body: IO[bytes]
    size: int
    name: str


@dataclass(frozen=True)
class Params:
    """Named values (strings, JSON values, or lists of them) and at most one file part."""

    values: Mapping[str, Any] = field(default_factory=dict)
    file: Sent | None = None

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Give a value as text, the default when it is absent or null."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value[-1] if isinstance(value, list) and value else value)

    def demand(self, name: str) -> str:
        """Give a value as text; 400 in the service's words when it is missing."""
        if not self.text(name):
            raise bad_request(f"Missing required parameter - {name}")
        return self.text(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Give a value as a boolean."""
        return self.text(name).lower() in _TRUE if name in self else default

    def many(self, name: str) -> list[str]:
        """Give a list; a single text is split at commas."""
        value = self.values.get(name)
        if isinstance(value, list):
            return [str(one) for one in value if one != ""]
        return [one for one in self.text(name).split(",") if one]

    def raw(self, name: str) -> Any:
        """Give a value as it came, decoded when it is JSON text."""
        value = self.values.get(name)
        if isinstance(value, str) and value[:1] in {"{", "["}:
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value

    def count(self, name: str, default: int, most: int = 500) -> int:
        """Give a number of results, at most ``most``; 400 when it is no positive number."""
        text = self.text(name)
        if not text:
            return default
        if not text.isdigit() or int(text) < 1:
            raise bad_request(f"Invalid value for parameter {name} - {text}")
        return min(int(text), most)


def gather(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Collect pairs into a mapping; bracketed and repeated names become lists."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        bare = _INDEX.sub("", name)
        if bare != name:
            values.setdefault(bare, []).append(value)
        else:
            values[name] = value
    return values


def from_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Read a body that is JSON or urlencoded; 400 for broken JSON."""
    if not body:
        return {}
    if "json" in content_type or body[:1] == b"{":
        try:
            values = json.loads(body)
        except ValueError:
            raise bad_request("Invalid JSON request body") from None
        if not isinstance(values, dict):
            raise bad_request("Invalid JSON request body")
        return gather(values.items())
    text = body.decode("utf-8", "replace")
    return gather(parse_qsl(text, keep_blank_values=True))


def from_form(pairs: Iterable[tuple[str, Any]]) -> Params:
    """Read the parts of a multipart form."""
    fields = []
    sent = None
    for name, value in pairs:
        if isinstance(value, UploadFile):
            if name == "file":
                sent = Sent(value.file, value.size or 0, value.filename or "file")
        else:
            fields.append((name, value))
    return Params(gather(fields), sent)


def pairs_of(text: str) -> dict[str, str]:
    r"""Read ``key=value|key2=value2`` where ``\=`` and ``\|`` stand for the bare signs.

    This is how context and metadata are sent
    (https://cloudinary.com/documentation/image_upload_api_reference#upload_optional_parameters).
    """
    found = {}
    for pair in re.split(r"(?<!\\)\|", text):
        name, equals, value = _partition(pair)
        if not equals:
            if pair.strip():
                raise bad_request("Invalid context/metadata: must be key=value pairs")
            continue
        found[_unescape(name).strip()] = _unescape(value)
    return found


def _partition(pair: str) -> tuple[str, bool, str]:
    parts = re.split(r"(?<!\\)=", pair, maxsplit=1)
    return parts[0], len(parts) == 2, parts[-1]


def _unescape(text: str) -> str:
    return re.sub(r"\\([=|\\])", r"\1", text)


def unsupported(name: str) -> ApiError:
    """Refuse a parameter value in the words the service uses for unknown ones."""
    return bad_request(f"Invalid value for parameter {name}")
