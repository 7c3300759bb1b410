"""Archives of assets: https://cloudinary.com/documentation/image_upload_api_reference#generate_archive.

In dynamic folder mode entries are named by display name, in fixed mode by public id. With
transformations every asset becomes a folder with one file per transformation, unless
``flatten_transformations`` is set. An archive holds at most 1000 assets.
"""

from __future__ import annotations

import tarfile
import tempfile
import uuid
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.cloudinary.asset import Asset
from mirrorfs.emulators.cloudinary.described import tags_of
from mirrorfs.emulators.cloudinary.errors import bad_request, resource_not_found
from mirrorfs.emulators.cloudinary.folders import clean_path
from mirrorfs.emulators.cloudinary.naming import check_public_id, random_text
from mirrorfs.emulators.cloudinary.rendition import make_rendition
from mirrorfs.emulators.cloudinary.transformation import parse_chain
from mirrorfs.emulators.serving import ChunkResponse, media_type

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call

_MOST = 1000
_FORMATS = ("zip", "tgz")


@dataclass(frozen=True)
class _File:
    """One entry: its name in the archive and where its bytes come from."""

    name: str
    asset: Asset
    transformation: str = ""


async def generate_archive(call: Call) -> dict[str, Any] | Response:
    """Pack the chosen assets; ``mode`` decides whether to store the archive or to send it."""
    params = call.params
    format_ = params.text("target_format", "zip")
    if format_ not in _FORMATS:
        raise bad_request(f"Invalid value {format_} for parameter target_format")
    expires = params.text("expires_at")
    if expires.isdigit() and int(expires) < call.cloud.clock():
        raise bad_request("The download link has expired")
    assets = choose_assets(call)
    files = list(_files(call, assets))
    with tempfile.TemporaryFile() as target:
        await run_in_threadpool(_pack, call, files, target, format_)
        blob = call.cloud.blobs.adopt(target, target.seek(0, 2))
    if params.text("mode", "create") == "download":
        chunks = call.cloud.blobs.read(blob)
        headers = {"Content-Disposition": f'attachment; filename="archive.{format_}"'}
        headers["Content-Type"] = media_type(f"x.{format_}")
        return ChunkResponse(chunks, blob.size, 200, headers)
    counts = {"resource_count": len(assets), "file_count": len(files)}
    return {**_store(call, blob, format_), **counts}


def choose_assets(call: Call) -> list[Asset]:
    """Give the assets named by ids, prefixes or tags; 404 for missing ids, 400 if none is left."""
    params, account = call.params, call.cloud.account
    kind, type_ = call.path["resource_type"], params.text("type", "upload")
    wanted = [(kind, type_, one) for one in params.many("public_ids")]
    wanted += [_split(one) for one in params.many("fully_qualified_public_ids")]
    found: dict[str, Asset] = {}
    for key in wanted:
        asset = account.find(*key)
        if asset:
            found[asset.asset_id] = asset
        elif not params.flag("allow_missing"):
            raise resource_not_found(key[2])
    tags, prefixes = set(params.many("tags")), tuple(params.many("prefixes"))
    for asset in account:
        fits = kind in {"all", "auto", asset.resource_type} and asset.type == type_
        chosen = tags & set(asset.tags) or (prefixes and asset.public_id.startswith(prefixes))
        if fits and chosen and not asset.placeholder:
            found[asset.asset_id] = asset
    if not found:
        raise bad_request("No assets found for the archive")
    if len(found) > _MOST:
        raise bad_request(f"Too many assets for an archive: at most {_MOST}")
    return list(found.values())


def _files(call: Call, assets: Iterable[Asset]) -> Iterable[_File]:
    params = call.params
    steps = [one for one in params.text("transformations").split("|") if one]
    between = "_" if params.flag("flatten_transformations") else "/"
    taken: set[str] = set()
    for asset in assets:
        stem, extension = _entry_name(call, asset)
        stem = _distinct(stem, extension, taken)
        if not steps or asset.resource_type != "image":
            yield _File(stem + extension, asset)
        for at, step in enumerate(steps if asset.resource_type == "image" else ()):
            label = str(at + 1) if params.flag("skip_transformation_name") else step
            yield _File(f"{stem}{between}{label.replace('/', '_')}{extension}", asset, step)


def _entry_name(call: Call, asset: Asset) -> tuple[str, str]:
    """Give an entry's name and extension (with its dot)."""
    extension = f".{asset.format}" if asset.format else ""
    if call.params.flag("use_original_filename") and asset.original_filename:
        return asset.original_filename, extension
    if not call.cloud.dynamic:
        flat = call.params.flag("flatten_folders")
        return asset.public_id.rpartition("/")[2] if flat else asset.public_id, extension
    if asset.asset_folder and not call.params.flag("flatten_folders"):
        return f"{asset.asset_folder}/{asset.display_name}", extension
    return asset.display_name, extension


def _distinct(stem: str, extension: str, taken: set[str]) -> str:
    number, chosen = 1, stem
    while chosen + extension in taken:
        chosen = f"{stem}_{number}"
        number += 1
    taken.add(chosen + extension)
    return chosen


def _pack(call: Call, files: list[_File], target: IO[bytes], format_: str) -> None:
    if format_ == "zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                with packed.open(file.name, "w", force_zip64=True) as entry:
                    entry.writelines(_chunks(call, file))
        return
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for file in files:
            with tempfile.TemporaryFile() as body:
                body.writelines(_chunks(call, file))
                head = tarfile.TarInfo(file.name)
                head.size, head.mtime = body.tell(), int(file.asset.uploaded_at)
                body.seek(0)
                tar.addfile(head, body)


def _chunks(call: Call, file: _File) -> Iterable[bytes]:
    if not file.transformation:
        return call.cloud.blobs.read(file.asset.blob)
    chain = parse_chain(file.transformation)
    return [make_rendition(call.cloud, file.asset, chain).body]


def _store(call: Call, blob: Blob, format_: str) -> dict[str, Any]:
    """Keep an archive as a raw asset; give the Upload API's answer for it."""
    cloud, params, now = call.cloud, call.params, call.cloud.clock()
    public_id = check_public_id(params.text("target_public_id") or f"{random_text(20)}.{format_}")
    folder = clean_path(params.text("target_asset_folder")) if cloud.dynamic else ""
    old = cloud.account.find("raw", "upload", public_id)
    asset = Asset(
        asset_id=old.asset_id if old else uuid.uuid4().hex,
        resource_type="raw",
        type="upload",
        public_id=public_id,
        version=int(now),
        version_id=uuid.uuid4().hex,
        format="",
        bytes=blob.size,
        etag=cloud.blobs.digest(blob),
        blob=blob,
        created_at=now,
        uploaded_at=now,
        updated_at=now,
        asset_folder=folder or ("" if cloud.dynamic else public_id.rpartition("/")[0]),
        display_name=public_id.rpartition("/")[2],
        tags=tags_of(params, "target_tags"),
    )
    cloud.folders.create(asset.asset_folder, now)
    return call.writer.upload(cloud.account.save(asset))


def _split(name: str) -> tuple[str, str, str]:
    parts = name.split("/", 2)
    if len(parts) != 3:
        raise bad_request(f"Invalid fully qualified public id: {name}")
    return parts[0], parts[1], parts[2]
