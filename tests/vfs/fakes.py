"""A service in memory whose every fault can be ordered, and that counts what it is asked."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from mirrorfs.core import paths
from mirrorfs.core.digest import Digest, of, proven
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.errors import Changed, MirrorError, NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Changes, Snapshot, Traits, Usage

WHOLE = Traits("fake", "md5", whole_scan=True, changes=True)
LAZY = Traits("fake", "md5", whole_scan=False, changes=False)


@dataclass
class FakeClock:
    """Stands still until it is told to go on."""

    time: float = 1_000_000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class FakeSource:
    """``calls`` counts scans, changes and folders; ``reads`` lists (path, start, length)."""

    traits: Traits = WHOLE
    delay: float = 0.0
    piece: int = 256 << 10
    down: MirrorError | None = None
    fail_scan: MirrorError | None = None
    rescan: bool = False
    told: set[RemotePath] = field(default_factory=set)
    damage: int = 0
    break_after: int | None = None
    calls: Counter[str] = field(default_factory=Counter)
    reads: list[tuple[str, int, int | None]] = field(default_factory=list)
    sent: int = 0
    _bodies: dict[RemotePath, bytes] = field(default_factory=dict)
    _entries: dict[RemotePath, Entry] = field(default_factory=dict)
    _touched: list[tuple[str, RemotePath]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, path: str, body: bytes, modified: int = 10**18) -> Entry:
        """Add or replace a file, and the folders above it."""
        where = paths.parse(path)
        for step in paths.ancestors(where)[1:]:
            self._entries.setdefault(step, folder(step, modified))
        known = self._entries.get(where)
        entry = Entry(
            where,
            Kind.FILE,
            known.id if known else f"id:{where}",
            hashlib.md5(body).hexdigest()[:12],
            len(body),
            modified,
            of(body),
            {"public_id": path},
        )
        self._entries[where] = entry
        self._bodies[where] = body
        self._touched.append((entry.id, paths.parent(where)))
        return entry

    def mkdir(self, path: str) -> None:
        self._entries[paths.parse(path)] = folder(paths.parse(path))

    def remove(self, path: str) -> None:
        del self._entries[paths.parse(path)], self._bodies[paths.parse(path)]
        self.rescan = True

    def rmdir(self, path: str) -> None:
        del self._entries[paths.parse(path)]

    def move(self, path: str, to: str) -> None:
        """Keep the id, as a service does on a rename."""
        old = self._entries.pop(paths.parse(path))
        body = self._bodies.pop(paths.parse(path))
        self.put(to, body)
        where = paths.parse(to)
        moved = self._entries[where]
        self._entries[where] = Entry(
            where, Kind.FILE, old.id, moved.revision, moved.size, moved.modified, moved.digest
        )
        self._touched[-1] = (old.id, paths.parent(where))

    def entry(self, path: str) -> Entry:
        return self._entries[paths.parse(path)]

    def body(self, path: str) -> bytes:
        return self._bodies[paths.parse(path)]

    def lie(self, path: str) -> None:
        """Let the service tell a checksum that its bytes do not have."""
        where = paths.parse(path)
        old = self._entries[where]
        self._entries[where] = Entry(
            where, old.kind, old.id, old.revision, old.size, old.modified, Digest("md5", "0" * 32)
        )

    def scandir(self, folder: RemotePath) -> list[Entry]:
        self._ask("scandir")
        if folder != ROOT and folder not in self._entries:
            raise NotFound(folder)
        return [e for path, e in self._entries.items() if path and paths.parent(path) == folder]

    def scan(self, folder: RemotePath) -> Snapshot:
        self._ask("scan")
        if self.fail_scan:
            raise self.fail_scan
        self.rescan = False
        return Snapshot(dict(self._entries), str(len(self._touched)))

    def changes(self, cursor: str) -> Changes:
        self._ask("changes")
        touched = dict(self._touched[int(cursor) :])
        return Changes(touched, str(len(self._touched)), self.rescan, frozenset(self.told))

    def stat(self, path: RemotePath) -> Entry:
        self._ask("stat")
        return self._entries[path]

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        with self._lock:
            self.reads.append((entry.path, start, length))
        time.sleep(self.delay)
        if self.down:
            raise self.down
        now = self._entries.get(entry.path)
        if now is None or now.revision != entry.revision:
            raise Changed(f"{entry.path} is another by now.")
        stop = entry.size if length is None else start + length
        body = self._send(self._bodies[entry.path][start:stop])
        whole = start == 0 and length is None
        return proven(body, entry.size, entry.digest, entry.path) if whole else body

    def usage(self) -> Usage:
        return Usage(sum(self.calls.values()))

    def close(self) -> None:
        pass

    def _send(self, body: bytes) -> Iterator[bytes]:
        if self.damage:
            self.damage -= 1
            body = bytes([body[0] ^ 255]) + body[1:]
        for start in range(0, len(body), self.piece):
            if self.break_after is not None and start >= self.break_after and self.down:
                raise self.down
            piece = body[start : start + self.piece]
            with self._lock:
                self.sent += len(piece)
            yield piece

    def _ask(self, what: str) -> None:
        with self._lock:
            self.calls[what] += 1
        time.sleep(self.delay)
        if self.down:
            raise self.down
