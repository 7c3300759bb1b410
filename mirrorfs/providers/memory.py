"""A tree in memory: the smallest correct :class:`~mirrorfs.core.provider.Target`, for tests.

Its ``hook`` is called with the verb and the path before anything is done, and may raise or
wait: so tests make a service fail, be slow, or change under the caller's feet.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mirrorfs.core import digest, paths
from mirrorfs.core import facts as known
from mirrorfs.core.entry import NO_FACTS, Entry, Kind, folder
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    Corrupt,
    NotEmpty,
    NotFound,
    Unsupported,
)
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import About, Changes, Readable, Snapshot, Traits, Usage

Hook = Callable[[str, str], None]

TRAITS = Traits(
    "memory", "md5", whole_scan=True, changes=True, describes=frozenset(known.DESCRIPTION)
)

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happened; ``id`` is empty for what only a new scan shows."""

    number: int
    id: str
    folder: RemotePath


class MemoryProvider:
    """Files and folders in dictionaries, safe to use from several threads."""

    def __init__(self, hook: Hook = lambda _verb, _path: None) -> None:
        self.hook = hook
        self._lock = threading.RLock()
        self._entries: dict[RemotePath, Entry] = {}
        self._bodies: dict[tuple[str, str], bytes] = {}
        self._events: list[_Event] = []
        self._numbers = itertools.count(1)
        self._calls = 0

    @property
    def traits(self) -> Traits:
        """Everything a provider can do."""
        return TRAITS

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self._verb("scandir", folder):
            self._demand_folder(folder)
            return [entry for path, entry in self._entries.items() if path and _holds(folder, path)]

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self._verb("scan", folder):
            self._demand_folder(folder)
            inside = {
                path: entry
                for path, entry in self._entries.items()
                if path != folder and paths.is_within(path, folder)
            }
            return Snapshot(inside, str(len(self._events)))

    def changes(self, cursor: str) -> Changes:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self._verb("changes", ""):
            news = self._events[int(cursor) :]
            touched = {event.id: event.folder for event in news if event.id}
            rescan = any(not event.id for event in news)
            return Changes(touched, str(len(self._events)), rescan)

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self._verb("stat", path):
            if path == ROOT:
                return folder(ROOT)
            return self._demand(path)

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self._verb("read", entry.path):
            body = self._bodies.get((entry.id, entry.revision))
            if body is None:
                known = any(other.id == entry.id for other in self._entries.values())
                raise (Changed if known else NotFound)(f"{entry.path} is not what it was.")
        stop = len(body) if length is None else min(start + length, len(body))
        pieces = (body[at : min(at + _PIECE, stop)] for at in range(start, stop, _PIECE))
        if start == 0 and stop == len(body):
            return digest.proven(pieces, entry.size, entry.digest, entry.path)
        return pieces

    def usage(self) -> Usage:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return Usage(self._calls)

    def about(self) -> About:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with self._verb("about", ""):
            found = [entry for path, entry in self._entries.items() if path]
            files = [entry for entry in found if not entry.is_folder]
            size = sum(entry.size for entry in files)
            return About("memory", "", len(files), len(found) - len(files), size)

    def close(self) -> None:
        """See :class:`~mirrorfs.core.provider.Source`."""

    def write(  # noqa: PLR0913 - all that makes a file
        self,
        path: RemotePath,
        body: Readable,
        *,
        size: int,
        modified: int,
        replaces: Entry | None = None,
        facts: Mapping[str, str] = NO_FACTS,
    ) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with self._verb("write", path):
            self._checked(path, replaces)
        data = body.read()  # outside the lock: it may come from another of these, and back
        if len(data) != size:
            raise Corrupt(f"{path}: {len(data)} bytes came where {size} were promised.")
        with self._lock:
            old = self._checked(path, replaces)
            self._make_folders(paths.parent(path))
            number = str(next(self._numbers))
            entry = Entry(
                path,
                Kind.FILE,
                old.id if old else f"file-{number}",
                number,
                size,
                modified,
                digest.of(data),
                known.described(old.facts if old else {}, facts),
            )
            if old:
                del self._bodies[old.id, old.revision]
            self._entries[path] = entry
            self._bodies[entry.id, entry.revision] = data
            self._note(entry.id, paths.parent(path))
            return entry

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        known.check_kept(facts, TRAITS.describes, "The memory")
        with self._verb("describe", entry.path):
            current = self._demand(entry.path)
            _check_same(current, entry)
            described = replace(current, facts=known.described(current.facts, facts))
            self._entries[entry.path] = described
            self._note(entry.id, paths.parent(entry.path))
            return described

    def mkdir(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with self._verb("mkdir", path):
            return self._make_folders(path)

    def remove(self, entry: Entry) -> None:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with self._verb("remove", entry.path):
            current = self._demand(entry.path)
            if current.is_folder:
                if any(_holds(entry.path, path) for path in self._entries):
                    raise NotEmpty(f"{entry.path} holds something.")
            else:
                _check_same(current, entry)
                del self._bodies[entry.id, entry.revision]
            del self._entries[entry.path]
            self._note("", paths.parent(entry.path))

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with self._verb("rename", entry.path):
            current = self._demand(entry.path)
            if current.is_folder:
                raise Unsupported("Folders are not moved as a whole.")
            _check_same(current, entry)
            if path == entry.path:
                return current
            self._checked(path, None)
            self._make_folders(paths.parent(path))
            del self._entries[entry.path]
            self._entries[path] = moved = replace(current, path=path)
            self._note(entry.id, paths.parent(path))
            return moved

    def _verb(self, verb: str, path: str) -> threading.RLock:
        self.hook(verb, path)
        self._calls += 1
        return self._lock

    def _note(self, id_: str, folder: RemotePath) -> None:
        self._events.append(_Event(len(self._events), id_, folder))

    def _demand(self, path: RemotePath) -> Entry:
        if path not in self._entries:
            raise NotFound(f"There is nothing at {path}.")
        return self._entries[path]

    def _demand_folder(self, path: RemotePath) -> None:
        if path != ROOT and not self._demand(path).is_folder:
            raise NotFound(f"{path} is no folder.")

    def _checked(self, path: RemotePath, replaces: Entry | None) -> Entry | None:
        """Return the file to be replaced at ``path``, or ``None`` when it is free."""
        current = folder(ROOT) if path == ROOT else self._entries.get(path)
        if replaces is None:
            if current:
                raise AlreadyExists(f"There is something at {path} already.")
            return None
        if current is None:
            raise Changed(f"{path} is gone.")
        _check_same(current, replaces)
        return current

    def _make_folders(self, path: RemotePath) -> Entry:
        for above in [*paths.ancestors(path), path]:
            if above == ROOT:
                continue
            entry = self._entries.setdefault(above, folder(above))
            if not entry.is_folder:
                raise AlreadyExists(f"{above} is a file.")
        return folder(ROOT) if path == ROOT else self._entries[path]


def _holds(folder: RemotePath, path: RemotePath) -> bool:
    return path != folder and paths.parent(path) == folder


def _check_same(current: Entry, wanted: Entry) -> None:
    if (current.id, current.revision) != (wanted.id, wanted.revision):
        raise Changed(f"{wanted.path} is not at the revision that was asked for.")
