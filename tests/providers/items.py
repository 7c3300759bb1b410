"""Assets as the service writes them."""

from typing import Any

MD5 = "0123456789abcdef0123456789abcdef"


def item(**changes: Any) -> dict[str, Any]:
    """Return a search item of a dynamic account; ``None`` takes a field away."""
    whole = {
        "asset_id": "a1",
        "public_id": "xyz123",
        "asset_folder": "a/b",
        "display_name": "photo",
        "format": "jpg",
        "version": 1719305903,
        "resource_type": "image",
        "type": "upload",
        "created_at": "2021-06-25T08:58:23+00:00",
        "uploaded_at": "2024-06-25T08:58:23+00:00",
        "bytes": 1000,
        "etag": MD5,
        "status": "active",
        "secure_url": "https://res.cloudinary.com/demo/image/upload/v1719305903/xyz123.jpg",
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}
