"""What is to be done, and what was done, in one line a path. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath
from sync.model import (
    Action,
    Adopt,
    Conflict,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Plan,
    Remove,
    Side,
    Skip,
    Touch,
)
from sync.units import size_text

ARROWS = {Side.TWO: "→", Side.ONE: "←"}
"""Side that changes → how that is drawn, with path1 on the left."""


class Kind(Enum):
    """What happens to a path, for people."""

    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    DELETED = "deleted"
    FOLDER = "folder"
    TIME = "time"
    ADOPTED = "adopted"
    FORGOTTEN = "forgotten"
    CONFLICT = "conflict"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which way (``None``: neither side changes), what, where, and what else to know.

    ``size`` is the number of bytes that are to be sent.
    """

    side: Side | None
    kind: Kind
    path: RemotePath
    detail: str = ""
    size: int = 0

    def __str__(self) -> str:
        arrow = ARROWS[self.side] if self.side else _MARKS.get(self.kind, "=")
        tail = f"  ({plain(self.detail)})" if self.detail else ""
        return f"{arrow} {self.kind.value:<9} {plain(self.path)}{tail}"


_MARKS = {Kind.CONFLICT: "!", Kind.SKIPPED: "?"}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Return ``text`` without what would move a terminal's cursor or turn its writing around."""
    return _UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def line_of(action: Action) -> Line:
    """Return the line of one action."""
    if isinstance(action, Adopt | Forget):
        kind = Kind.ADOPTED if isinstance(action, Adopt) else Kind.FORGOTTEN
        return Line(None, kind, action.path)
    match action:
        case MakeFolder(side, path):
            return Line(side, Kind.FOLDER, path)
        case Copy(side, source, path, replaces):
            kind = Kind.CHANGED if replaces else Kind.NEW
            other = "" if paths.name(source.path) == paths.name(path) else f" from {source.path}"
            return Line(side, kind, path, f"{size_text(source.size)}{other}", source.size)
        case Move(side, entry, path):
            return Line(side, Kind.MOVED, path, f"from {entry.path}")
        case Remove(side, entry):
            is_folder = entry.is_folder
            return Line(side, Kind.DELETED, entry.path, "folder" if is_folder else "")
        case Touch(side, entry):
            return Line(side, Kind.TIME, entry.path)


def conflict_line(conflict: Conflict) -> Line:
    """Return the line of a conflict."""
    kept = f"{conflict.kept.value} keeps the name"
    other = f"the other becomes {conflict.moved_to}" if conflict.moved_to else "the other goes"
    return Line(None, Kind.CONFLICT, conflict.path, f"{kept}, {other}")


def skip_line(skip: Skip) -> Line:
    """Return the line of what is left as it is."""
    return Line(None, Kind.SKIPPED, skip.path, f"{skip.side.value}: {skip.reason}")


def plan_lines(plan: Plan, *, bookkeeping: bool = False) -> Iterator[Line]:
    """Yield what a run would do, in the order in which it would.

    With ``bookkeeping`` also what is only written down and changes neither side.
    """
    for action in plan.actions:
        if bookkeeping or not isinstance(action, Adopt | Forget):
            yield line_of(action)
    yield from map(conflict_line, plan.conflicts)
    yield from map(skip_line, plan.skips)
