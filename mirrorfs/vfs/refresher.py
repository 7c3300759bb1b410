"""The thread that looks for changes when it is time, so that no reader ever waits for it."""

from __future__ import annotations

import logging
import threading

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import MirrorError
from mirrorfs.vfs.tree import Tree

_log = logging.getLogger(__name__)
_STEP = 2.0


class Refresher:
    """Refreshes ``tree`` whenever it is due, from :meth:`start` to :meth:`stop`."""

    def __init__(self, tree: Tree, clock: Clock) -> None:
        self._tree = tree
        self._clock = clock
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._run, name="refresher", daemon=True).start()

    def stop(self) -> None:
        """End before the next look."""
        self._stopped.set()

    def step(self) -> None:
        """Look if it is due; a failure is the tree's to remember."""
        if self._tree.due() > self._clock.now():
            return
        try:
            self._tree.refresh()
        except MirrorError as error:
            _log.info("The tree stays as it was: %s", error)
        except Exception:
            _log.exception("Looking for changes failed.")

    def _run(self) -> None:
        while not self._stopped.wait(_STEP):
            self.step()
