"""Two versions of one file: which keeps the name, and what the other one is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from itertools import count

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from sync.model import Side


class Resolve(Enum):
    """Who wins; on the command line the words of ``--conflict-resolve``."""

    NONE = "none"
    NEWER = "newer"
    OLDER = "older"
    LARGER = "larger"
    SMALLER = "smaller"
    ONE = "path1"
    TWO = "path2"


class Loser(Enum):
    """What becomes of the other; on the command line the words of ``--conflict-loser``."""

    ASIDE = "aside"
    """It gets a name that tells the host and the time."""
    NUM = "num"
    """It gets the suffix and a number."""
    PATHNAME = "pathname"
    """It gets ``path1`` or ``path2``."""
    DELETE = "delete"
    """It goes to the trash, if there was a winner."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done about a conflict.

    ``keeper`` is the side whose file keeps the name when nobody wins: the remote one; of two
    local folders, or two remotes, path2. ``suffixes`` are those of path1 and path2.
    ``host`` and ``when`` are told by names; ``when`` is the time of the run.
    """

    keeper: Side = Side.TWO
    resolve: Resolve = Resolve.NONE
    loser: Loser = Loser.ASIDE
    suffixes: tuple[str, str] = ("conflict", "conflict")
    host: str = ""
    when: datetime = field(default_factory=lambda: datetime.fromtimestamp(0, UTC))

    def winner(self, one: Entry, two: Entry) -> Side | None:
        """Return the side that wins; ``None`` when it was not asked, or they are level."""
        if self.resolve in _SIDES:
            return _SIDES[self.resolve]
        if self.resolve is Resolve.NONE:
            return None
        in_time = self.resolve in {Resolve.NEWER, Resolve.OLDER}
        lead = one.modified - two.modified if in_time else one.size - two.size
        if self.resolve in {Resolve.OLDER, Resolve.SMALLER}:
            lead = -lead
        return (Side.ONE if lead > 0 else Side.TWO) if lead else None

    def rename(
        self, path: RemotePath, loser: Side, is_taken: Callable[[RemotePath], bool]
    ) -> RemotePath:
        """Return a free name beside ``path``, lawful, with its extension."""
        folder, name = paths.parent(path), paths.name(path)
        stem, dot, extension = name.rpartition(".")
        if not stem or len(extension.encode()) > 16:
            stem, dot, extension = name, "", ""
        for number in count(1):
            tail = f"{self._mark(loser, number)}{dot}{extension}"
            room = paths.SEGMENT_BYTES - len(tail.encode())
            cut = stem.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
            made = paths.join(folder, f"{cut}{tail}")
            if not is_taken(made):
                return made
        raise AssertionError("there is always another number")

    def _mark(self, loser: Side, number: int) -> str:
        suffix = _plain(self.suffixes[0 if loser is Side.ONE else 1])
        if self.loser is Loser.NUM:
            return f".{suffix}{number}"
        again = "" if number == 1 else f" {number}"
        if self.loser is Loser.PATHNAME:
            return f".{loser.value}{again}"
        words = (suffix, _plain(self.host), f"{self.when:%Y-%m-%d %H.%M.%S}")
        return f" ({' '.join(filter(None, words))}){again}"


_SIDES = {Resolve.ONE: Side.ONE, Resolve.TWO: Side.TWO}


def _plain(text: str) -> str:
    """Return ``text`` without what a name may not hold anywhere, and short."""
    return re.sub(r"[^\w.+ -]+", "-", text)[:40].strip()
