"""What kind of file some bytes are.

Documents and drawings (PDF, SVG) are images for the service, sound is video, everything it does
not know is raw (https://cloudinary.com/documentation/upload_images#uploading_different_file_types).
"""

from __future__ import annotations

HEAD = 4096
"""How many leading bytes are enough."""

_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"%PDF-", "pdf"),
    (b"8BPS", "psd"),
)
_VIDEOS = (
    (b"\x1aE\xdf\xa3", "webm"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"FLV", "flv"),
    (b"\xff\xfb", "mp3"),
)
_BRANDS = {
    b"heic": ("image", "heic"),
    b"heix": ("image", "heic"),
    b"mif1": ("image", "heif"),
    b"avif": ("image", "avif"),
    b"M4A ": ("video", "m4a"),
    b"qt  ": ("video", "mov"),
}
_RIFF = {b"WEBP": ("image", "webp"), b"WAVE": ("video", "wav"), b"AVI ": ("video", "avi")}


def sniff_content(head: bytes) -> tuple[str, str]:
    """Give resource type and format of a file from its first bytes; ``("raw", "")`` if unknown."""
    for kind, table in (("image", _IMAGES), ("video", _VIDEOS)):
        for magic, format_ in table:
            if head.startswith(magic):
                return kind, format_
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], ("video", "mp4"))
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:4] == b"<svg" or (text[:5] == b"<?xml" and b"<svg" in head):
        return "image", "svg"
    return "raw", ""


def plain_format(format_: str) -> str:
    """Give the name the service uses for a format known under several."""
    lower = format_.lower().lstrip(".")
    return {"jpeg": "jpg", "jpe": "jpg", "tif": "tiff"}.get(lower, lower)
