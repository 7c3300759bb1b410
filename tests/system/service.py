"""A service for mounts that run in another process: a folder, whose faults are in a file.

Every call looks at the folder anew and is noted in ``<folder>.calls``; ``<folder>.faults`` is
JSON: ``down``, ``page`` (listings fail on their second page), ``delay`` in seconds, ``wrong``
(the offset of a byte that comes with all bits flipped), ``hold`` (bytes from this offset on come
once it is lifted).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.digest import md5, proven
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.errors import BadAnswer, Changed, NotFound, Unavailable
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Changes, Snapshot, Traits, Usage

PIECE = 256 << 10


@dataclasses.dataclass(frozen=True)
class FolderService:
    root: Path

    @property
    def traits(self) -> Traits:
        return Traits("folder", "md5", whole_scan=True, changes=False)

    def set(self, **faults: float) -> None:
        self._file("faults").write_text(json.dumps(faults))

    def calls(self, verb: str) -> list[str]:
        """Return the noted calls that begin with ``verb``."""
        try:
            lines = self._file("calls").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line for line in lines if line.startswith(verb)]

    def scandir(self, folder: RemotePath) -> list[Entry]:
        return [e for p, e in self.scan(ROOT).entries.items() if paths.parent(p) == folder]

    def scan(self, folder: RemotePath) -> Snapshot:
        faults = self._note("scan")
        found = {}
        for place, path in enumerate(sorted(self.root.rglob("*"))):
            if place and faults.get("page"):
                raise BadAnswer("The second page makes no sense.")
            entry = self._entry(path)
            found[entry.path] = entry
        return Snapshot(found)

    def changes(self, cursor: str) -> Changes:
        raise NotImplementedError

    def stat(self, path: RemotePath) -> Entry:
        return self._entry(self.root / path)

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        faults = self._note(f"read {entry.path} {start} {length}")
        path = self.root / entry.path
        if not path.exists():
            raise NotFound(entry.path)
        if self._entry(path).revision != entry.revision:
            raise Changed(entry.path)
        body = self._pieces(path, start, entry.size - start if length is None else length)
        if "wrong" in faults:
            body = _damaged(body, int(faults["wrong"]) - start)
        if "hold" in faults:
            body = self._held(body, int(faults["hold"]) - start)
        if faults.get("cut"):
            body = (piece for piece, _ in zip(body, range(1), strict=False))
        whole = start == 0 and length is None
        return proven(body, entry.size, entry.digest, entry.path) if whole else body

    def usage(self) -> Usage:
        return Usage(len(self.calls("scan")))

    def close(self) -> None:
        pass

    def _entry(self, path: Path) -> Entry:
        where = paths.parse(path.relative_to(self.root).as_posix())
        status = path.stat()
        if path.is_dir():
            return folder(where, 10**18)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "md5").hexdigest()
        facts = {"public_id": str(where), "url": f"https://example.org/{where}"}
        return Entry(
            where,
            Kind.FILE,
            f"id-{where}",
            digest[:16],
            status.st_size,
            status.st_mtime_ns,
            md5(digest),
            facts,
        )

    def _pieces(self, path: Path, start: int, length: int) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            while length:
                piece = file.read(min(length, PIECE))
                length -= len(piece)
                yield piece

    def _held(self, pieces: Iterator[bytes], at: int) -> Iterator[bytes]:
        for piece in pieces:
            at -= len(piece)
            while at < 0 and "hold" in self._faults():
                time.sleep(0.01)
            yield piece

    def _faults(self) -> dict[str, float]:
        try:
            faults: dict[str, float] = json.loads(self._file("faults").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return faults

    def _note(self, line: str) -> dict[str, float]:
        with self._file("calls").open("a") as file:
            file.write(line + "\n")
        faults = self._faults()
        time.sleep(faults.get("delay", 0))
        if faults.get("down"):
            raise Unavailable("The service is down.")
        return faults

    def _file(self, kind: str) -> Path:
        return self.root.with_name(f"{self.root.name}.{kind}")


def _damaged(pieces: Iterator[bytes], at: int) -> Iterator[bytes]:
    for piece in pieces:
        wrong = bytearray(piece)
        if 0 <= at < len(wrong):
            wrong[at] ^= 255
        at -= len(wrong)
        yield bytes(wrong)
