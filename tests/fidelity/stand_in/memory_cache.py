"""The key-value storage in memory that the official tests import as their dummy cache."""

from __future__ import annotations

from cloudinary.cache.storage.key_value_storage import KeyValueStorage


class DummyCacheStorage(KeyValueStorage):
    """Keeps values in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._kept.get(key)

    def set(self, key: str, value: str) -> bool:
        self._kept[key] = value
        return True

    def delete(self, key: str) -> bool:
        self._kept.pop(key, None)
        return True

    def clear(self) -> bool:
        self._kept.clear()
        return True
