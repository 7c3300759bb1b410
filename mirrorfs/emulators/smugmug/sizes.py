"""The sizes an image can be had in.

Copies of photos are made when they are asked for, so their size in bytes is not told; that of an
original is, and that of the film of a video (SmugMug API, reference/image-sizes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from mirrorfs.emulators.smugmug.addresses import FILMS, ORIGINAL, SIZES, extension, largest_film
from mirrorfs.emulators.smugmug.answers import Answer, Body, Link
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.errors import bad_request, not_found
from mirrorfs.emulators.smugmug.images import media_url, offers_original
from mirrorfs.emulators.smugmug.seeing import see_image

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Image

Size = dict[str, Any]

_ALWAYS = ("ImageSizeTiny", "ImageSizeThumb")


def read_size_details(call: Call) -> Answer:
    """``!sizedetails``: every size with its address and measures."""
    image = _ready(call)
    sizes = all_sizes(call, image)
    template = media_url(call, image, "Th").replace("-Th.", "-#size#.").replace("/Th/", "/#size#/")
    fields = {"ImageUrlTemplate": template, "UsableSizes": list(sizes), **sizes}
    return Answer(Body({**fields, **_about(call, image)}))


def read_sizes(call: Call) -> Answer:
    """``!sizes``: the addresses alone."""
    image = _ready(call)
    sizes = all_sizes(call, image)
    photos = {name: size for name, size in sizes.items() if name.startswith("Image")}
    films = {name: size for name, size in sizes.items() if name.startswith("Video")}
    fields = {
        f"{name.removeprefix('ImageSize')}ImageUrl": size["Url"] for name, size in photos.items()
    }
    fields["LargestImageUrl"] = _largest(photos)[1]["Url"]
    for name, size in films.items():
        fields[f"{name.removeprefix('VideoSize')}VideoUrl"] = size["Url"]
    if films:
        fields["LargestVideoUrl"] = _largest(films)[1]["Url"]
    links = [CATALOG[name].link(image.locator) for name in ("LargestImage", *sizes)]
    links.append(CATALOG["ImageSizeCustom"].link(image.locator))
    return Answer(Body({**fields, **_about(call, image)}, tuple(links)))


def read_largest_image(call: Call) -> Answer:
    """``!largestimage``: the original where it is offered, else the largest copy."""
    return _read_largest(call, "Image")


def read_largest_video(call: Call) -> Answer:
    """``!largestvideo``: the film of a video; 404 for a photo, and while it is being made."""
    return _read_largest(call, "Video")


def read_one_size(call: Call) -> Answer:
    """``!sizemedium`` and the like: one size; 404 when the image is too small for it."""
    image = _ready(call)
    size = all_sizes(call, image).get(call.endpoint.type)
    if size is None:
        raise not_found()
    links = (_custom(image, size),) if image.is_video else ()
    return Answer(Body({**size, "Usable": True, **_about(call, image)}, links))


def read_custom_size(call: Call) -> Answer:
    """``!sizecustom?width=…&height=…``: the copy that fits a box of pixels."""
    image = _ready(call)
    width, height = (_pixels(call, name) for name in ("width", "height"))
    part = min(1.0, width / max(1, image.width), height / max(1, image.height))
    photos = [all_sizes(call, image)[name] for name in all_sizes(call, image) if name in SIZES]
    fit = [one for one in photos if one["Width"] >= part * image.width] or photos[-1:]
    fields = {
        **fit[0],
        "Usable": True,
        "RequestedWidth": width,
        "RequestedHeight": height,
        "RequestedFill": call.text("fill") in {"1", "true"},
    }
    uri = f"{_about(call, image)['Uri']}?{urlencode({'height': height, 'width': width})}"
    return Answer(Body({**fields, **_about(call, image), "Uri": uri}))


def read_download(call: Call) -> Answer:
    """``!download``: the address of the original; 404 where none is offered."""
    image = _ready(call)
    if not _original(call, image):
        raise not_found()
    code = largest_film(image) if image.is_video else ORIGINAL
    return Answer(Body({"Url": media_url(call, image, code), **_about(call, image)}))


def all_sizes(call: Call, image: Image) -> Mapping[str, Size]:
    """Give every size by its name, from the smallest to the largest, those of films last."""
    longer = max(image.width, image.height)
    sizes = {
        name: _copy(call, image, code, box)
        for name, (code, box) in SIZES.items()
        if box <= longer or name in _ALWAYS
    }
    if _original(call, image) and not image.is_video:
        sizes["ImageSizeOriginal"] = {
            "Url": media_url(call, image, ORIGINAL),
            "Ext": extension(image, ORIGINAL),
            "Height": image.height,
            "Width": image.width,
            "Size": image.blob.size,
            **({"MD5": image.md5} if image.md5 else {}),
            "Watermarked": False,
        }
    return {**sizes, **_films(call, image)}


def _read_largest(call: Call, kind: str) -> Answer:
    image = _ready(call)
    sizes = all_sizes(call, image)
    found = {name: size for name, size in sizes.items() if name.startswith(kind)}
    if not found:
        raise not_found()
    name, size = _largest(found)
    links = [_custom(image, size)] if kind == "Video" else []
    links.append(CATALOG[name].link(image.locator))
    fields = {**size, "Usable": True, **_about(call, image)}
    return Answer(Body(fields, tuple(links)))


def _largest(sizes: Mapping[str, Size]) -> tuple[str, Size]:
    name = list(sizes)[-1]
    return name, sizes[name]


def _films(call: Call, image: Image) -> Mapping[str, Size]:
    film = image.film
    if film is None:
        return {}
    largest = largest_film(image)
    sizes: dict[str, Size] = {}
    for code, width in FILMS.items():
        if width <= FILMS[largest]:
            sizes[f"VideoSize{code}"] = {
                "Url": media_url(call, image, code),
                "Ext": "mp4",
                "Height": round(film.height * width / max(1, film.width)),
                "Width": width,
                "Watermarked": False,
                "Duration": float(film.duration),
                "Bitrate": film.bitrate * 1000 * width / FILMS[largest],
            }
    sizes[f"VideoSize{largest}"] |= {"Size": film.blob.size, "MD5": film.md5}
    return sizes


def _copy(call: Call, image: Image, code: str, box: int) -> Size:
    part = min(1.0, box / max(1, image.width, image.height))
    return {
        "Url": media_url(call, image, code),
        "Ext": extension(image, code),
        "Height": max(1, round(image.height * part)),
        "Width": max(1, round(image.width * part)),
        "Watermarked": False,
    }


def _ready(call: Call) -> Image:
    """Give the image; 404 for one that is being processed or can not be."""
    image = see_image(call, call.ids["image"])
    if image.processing or not image.can_process:
        raise not_found()
    return image


def _original(call: Call, image: Image) -> bool:
    return offers_original(call, call.state.album(image.album_key), image)


def _custom(image: Image, size: Size) -> Link:
    endpoint = CATALOG["ImageSizeCustom"]
    query = urlencode({"height": size["Height"], "width": size["Width"]})
    return Link("ImageSizeCustom", endpoint, f"{endpoint.uri(image.locator)}?{query}")


def _about(call: Call, image: Image) -> dict[str, str]:
    return {
        "Uri": call.endpoint.uri(image.locator),
        "UriDescription": call.endpoint.description,
    }


def _pixels(call: Call, name: str) -> int:
    text = call.text(name)
    if not text.isdigit() or int(text) < 1:
        raise bad_request(name, "Must be a positive integer")
    return int(text)
