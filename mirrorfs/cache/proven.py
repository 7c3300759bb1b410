"""What this process has proven already and lately used, kept within bounds."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from mirrorfs.cache.files import Stamp

_STAMPS = 32_768
_USES = 4096
_SECONDS = 60.0
_TRUST = 600.0


class Proven:
    """The stamps of the blocks used last, and the uses not yet told to the index.

    A proof holds for ten minutes: a disk that forgets a bit does not touch the file's stamp.

    Thread-safe. Holds the stamps of up to 32 GiB of blocks in about 20 MiB.
    """

    def __init__(self) -> None:
        self._stamps: OrderedDict[str, tuple[Stamp, float]] = OrderedDict()
        self._uses: dict[str, float] = {}
        self._taken_at = time.time()
        self._lock = threading.Lock()

    def use(self, name: str) -> Stamp | None:
        """Return the stamp of the block called ``name`` if it was proven lately; note the use."""
        with self._lock:
            stamp, proven_at = self._stamps.get(name, (None, 0.0))
            if stamp is None or time.monotonic() - proven_at > _TRUST:
                return None
            self._stamps.move_to_end(name)
            self._note(name)
            return stamp

    def knows(self, name: str) -> bool:
        """Say whether the block called ``name`` was proven, at whatever time."""
        return name in self._stamps

    def add(self, name: str, stamp: Stamp) -> None:
        """Remember that the block called ``name`` was proven, and note the use."""
        with self._lock:
            self._stamps[name] = stamp, time.monotonic()
            self._stamps.move_to_end(name)
            self._note(name)
            if len(self._stamps) > _STAMPS:
                self._stamps.popitem(last=False)

    def drop(self, name: str) -> None:
        """Forget the stamp of ``name``."""
        with self._lock:
            self._stamps.pop(name, None)

    @property
    def is_due(self) -> bool:
        """Whether the uses should be told: writing each down at once would cost more than it."""
        return abs(time.time() - self._taken_at) >= _SECONDS

    def take_uses(self) -> dict[str, float]:
        """Return what was used since the last call, and when (seconds since the epoch).

        Of more than 4096 names, the latest.
        """
        with self._lock:
            uses, self._uses = self._uses, {}
            self._taken_at = time.time()
            return uses

    def _note(self, name: str) -> None:
        self._uses.pop(name, None)
        self._uses[name] = time.time()
        if len(self._uses) > _USES:
            del self._uses[next(iter(self._uses))]
