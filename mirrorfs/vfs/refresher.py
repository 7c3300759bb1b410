"""The thread that looks for changes when it is time, so that no reader ever waits for it."""

from __future__ import annotations

import logging
import threading

from mirrorfs.core.clock import Clock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import MirrorError
from mirrorfs.vfs.tree import Tree

_log = logging.getLogger(__name__)
_STEP = 2.0
_HASTE = 10.0
_LEAST_HASTE = 900.0


class Refresher:
    """Refreshes ``tree`` whenever it is due, from :meth:`start` to :meth:`stop`.

    A file that the service has not any more as the tree lists it makes a look due at once. Such
    looks are ten seconds apart, and twice as long after each one that does not help.
    """

    def __init__(self, tree: Tree, clock: Clock) -> None:
        self._tree = tree
        self._clock = clock
        self._stopped = threading.Event()
        self._doubted: Entry | None = None
        self._haste = _HASTE
        self._hastened_at = 0.0

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._run, name="refresher", daemon=True).start()

    def stop(self) -> None:
        """End before the next look."""
        self._stopped.set()

    def doubt(self, entry: Entry) -> None:
        """Have a look soon, if the tree still lists ``entry``: the service has it no more."""
        if self._tree.lists(entry):
            self._doubted = entry

    def step(self) -> None:
        """Look if it is due; a failure is the tree's to remember."""
        doubted = self._hastened()
        if doubted or self._tree.due() <= self._clock.now():
            self._look()
        if doubted:
            helped = not self._tree.lists(doubted)
            self._haste = _HASTE if helped else min(self._haste * 2, _LEAST_HASTE)

    def _hastened(self) -> Entry | None:
        """Return the file because of which it is to be looked now, if there is one."""
        doubted, now = self._doubted, self._clock.now()
        is_early = abs(now - self._hastened_at) < self._haste or now < self._tree.status().retry_at
        if doubted is None or is_early:
            return None
        self._doubted = None
        if not self._tree.lists(doubted):
            return None
        self._hastened_at = now
        return doubted

    def _look(self) -> None:
        try:
            self._tree.refresh()
        except MirrorError as error:
            _log.info("The tree stays as it was: %s", error)
        except Exception:
            _log.exception("Looking for changes failed.")

    def _run(self) -> None:
        while not self._stopped.wait(_STEP):
            self.step()
