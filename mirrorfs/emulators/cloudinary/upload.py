"""The upload action: https://cloudinary.com/documentation/image_upload_api_reference#upload."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from mirrorfs.emulators.cloudinary.asset import DELIVERY_TYPES, Asset, Version
from mirrorfs.emulators.cloudinary.chunks import parse_piece
from mirrorfs.emulators.cloudinary.described import describe
from mirrorfs.emulators.cloudinary.eager import with_extras
from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.naming import (
    FileName,
    choose_display_name,
    choose_folder,
    choose_public_id,
    distinct_name,
    file_name,
)
from mirrorfs.emulators.cloudinary.params import Params, Sent
from mirrorfs.emulators.cloudinary.picture import Shape
from mirrorfs.emulators.cloudinary.received import Received, check_size, identify, receive
from mirrorfs.emulators.cloudinary.rendition import expand, transform
from mirrorfs.emulators.cloudinary.sniff import plain_format
from mirrorfs.emulators.cloudinary.sources import is_remote, open_source
from mirrorfs.emulators.cloudinary.transformation import parse_chain

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.cloud import Cloud

_LARGE = 1 << 20


@dataclass(frozen=True)
class _Upload:
    """An upload on its way: its bytes, how they are to be named, and what came with them."""

    params: Params
    received: Received
    name: FileName


async def upload(call: Call) -> dict[str, Any]:
    """Store one file or one piece of it; give the asset, or how far the pieces have come."""
    cloud = call.cloud
    params = _with_preset(call)
    _refuse_add_ons(params)
    sent = (
        await run_in_threadpool(open_source, params) if is_remote(params) else open_source(params)
    )
    check_size(sent.size, cloud.settings.request_max_bytes)
    wanted = call.path["resource_type"]
    upload_id, span = call.headers.get("x-unique-upload-id"), call.headers.get("content-range")
    if upload_id and span:
        piece = parse_piece(span, sent.size)
        received = await run_in_threadpool(cloud.chunks.add, upload_id, piece, sent.body)
        if not piece.is_last:
            return _unfinished(call, params, sent, received)
        path = cloud.chunks.finish(upload_id, piece.total)
        with path.open("rb") as whole:
            path.unlink()
            return await _store(call, params, Sent(whole, piece.total, sent.name), wanted)
    return await _store(call, params, sent, wanted)


async def _store(call: Call, params: Params, sent: Sent, wanted: str) -> dict[str, Any]:
    arguments = (sent, wanted, call.cloud.settings, call.cloud.blobs)
    if sent.size > _LARGE:
        received = await run_in_threadpool(receive, *arguments)
    else:
        received = receive(*arguments)
    if {"transformation", "format"} & params.values.keys():
        received = await run_in_threadpool(_transform, call.cloud, params, received)
    return keep(call, _Upload(params, received, file_name(params, sent.name)))


def _transform(cloud: Cloud, params: Params, received: Received) -> Received:
    """Apply an incoming transformation: what is stored differs from what was sent."""
    if received.resource_type != "image":
        return received
    chain = expand(cloud, parse_chain(params.text("transformation")))
    format_ = plain_format(params.text("format")) or received.format
    made = transform(cloud.blobs.whole(received.blob), chain, format_)
    cloud.blobs.remove(received.blob)
    blob = cloud.blobs.write(made.body)
    return Received("image", made.format, blob, made.etag, Shape(made.width, made.height))


def _refuse_add_ons(params: Params) -> None:
    """Refuse what needs an add-on: none is installed here."""
    if "raw_convert" in params:
        raise bad_request("Raw convert is invalid")
    if "categorization" in params:
        raise bad_request(f"Categorization item {params.text('categorization')} is not valid")
    if "detection" in params:
        raise bad_request(f"Detection invalid model '{params.text('detection')}'")
    if "background_removal" in params:
        raise bad_request("Background removal is invalid")
    if "eval" in params or "on_success" in params:
        raise bad_request("eval and on_success are not supported")


def keep(call: Call, job: _Upload) -> dict[str, Any]:
    """Name and save an asset whose bytes are stored; give the documented answer."""
    cloud, params = call.cloud, job.params
    _check_format(params, job.received)
    type_ = _type(params)
    kind = job.received.resource_type
    public_id = choose_public_id(params, job.name, kind, dynamic=cloud.dynamic)
    old = cloud.account.find(kind, type_, public_id)
    if old and not old.placeholder and not _overwrites(params):
        cloud.blobs.remove(job.received.blob)
        return {**call.writer.upload(old), "existing": True}
    asset = describe(_compose(cloud, job, (kind, type_, public_id), old), cloud, params)
    _retire(cloud, old, asset)
    cloud.folders.create(asset.asset_folder, cloud.clock())
    asset, extras = with_extras(call, asset, params)
    cloud.account.save(asset)
    answer = {**call.writer.upload(asset), **extras}
    if old and not old.placeholder:
        answer["overwritten"] = True
    return answer


def _compose(cloud: Cloud, job: _Upload, key: tuple[str, str, str], old: Asset | None) -> Asset:
    """Make the asset; an overwrite keeps id, first creation and place, and loses the rest."""
    now, received, params = cloud.clock(), job.received, job.params
    kind, type_, public_id = key
    folder = choose_folder(params, public_id, dynamic=cloud.dynamic)
    name = choose_display_name(params, job.name, public_id, kind)
    if params.flag("unique_display_name"):
        name = distinct_name(name, folder, cloud.account)
    if old and not {"asset_folder", "folder"} & params.values.keys():
        folder = old.asset_folder
    if old and "display_name" not in params:
        name = old.display_name
    return Asset(
        asset_id=old.asset_id if old else uuid.uuid4().hex,
        resource_type=kind,
        type=type_,
        public_id=public_id,
        version=int(now),
        version_id=uuid.uuid4().hex,
        format=received.format,
        bytes=received.blob.size,
        etag=received.etag,
        blob=received.blob,
        created_at=old.created_at if old else now,
        uploaded_at=now,
        updated_at=now,
        asset_folder=folder,
        display_name=name,
        original_filename=job.name.stem,
        width=received.shape.width,
        height=received.shape.height,
        pages=received.shape.pages if kind == "image" else None,
        versions=_versions(cloud, params, old, received, now),
    )


def _versions(
    cloud: Cloud, params: Params, old: Asset | None, received: Received, now: float
) -> tuple[Version, ...]:
    kept = old.versions if old else ()
    if not params.flag("backup", default=cloud.settings.automatic_backup):
        return kept
    current = Version(
        version_id=uuid.uuid4().hex,
        version=int(now),
        format=received.format,
        bytes=received.blob.size,
        etag=received.etag,
        time=now,
        blob=received.blob,
        width=received.shape.width,
        height=received.shape.height,
    )
    return (*kept, current)


def _retire(cloud: Cloud, old: Asset | None, new: Asset) -> None:
    """Delete the bytes of an overwritten asset unless a backup holds them."""
    if old and old.blob not in (one.blob for one in new.versions):
        cloud.blobs.remove(old.blob)


def _unfinished(call: Call, params: Params, sent: Sent, received: int) -> dict[str, Any]:
    name = file_name(params, sent.name)
    kind = call.path["resource_type"]
    if "public_id" not in params and kind == "auto":
        kind = identify(sent, kind)[0]
    return {
        "done": False,
        "bytes": received,
        "kind": "upload",
        "resource_type": kind,
        "public_id": choose_public_id(params, name, kind, dynamic=call.cloud.dynamic),
    }


def _with_preset(call: Call) -> Params:
    """Add what an upload preset says and the request does not; unsigned ones never overwrite."""
    params, name = call.params, call.params.text("upload_preset")
    if not name:
        return params
    preset = call.cloud.presets.find(name)
    if preset is None:
        raise bad_request("Upload preset not found")
    values = {**preset["settings"], **params.values}
    if "signature" not in params and "authorization" not in call.headers:
        values["overwrite"] = False
    return replace(params, values=values)


def _overwrites(params: Params) -> bool:
    return params.flag("overwrite", default=True)


def _type(params: Params) -> str:
    type_ = params.text("type", "upload")
    if type_ not in DELIVERY_TYPES:
        raise bad_request(f"Invalid value {type_} for parameter type")
    return type_


def _check_format(params: Params, received: Received) -> None:
    allowed = [plain_format(one) for one in params.many("allowed_formats")]
    if allowed and received.format not in allowed:
        raise bad_request(
            f"Image file format {received.format} not allowed"
            if received.format
            else "Raw file format not allowed"
        )
