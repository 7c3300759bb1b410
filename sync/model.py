"""The words of synchronisation: what was agreed, what changed, what is to be done, what came of it.

Pure values. Two *sides* are kept alike; each is compared with its own past only (its part of the
manifest), and with the other by digest on first contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath


class Side(Enum):
    """One of the two trees; on the command line the first and the second path."""

    ONE = "path1"
    TWO = "path2"

    __hash__ = object.__hash__  # sides are the keys of much; by their names they would be slow

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.TWO if self is Side.ONE else Side.ONE


@dataclass(frozen=True, slots=True)
class Fact:
    """What one side held at the moment of an agreement.

    ``path`` is the side's own: a service may keep a file under another name than it was given
    (a HEIC picture as JPEG). ``size`` in bytes, ``modified`` in nanoseconds since the epoch.
    """

    path: RemotePath
    kind: Kind
    id: str
    revision: str = ""
    size: int = 0
    modified: int = 0
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """One row of the manifest: ``path`` was the same on both sides, by these two facts."""

    path: RemotePath
    one: Fact
    two: Fact

    def of(self, side: Side) -> Fact:
        """Return the fact of ``side``."""
        return self.one if side is Side.ONE else self.two


@dataclass(frozen=True, slots=True)
class Tree:
    """One side as a scan found it, complete, filters applied: path → entry, without the root.

    ``withheld`` is path → reason for what the side holds but cannot give now, or cannot be
    taken in (an unlawful name, an unreadable file): it is neither copied nor taken for deleted,
    nor is anything done at its path or below it. ``left_out`` are the paths that filters leave
    out although they are there: they are treated alike, and nobody is told.
    """

    entries: Mapping[RemotePath, Entry]
    withheld: Mapping[RemotePath, str] = field(default_factory=lambda: MappingProxyType({}))
    left_out: frozenset[RemotePath] = frozenset()


class Change(Enum):
    """What happened to a path on one side since the agreement."""

    SAME = "same"
    NEW = "new"
    EDITED = "edited"
    TOUCHED = "touched"
    """The time alone changed, or the service gave the same bytes another id."""
    MOVED = "moved"
    """It has another path, and the bytes that it had."""
    DELETED = "deleted"
    RETYPED = "retyped"
    """A file became a folder, or a folder a file; what is there now is told of as new, too."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What happened to ``path`` on one side.

    ``entry`` is what is there now, ``base`` what was (of what came here from elsewhere: what was
    there); ``came_from`` is the agreed path that this file had, when it was moved on this side
    (then ``change`` is ``MOVED``, or ``EDITED`` when its bytes changed as well).
    """

    path: RemotePath
    change: Change
    entry: Entry | None
    base: Agreed | None
    came_from: RemotePath | None = None


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """Make ``path`` on ``side``; one that exists is fine.

    ``partner`` is the folder on the other side (``None``: there is none yet, and no row is
    written).
    """

    side: Side
    path: RemotePath
    partner: Entry | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy ``source`` from the side opposite to ``side`` to ``path`` on ``side``.

    ``replaces`` is exactly what is there now (``None``: nothing may be there); what is replaced
    goes to the trash of its side first where it has one. ``agreed`` is the common path that the
    manifest's row gets; ``was`` the one that it had, whose row goes at the same moment (``None``:
    there was none, or it is another file's by then). The same holds for the other actions.
    """

    side: Side
    source: Entry
    path: RemotePath
    replaces: Entry | None
    agreed: RemotePath
    was: RemotePath | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Move ``entry`` on ``side`` to ``path`` without its bytes being sent; nothing is there.

    ``partner`` is the same file on the other side once that is done (``None``: there is none,
    and no row is written, as when a conflicting file steps aside).
    Where the side cannot do it, it is copied there and removed here. What is at ``path`` already
    stays, and its row alone is written: an earlier action moved it when its row had to wait. A
    later action of the plan that names what was moved names it at its new path, otherwise as it
    was; where the service gave it another id or revision, that is what is meant.
    """

    side: Side
    entry: Entry
    path: RemotePath
    partner: Entry | None
    agreed: RemotePath
    was: RemotePath | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove ``entry`` on ``side`` if it is still exactly that; it goes to the trash first.

    The row of ``agreed`` goes with it (``None``: no row does).
    """

    side: Side
    entry: Entry
    agreed: RemotePath | None


@dataclass(frozen=True, slots=True)
class Adopt:
    """Both sides hold the same already: only the manifest's row is written."""

    path: RemotePath
    one: Entry
    two: Entry
    was: RemotePath | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """Neither side has it any more: the row of ``path`` goes."""

    path: RemotePath


@dataclass(frozen=True, slots=True)
class Touch:
    """Give ``entry`` on ``side`` the time ``modified`` (nanoseconds), where the side can."""

    side: Side
    entry: Entry
    modified: int
    partner: Entry
    agreed: RemotePath


Action = MakeFolder | Copy | Move | Remove | Adopt | Forget | Touch


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed ``path`` and differ: both are kept.

    ``kept`` has the name from now on; the other is called ``moved_to``, on both sides
    (``None``: it was asked that the loser go to the trash).
    """

    path: RemotePath
    one: Entry
    two: Entry
    kept: Side
    moved_to: RemotePath | None


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that is left as it is, and why; ``error`` when a run MUST NOT end with 0."""

    path: RemotePath
    side: Side
    reason: str
    error: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be done, in an order in which nothing is ever nowhere.

    What stands in the way steps aside first; then folders are made, then moves, then copies,
    removals of files, removals of folders (deepest first). A file may be moved over another
    one's former place, so no action may be begun before those that stand before it have ended,
    except within one group of :func:`sync.ordering.stages`.
    """

    actions: tuple[Action, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skips: tuple[Skip, ...] = ()


class Result(Enum):
    """What came of an action."""

    DONE = "done"
    CHANGED = "changed"
    """Something was not any more what the plan was made for; the next run looks again."""
    FAILED = "failed"
    STOPPED = "stopped"
    """Not begun, as the run was to end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one action; ``sent`` is in bytes, ``seconds`` how long it took."""

    action: Action
    result: Result
    reason: str = ""
    sent: int = 0
    seconds: float = 0.0
    trash: str = ""
    """Where what was replaced or removed is kept now; empty when nothing was, or nowhere."""


class Stop(Enum):
    """Why a run began nothing more before all was done."""

    ASKED = "somebody asked for it"
    TRANSFER = "the limit of bytes was reached"
    TIME = "the limit of time was reached"
    QUOTA = "the service's quota is used up"
    STATE = "the state folder fails"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run was to do and did. Times are in seconds since the epoch (UTC)."""

    command: str
    one: str
    two: str
    plan: Plan
    outcomes: tuple[Outcome, ...]
    started: float
    ended: float
    calls: Mapping[Side, int] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    """Why the run ended early, when it did."""
    stop: Stop | None = None
    """The same as a value."""
    until: float = 0.0
    """When it may go on, as a used-up quota is there again; 0 when nobody said."""


def fact_of(entry: Entry, digest: Digest | None = None) -> Fact:
    """Return what is to be remembered of ``entry``, with ``digest`` where it tells none itself."""
    return Fact(
        entry.path,
        entry.kind,
        entry.id,
        entry.revision,
        entry.size,
        entry.modified,
        entry.digest or digest,
    )
