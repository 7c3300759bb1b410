"""Small files of each kind."""

import struct
from io import BytesIO

from PIL import Image

HEIC = struct.pack(">I", 24) + b"ftypheic" + bytes(12) + b"mif1heic" + bytes(500)


def jpeg(shade: int) -> bytes:
    """Return a picture, another for each shade up to 255."""
    made = BytesIO()
    Image.new("L", (8, 8), shade).save(made, "JPEG")
    return made.getvalue()


def film(size: int = 9000) -> bytes:
    """Return a video that is not much more than its boxes."""
    boxes = [(b"ftyp", b"qt  " + bytes(4) + b"qt  "), (b"mdat", bytes(size)), (b"moov", b"")]
    return b"".join(struct.pack(">I", 8 + len(body)) + name + body for name, body in boxes)
