"""Delivery URLs and what they serve.

``/<cloud>/<resource_type>/<type>/[s--…--/][<transformation>/…][v<version>/]<id>.<ext>``, see
https://cloudinary.com/documentation/image_transformations#transformation_url_structure. The version
does not choose a state of the asset, it only keeps caches apart. Failures carry ``X-Cld-Error``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from mirrorfs.emulators.cloudinary.contents import original_content, rendition_content
from mirrorfs.emulators.cloudinary.errors import ApiError, resource_not_found
from mirrorfs.emulators.cloudinary.failures import OPTIMIZE
from mirrorfs.emulators.cloudinary.moments import parse_moment
from mirrorfs.emulators.cloudinary.render import escape_id
from mirrorfs.emulators.cloudinary.rendition import make_rendition
from mirrorfs.emulators.cloudinary.responsive import breakpoints_wanted, list_breakpoints
from mirrorfs.emulators.cloudinary.signatures import url_signatures
from mirrorfs.emulators.cloudinary.sniff import plain_format
from mirrorfs.emulators.cloudinary.transformation import (
    Chain,
    looks_like_transformation,
    parse_chain,
)
from mirrorfs.emulators.serving import send_content

if TYPE_CHECKING:
    from starlette.requests import Request

    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.cloud import Cloud

_SIGNATURE = re.compile(r"s--([\w-]{8}|[\w-]{32})--")
_VERSION = re.compile(r"v\d+")
_DOCUMENTS = {"pdf", "zip", "rar", "tgz", "gz", "7z"}
_DENIED = "deny or ACL failure"


@dataclass(frozen=True)
class Address:
    """A delivery URL taken apart; ``transformation`` is the part between type and version."""

    resource_type: str
    type: str
    signature: str
    transformation: str
    name: str


def parse_address(resource_type: str, type_: str, rest: str) -> Address:
    """Take the path behind the delivery type apart."""
    parts = rest.split("/")
    signature = ""
    match = _SIGNATURE.fullmatch(parts[0])
    if match and len(parts) > 1:
        signature = match[1]
        parts = parts[1:]
    versions = [at for at, part in enumerate(parts[:-1]) if _VERSION.fullmatch(part)]
    if versions:
        steps, name = parts[: versions[0]], parts[versions[0] + 1 :]
    else:
        split = 0
        while split < len(parts) - 1 and looks_like_transformation(parts[split]):
            split += 1
        steps, name = parts[:split], parts[split:]
    return Address(resource_type, type_, signature, "/".join(steps), "/".join(name))


async def deliver(cloud: Cloud, request: Request) -> Response:
    """Serve an asset or a rendition of it."""
    path = request.path_params
    if path["cloud"] != cloud.settings.cloud_name:
        return _failure(ApiError(404, f"cloud_name {path['cloud']} is not known here"))
    address = parse_address(path["resource_type"], path["type"], path["rest"])
    try:
        return await _serve(cloud, request, address)
    except ApiError as error:
        return _failure(error)


async def _serve(cloud: Cloud, request: Request, address: Address) -> Response:
    asset, format_ = find_addressed(cloud, address)
    _check_access(cloud, asset, address)
    wanted = breakpoints_wanted(address.transformation)
    if wanted:
        return list_breakpoints(asset, wanted)
    chain = parse_chain(address.transformation)
    if asset.resource_type == "image" and _is_remade(cloud, request, asset, (chain, format_)):
        made = await run_in_threadpool(make_rendition, cloud, asset, chain, format_)
        content = rendition_content(made, asset)
    else:
        content = original_content(cloud, asset)
    return send_content(content, request.headers)


def _is_remade(cloud: Cloud, request: Request, asset: Asset, wanted: tuple[Chain, str]) -> bool:
    """Tell whether an image is delivered as something else than its stored file."""
    chain, format_ = wanted
    if chain.original:
        return False
    optimized = (
        request.scope.get("extensions", {}).get(OPTIMIZE) or cloud.settings.optimize_by_default
    )
    return bool(chain.steps or format_ not in {"", asset.format} or optimized)


def find_addressed(cloud: Cloud, address: Address) -> tuple[Asset, str]:
    """Find the asset of an address and the format asked for (empty: its own); 404 if none."""
    find, kind = cloud.account.find, address.resource_type
    asset = find(kind, address.type, address.name)
    if asset and not asset.placeholder:
        return asset, ""
    stem, dot, extension = address.name.rpartition(".")
    asset = find(kind, address.type, stem) if dot and kind != "raw" else None
    if asset is None or asset.placeholder:
        raise resource_not_found(address.name)
    return asset, plain_format(extension)


def _check_access(cloud: Cloud, asset: Asset, address: Address) -> None:
    """Refuse what needs a signature, what an ACL closes, and documents where they are blocked."""
    signed = escape_id(address.name)
    if address.transformation:
        signed = f"{address.transformation}/{signed}"
    if address.signature:
        if address.signature not in url_signatures(signed, cloud.settings.api_secret):
            raise ApiError(401, f"Invalid signature {address.signature}")
    elif asset.type == "authenticated" or (asset.type == "private" and not address.transformation):
        raise ApiError(401, _DENIED)
    extension = address.name.rpartition(".")[2].lower()
    if cloud.settings.block_documents and extension in _DOCUMENTS:
        raise ApiError(401, _DENIED)
    if asset.access_control and not _is_open(asset, cloud.clock()):
        raise ApiError(401, _DENIED)


def _is_open(asset: Asset, now: float) -> bool:
    """Tell whether an anonymous rule of an asset's access control covers this moment."""
    for rule in asset.access_control:
        if rule.get("access_type") == "anonymous":
            start = parse_moment(rule["start"]) if rule.get("start") else now
            end = parse_moment(rule["end"]) if rule.get("end") else now
            if start <= now <= end:
                return True
    return False


def _failure(error: ApiError) -> Response:
    message = error.message.encode("ascii", "replace").decode()
    return Response(
        status_code=error.status, headers={"X-Cld-Error": message, "Server": "Cloudinary"}
    )
