"""Renditions: what Pillow makes of an image and a transformation.

The common part of https://cloudinary.com/documentation/transformation_reference: resizing, format,
quality, angle, radius-free effects, opacity and text overlays. Parameters that only matter to the
service's own codecs or to video are accepted and change nothing.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from mirrorfs.emulators.cloudinary.effects import apply_look
from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request
from mirrorfs.emulators.cloudinary.resizing import resize
from mirrorfs.emulators.cloudinary.sniff import plain_format
from mirrorfs.emulators.cloudinary.transformation import Chain, invalid, parse_chain
from mirrorfs.emulators.serving import media_type

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.cloud import Cloud

_WRITERS = {
    "jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP",
    "tiff": "TIFF", "ico": "ICO", "pdf": "PDF",
}  # fmt: skip
_OPAQUE = {"jpg", "bmp", "pdf"}
_AUTO_QUALITY = {"auto": 75, "best": 90, "good": 80, "eco": 65, "low": 50}
_DEFAULT_QUALITY = 82


@dataclass(frozen=True)
class Rendition:
    """A made file: its bytes, format and size in pixels."""

    body: bytes
    format: str
    width: int
    height: int

    @property
    def etag(self) -> str:
        """The MD5 of the bytes."""
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()

    @property
    def media_type(self) -> str:
        """The Content-Type."""
        return media_type(f"x.{self.format}")


def make_rendition(cloud: Cloud, asset: Asset, chain: Chain, format_: str = "") -> Rendition:
    """Transform a stored image; 400 for what it does not know, 404 if Pillow cannot read it."""
    named = expand(cloud, chain)
    wanted = format_ or asset.format
    return transform(cloud.blobs.whole(asset.blob), named, wanted)


def transform(body: bytes, chain: Chain, format_: str) -> Rendition:
    """Transform image bytes into a format, which ``f_`` overrules."""
    try:
        opened = Image.open(io.BytesIO(body))
        opened.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise ApiError(400, "Invalid image file") from None
    image: Image.Image = opened.convert("RGBA" if _has_alpha(opened) else "RGB")
    for step in chain.steps:
        image = apply_look(resize(image, step), step)
    chosen = chain.last("f")
    wanted = format_ if chosen in {"", "auto"} else plain_format(chosen)
    return _write(image, wanted, _quality(chain))


def expand(cloud: Cloud, chain: Chain) -> Chain:
    """Replace named transformations by their steps; 400 for unknown names."""
    steps: list[Mapping[str, str]] = []
    for step in chain.steps:
        if "t" in step:
            found = cloud.transformations.find(step["t"])
            if found is None:
                raise invalid("t", step["t"])
            steps.extend(parse_chain(found["text"]).steps)
        else:
            steps.append(step)
    return Chain(tuple(steps))


def _write(image: Image.Image, format_: str, quality: int) -> Rendition:
    writer = _WRITERS.get(format_)
    if writer is None:
        raise bad_request(f"Unsupported format - {format_}")
    if format_ in _OPAQUE and image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    target = io.BytesIO()
    image.save(target, writer, **({"quality": quality} if format_ in {"jpg", "webp"} else {}))
    return Rendition(target.getvalue(), format_, image.width, image.height)


def _quality(chain: Chain) -> int:
    text = chain.last("q")
    if not text:
        return _DEFAULT_QUALITY
    head, _, tail = text.partition(":")
    if head in _AUTO_QUALITY:
        return _AUTO_QUALITY.get(tail or head, _AUTO_QUALITY["auto"])
    if not head.isdigit() or not 1 <= int(head) <= 100:
        raise invalid("q", text)
    return int(head)


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
