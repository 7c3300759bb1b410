"""What this process has proven already and lately used, kept within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict

from mirrorfs.cache.files import Stamp

_STAMPS = 32_768
_USES = 256


class Proven:
    """The stamps of the blocks used last, and the uses not yet told to the index.

    Thread-safe. Holds the stamps of up to 32 GiB of blocks in about 12 MiB.
    """

    def __init__(self) -> None:
        self._stamps: OrderedDict[str, Stamp] = OrderedDict()
        self._uses: dict[str, None] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Stamp | None:
        """Return the stamp of the block called ``name``, when it was proven before."""
        with self._lock:
            stamp = self._stamps.get(name)
            if stamp:
                self._stamps.move_to_end(name)
            return stamp

    def add(self, name: str, stamp: Stamp) -> None:
        """Remember that the block called ``name`` was proven."""
        with self._lock:
            self._stamps[name] = stamp
            if len(self._stamps) > _STAMPS:
                self._stamps.popitem(last=False)

    def drop(self, name: str) -> None:
        """Forget the stamp of ``name``."""
        with self._lock:
            self._stamps.pop(name, None)

    def use(self, name: str) -> bool:
        """Note that ``name`` was used just now; say whether the notes should be taken."""
        with self._lock:
            self._uses.pop(name, None)
            self._uses[name] = None
            return len(self._uses) >= _USES

    def take_uses(self) -> list[str]:
        """Return the names used since the last call, the latest last."""
        with self._lock:
            uses = list(self._uses)
            self._uses.clear()
            return uses
