"""The size of files whose size the API does not tell, asked of the media host itself."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import replace

from mirrorfs.core.errors import BadAnswer, Corrupt, Denied, NotFound
from mirrorfs.net.numbers import whole
from mirrorfs.net.patience import Patience, persist
from mirrorfs.providers.smugmug.line import Line
from mirrorfs.providers.smugmug.records import Image, Rendition

_MOST = 50_000
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")

_Key = tuple[str, int, Rendition]


class Probes:
    """Asks for the first byte of a file, once a revision; safe to use from several threads."""

    def __init__(self, line: Line, patience: Patience) -> None:
        self._line = line
        self._patience = patience
        self._lock = threading.Lock()
        self._known: OrderedDict[_Key, int | None] = OrderedDict()

    def sized(self, image: Image) -> Image:
        """Return a picture with the size of its bytes; as it is where nobody tells.

        Raises:
            Unavailable: the media host does not answer. RateLimited: it asks to wait.
        """
        media = image.media
        if media is None or media.size is not None:
            return image
        key = (image.key, image.serial, media.rendition)
        with self._lock:
            is_known, size = key in self._known, self._known.get(key)
        if not is_known:
            size = self._ask(media.url)
            with self._lock:
                self._known[key] = size
                while len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return replace(image, media=replace(media, size=size))

    def _ask(self, url: str) -> int | None:
        try:
            return persist(lambda: self._answer(url), self._patience, self._line.clock)
        except (NotFound, Denied, Corrupt, BadAnswer):
            return None

    def _answer(self, url: str) -> int | None:
        self._line.quota.spend()
        with self._line.sessions.get(url, {"Range": "bytes=0-0"}) as answer:
            if answer.headers.get("Content-Type", "").startswith(("text/html", "application/json")):
                return None
            if answer.status_code == 206:
                told = _TOTAL.fullmatch(answer.headers.get("Content-Range", ""))
                size = whole(told[1] if told else "") or 0
            else:
                size = whole(answer.headers.get("Content-Length", "")) or 0
            return size or None
