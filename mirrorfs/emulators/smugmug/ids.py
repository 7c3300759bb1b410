"""Keys in the style of the real ones: ``zx4Fx``, ``2XrGxm``, ``mQRcX2V``; never used twice."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable

_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz"
_FIRST_UPLOAD_KEY = 9_500_000_000


class Ids:
    """Gives the same keys in the same order for the same seed, so that accounts repeat."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._given: set[str] = set()
        self._count = itertools.count()
        self._uploads = itertools.count(_FIRST_UPLOAD_KEY, 37)

    def key(self, length: int) -> str:
        """Give a key of letters and digits that was not given before."""
        while True:
            number = next(self._count)
            digest = hashlib.shake_128(f"{self._seed}:{number}".encode()).digest(length)
            key = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)
            if key not in self._given:
                self._given.add(key)
                return key

    def reserve(self, keys: Iterable[str], upload_keys: Iterable[str]) -> None:
        """Never give these keys."""
        self._given.update(keys)
        first = max((int(key) + 37 for key in upload_keys), default=_FIRST_UPLOAD_KEY)
        self._uploads = itertools.count(max(first, _FIRST_UPLOAD_KEY), 37)

    def node(self) -> str:
        """Give a NodeID."""
        return self.key(6)

    def album(self) -> str:
        """Give an AlbumKey."""
        return self.key(6)

    def image(self) -> str:
        """Give an ImageKey."""
        return self.key(7)

    def upload(self) -> str:
        """Give an UploadKey: a growing number as text."""
        return str(next(self._uploads))


def url_secret(*parts: object) -> str:
    """Give the part of a media URL that nobody can guess: 41 letters, other per size and serial."""
    digest = hashlib.shake_128(":".join(map(str, parts)).encode()).digest(41)
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)
