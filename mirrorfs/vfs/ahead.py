"""Reading ahead across files: whoever copies a folder finds the next files already there.

A walk begins when two files that follow each other in their folder were read to their ends,
one after the other. Looking at the heads of files alone never begins one.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from mirrorfs.core import paths
from mirrorfs.core.clock import Clock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, MirrorError, NotFound, RateLimited
from mirrorfs.core.paths import RemotePath
from mirrorfs.vfs.content import WHOLE
from mirrorfs.vfs.order import ORDERS, Children, SortedFolders, walk_on
from mirrorfs.vfs.reader import Reader, key_of

_log = logging.getLogger(__name__)
_WORKERS = 48
_FIRST_WINDOW = 8
_FILES = 64
_BYTES = 64 << 20
_WALKS = 16
_FOLDERS = 64
_REST = 30.0
_FAILURES = 1024


class _Walk:
    """One reader's way through the tree: what was asked for ahead of it and not yet read."""

    def __init__(self, upcoming: Iterator[Entry]) -> None:
        self._upcoming = upcoming
        self._pending: OrderedDict[str, int] = OrderedDict()
        self._window = _FIRST_WINDOW

    def expects(self, id_: str) -> bool:
        return id_ in self._pending

    def pass_by(self, id_: str) -> None:
        """Note that this file was read: it and all before it are done with."""
        while self._pending and self._pending.popitem(last=False)[0] != id_:
            pass
        self._window = min(self._window * 2, _FILES)

    def top_up(self) -> list[Entry]:
        """Return what is to be fetched now, as far as the window and the room in bytes go."""
        fetch = []
        room = _BYTES - sum(self._pending.values())
        while len(self._pending) < self._window and room > 0:
            entry = next(self._upcoming, None)
            if entry is None:
                break
            small = entry.size <= WHOLE
            self._pending[entry.id] = entry.size if small else 0
            if small:
                fetch.append(entry)
                room -= entry.size
        return fetch


class Ahead:
    """Watches ``reader`` and fetches what ``children`` says comes next. Thread-safe."""

    def __init__(self, reader: Reader, children: Children, clock: Clock) -> None:
        self._reader = reader
        self._children = children
        self._clock = clock
        self._pool = ThreadPoolExecutor(_WORKERS, "ahead")
        self._planner = ThreadPoolExecutor(1, "ahead-plan")
        self._walks: list[_Walk] = []
        self._last: OrderedDict[RemotePath, Entry] = OrderedDict()
        self._folders = SortedFolders(children)
        self._resting_until = 0.0
        self._failed: OrderedDict[str, None] = OrderedDict()
        self._stopped = threading.Event()
        reader.listen(self.finished)

    def finished(self, entry: Entry) -> None:
        """Take note, and think about it in another thread."""
        if not self._stopped.is_set():
            self._planner.submit(self._plan, entry)

    def close(self) -> None:
        """Fetch nothing more."""
        self._stopped.set()
        self._planner.shutdown(wait=False, cancel_futures=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _plan(self, entry: Entry) -> None:
        try:
            walk = self._walk_of(entry)
            if walk and self._clock.now() >= self._resting_until:
                for upcoming in walk.top_up():
                    self._pool.submit(self._fetch, upcoming)
        except MirrorError as error:
            _log.debug("No reading ahead after %s: %s", entry.path, error)
        except RuntimeError:
            _log.debug("No reading ahead: it is closing.")
        except Exception:
            _log.exception("Reading ahead after %s failed.", entry.path)

    def _walk_of(self, entry: Entry) -> _Walk | None:
        """Return the walk that ``entry`` continues, or begins; only the planner calls this."""
        folder = paths.parent(entry.path)
        previous = self._last.pop(folder, None)
        self._last[folder] = entry
        if len(self._last) > _FOLDERS:
            self._last.popitem(last=False)
        for walk in self._walks:
            if walk.expects(entry.id):
                walk.pass_by(entry.id)
                self._walks.remove(walk)
                self._walks.append(walk)
                return walk
        return self._begin(folder, previous, entry) if previous else None

    def _begin(self, folder: RemotePath, previous: Entry, entry: Entry) -> _Walk | None:
        for order in ORDERS:
            files = self._folders.files_of(folder, order)
            place = next((n for n, file in enumerate(files) if file.id == entry.id), 0)
            if place and files[place - 1].id == previous.id:
                further = walk_on(folder, self._children, order)
                walk = _Walk(chain(files[place + 1 :], further))
                self._walks = [*self._walks[-_WALKS + 1 :], walk]
                return walk
        return None

    def _fetch(self, entry: Entry) -> None:
        key = key_of(entry)
        is_resting = self._clock.now() < self._resting_until
        if self._stopped.is_set() or is_resting or key in self._failed:
            return
        try:
            self._reader.fetch(entry)
        except (NotFound, Changed) as error:
            self._give_up(key)
            _log.info("%s was not read ahead: %s", entry.path, error)
        except MirrorError as error:
            self._give_up(key)
            until = error.retry_at if isinstance(error, RateLimited) else 0.0
            self._resting_until = max(self._clock.now() + _REST, until)
            _log.info("No reading ahead for a while: %s", error)
        except RuntimeError:
            _log.debug("No reading ahead: it is closing.")

    def _give_up(self, key: str) -> None:
        """Do not read that file ahead again: to find out why it fails may have cost calls."""
        self._failed[key] = None
        if len(self._failed) > _FAILURES:
            self._failed.popitem(last=False)
