"""A run with a bit of everything, for what tells of runs."""

from __future__ import annotations

from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath
from sync.model import (
    Adopt,
    Conflict,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Outcome,
    Plan,
    Remove,
    Report,
    Result,
    Side,
    Skip,
    Touch,
)


def file(path: str, size: int = 1000) -> Entry:
    return Entry(RemotePath(path), Kind.FILE, path, "1", size, 1_700_000_000 * 10**9)


def path(text: str) -> RemotePath:
    return RemotePath(text)


NEW = Copy(Side.TWO, file("a/new.jpg", 2048), path("a/new.jpg"), None, path("a/new.jpg"))
CHANGED = Copy(Side.ONE, file("b.jpg"), path("b.jpg"), file("b.jpg", 7), path("b.jpg"))
MOVED = Move(Side.TWO, file("old.jpg"), path("c/now.jpg"), file("c/now.jpg"), path("c/now.jpg"))
GONE = Remove(Side.TWO, file("gone.jpg"), path("gone.jpg"))
BROKEN = Copy(Side.TWO, file("big.tif", 10**9), path("big.tif"), None, path("big.tif"))
LATE = Copy(Side.TWO, file("late.jpg"), path("late.jpg"), None, path("late.jpg"))
FOLDER = MakeFolder(Side.TWO, path("a"))
TIMED = Touch(Side.ONE, file("t.jpg"), 5, file("t.jpg"), path("t.jpg"))
KNOWN = Adopt(path("same.jpg"), file("same.jpg"), file("same.jpg"))
FORGOTTEN = Forget(path("never.jpg"))
CLASH = Conflict(
    path("p.jpg"), file("p.jpg", 5), file("p.jpg", 6), Side.TWO, path("p (conflict).jpg")
)
SKIPPED = Skip(path("x\x1b[31m.jpg"), Side.ONE, "the name cannot be held", error=False)

PLAN = Plan(
    (FOLDER, MOVED, NEW, CHANGED, BROKEN, LATE, TIMED, GONE, KNOWN, FORGOTTEN), (CLASH,), (SKIPPED,)
)
OUTCOMES = (
    Outcome(FOLDER, Result.DONE),
    Outcome(MOVED, Result.DONE),
    Outcome(NEW, Result.DONE, sent=2048, seconds=0.5),
    Outcome(CHANGED, Result.DONE, sent=1000, seconds=0.5, trash="/trash/b.jpg"),
    Outcome(BROKEN, Result.FAILED, "It is too <large>."),
    Outcome(LATE, Result.STOPPED, "Ctrl-C"),
    Outcome(TIMED, Result.DONE),
    Outcome(GONE, Result.DONE, trash="/trash/gone.jpg"),
    Outcome(KNOWN, Result.DONE),
    Outcome(FORGOTTEN, Result.DONE),
)
STARTED = 1_700_000_000.0
RUN = Report(
    "bisync", "/home/<me>", "cloudinary:", PLAN, OUTCOMES, STARTED, STARTED + 75, {Side.TWO: 4}
)
REHEARSAL = Report("sync", "a", "b", PLAN, (), STARTED, STARTED + 1)
QUIET = Report("sync", "a", "b", Plan(), (), STARTED, STARTED + 1)
