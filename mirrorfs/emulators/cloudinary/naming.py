"""How an upload gets its public id, folder and display name.

https://cloudinary.com/documentation/image_upload_api_reference#upload_optional_parameters. A public
id has at most 255 characters, none of ``? & # \\ % < > +``, and no outer spaces or slashes. Without
one the id is 20 random characters, or the file's name with ``use_filename``, to which
``unique_filename`` (the default) adds ``_`` and six characters. Images and videos are named without
extension, raw files with it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.folders import clean_path
from mirrorfs.emulators.cloudinary.shelves import folder_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.params import Params

_ILLEGAL = re.compile(r"[?&#\\%<>+]")
_UNWANTED = re.compile(r"[?&#\\%<>+\s]+")


@dataclass(frozen=True)
class FileName:
    """The name a file was sent under, in two parts; ``extension`` is without dot."""

    stem: str
    extension: str


def file_name(params: Params, sent_as: str) -> FileName:
    """Give the file's name; ``filename_override`` replaces the one it was sent under."""
    path = PurePosixPath(params.text("filename_override") or sent_as.replace("\\", "/"))
    return FileName(path.stem, path.suffix.lstrip("."))


def choose_public_id(params: Params, name: FileName, kind: str, *, dynamic: bool) -> str:
    """Give the id an upload will have; 400 when the given one is not allowed."""
    suffix = f".{name.extension}" if kind == "raw" and name.extension else ""
    if "public_id" in params and params.text("public_id"):
        chosen = params.text("public_id")
    elif params.flag("use_filename"):
        chosen = _UNWANTED.sub("_", name.stem).strip("_ ") or random_text(20)
        if params.flag("unique_filename", default=True):
            chosen += f"_{random_text(6)}"
        chosen += suffix
    else:
        chosen = random_text(20) + suffix
    prefix = _prefix(params, dynamic=dynamic)
    if prefix and not chosen.startswith(f"{prefix}/"):
        chosen = f"{prefix}/{chosen}"
    return check_public_id(chosen)


def choose_folder(params: Params, public_id: str, *, dynamic: bool) -> str:
    """Give the folder an upload will be shown in."""
    if not dynamic:
        return public_id.rpartition("/")[0]
    return clean_path(params.text("asset_folder") or params.text("folder"))


def choose_display_name(params: Params, name: FileName, public_id: str, kind: str) -> str:
    """Give the display name: as asked, from the file's name, or the id's last segment."""
    if params.text("display_name"):
        return check_display_name(params.text("display_name"))
    if params.flag("use_filename_as_display_name"):
        extension = f".{name.extension}" if kind == "raw" and name.extension else ""
        return (name.stem + extension).replace("/", "_")
    return public_id.rpartition("/")[2]


def distinct_name(name: str, folder: str, others: Iterable[Asset]) -> str:
    """Give a display name no other asset of the folder has, with ``_`` and six characters added."""
    taken = {
        one.display_name for one in others if folder_key(one.asset_folder) == folder_key(folder)
    }
    return f"{name}_{random_text(6)}" if name in taken else name


def check_display_name(name: str) -> str:
    """Refuse display names with a slash or of more than 255 characters (400)."""
    if "/" in name or len(name) > 255:
        raise bad_request(f"Invalid display name: {name}")
    return name


def check_public_id(public_id: str) -> str:
    """Refuse ids that are not allowed (400)."""
    outer = public_id != public_id.strip() or public_id != public_id.strip("/")
    if not public_id or len(public_id) > 255 or outer or _ILLEGAL.search(public_id):
        raise bad_request(f"public_id ({public_id}) is invalid")
    return public_id


def random_text(count: int) -> str:
    """Give random lower-case letters and digits."""
    return secrets.token_hex(count)[:count]


def _prefix(params: Params, *, dynamic: bool) -> str:
    if not dynamic:
        return clean_path(params.text("folder"))
    if params.flag("use_asset_folder_as_public_id_prefix"):
        return clean_path(params.text("asset_folder"))
    return clean_path(params.text("public_id_prefix") or params.text("folder"))
