"""Images made of other images or of text: text, sprite, multi.

https://cloudinary.com/documentation/image_upload_api_reference#text, #sprite, #multi. A sprite's
CSS and JSON are named in the answer but not served.
"""

from __future__ import annotations

import io
import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFont
from starlette.concurrency import run_in_threadpool

from mirrorfs.emulators.cloudinary.asset import Asset
from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.naming import check_public_id, random_text
from mirrorfs.emulators.cloudinary.sources import fetch
from mirrorfs.emulators.cloudinary.transformation import parse_chain

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call

Pictures = list[tuple[str, Image.Image]]

_FONT_SIZE = 12


def text(call: Call) -> dict[str, Any]:
    """Make an image of a text."""
    wanted = call.params.demand("text")
    size = int(call.params.text("font_size") or _FONT_SIZE)
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(wanted)
    image = Image.new("RGBA", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), wanted, fill="black", font=font)
    public_id = check_public_id(call.params.text("public_id") or random_text(20))
    return call.writer.upload(_store(call, "text", public_id, ([image], "png")))


async def sprite(call: Call) -> dict[str, Any]:
    """Stack all images of a tag, or of a list of URLs, into one."""
    pictures = await _pictures(call)
    whole = Image.new(
        "RGBA",
        (max(one.width for _, one in pictures), sum(one.height for _, one in pictures)),
    )
    infos, top = {}, 0
    for name, image in pictures:
        whole.paste(image, (0, top))
        infos[name] = {"width": image.width, "height": image.height, "x": 0, "y": top}
        top += image.height
    asset = _store(call, "sprite", _name(call), ([whole], "png"))
    steps = call.params.text("transformation")
    answer: dict[str, Any] = {"public_id": asset.public_id, "version": asset.version}
    for kind, format_ in (("css", "css"), ("image", "png"), ("json", "json")):
        url = call.writer.url(asset, steps, format_)
        answer[f"{kind}_url"] = answer[f"secure_{kind}_url"] = url
    return {**answer, "image_infos": infos}


async def multi(call: Call) -> dict[str, Any]:
    """Bind all images of a tag, or of a list of URLs, into a GIF or a PDF."""
    steps = call.params.text("transformation")
    format_ = parse_chain(steps).last("f") or call.params.text("format") or "gif"
    if format_ not in {"gif", "pdf"}:
        raise bad_request(f"Unsupported format - {format_}")
    images = [image for _, image in await _pictures(call)]
    asset = _store(call, "multi", _name(call), (images, format_))
    url = call.writer.url(asset, steps, format_)
    answer = {"public_id": asset.public_id, "version": asset.version}
    return {**answer, "url": url, "secure_url": url}


async def _pictures(call: Call) -> Pictures:
    urls = call.params.many("urls")
    if urls:
        sent = [await run_in_threadpool(fetch, one) for one in urls]
        found = [
            (PurePosixPath(urlsplit(url).path).stem, Image.open(one.body))
            for url, one in zip(urls, sent, strict=True)
        ]
    else:
        account = call.cloud.account
        tagged = account.shelves.get("tag", "image", call.params.demand("tag"))
        assets = [account.demand_id(one) for one in tagged]
        found = [
            (one.public_id, Image.open(io.BytesIO(call.cloud.blobs.whole(one.blob))))
            for one in assets
        ]
    if not found:
        raise bad_request("No images found")
    return [(name, image.convert("RGBA")) for name, image in found]


def _name(call: Call) -> str:
    given = call.params.text("public_id") or call.params.text("tag")
    return check_public_id(given or random_text(20))


def _store(call: Call, type_: str, public_id: str, made: tuple[list[Image.Image], str]) -> Asset:
    images, format_ = made
    target = io.BytesIO()
    first = images[0].convert("RGB") if format_ == "pdf" else images[0]
    rest = [one.convert(first.mode) for one in images[1:]]
    first.save(
        target, format_.upper(), **({"save_all": True, "append_images": rest} if rest else {})
    )
    cloud, now = call.cloud, call.cloud.clock()
    blob = cloud.blobs.write(target.getvalue())
    asset = Asset(
        asset_id=uuid.uuid4().hex,
        resource_type="image",
        type=type_,
        public_id=public_id,
        version=int(now),
        version_id=uuid.uuid4().hex,
        format=format_,
        bytes=blob.size,
        etag=cloud.blobs.digest(blob),
        blob=blob,
        created_at=now,
        uploaded_at=now,
        updated_at=now,
        display_name=public_id.rpartition("/")[2],
        width=first.width,
        height=first.height,
        pages=len(images),
    )
    return cloud.account.save(asset)
