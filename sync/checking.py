"""Whether two sides hold the same files. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import NO_FILE
from sync.compare import same_digest
from sync.model import Side, Tree

_BY_SIZE = "by size only"


class Mark(Enum):
    """What was found of a path, by the marks of rclone's ``check --combined``."""

    MATCH = "="
    MISSING_ON_DST = "+"
    MISSING_ON_SRC = "-"
    DIFFER = "*"
    ERROR = "!"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a path, and why."""

    mark: Mark
    path: RemotePath
    reason: str = ""


def check(trees: Mapping[Side, Tree], *, one_way: bool, sizes_only: bool) -> Iterator[Verdict]:
    """Yield a verdict for each file, by path; with ``one_way`` only for those of the first side.

    Files are the same when their checksums are. Where a service tells none the size decides, and
    the reason says so. What is no file is passed over, unless the other side has a file there.
    """
    one, two = (
        {path: entry for path, entry in trees[side].entries.items() if not entry.is_folder}
        for side in Side
    )
    withheld = {
        path: why
        for side in Side
        for path, why in trees[side].withheld.items()
        if why != NO_FILE or path in one or path in two
    }
    wanted = one.keys() | withheld.keys() | (set() if one_way else two.keys())
    for path in sorted(wanted):
        if path in withheld:
            yield Verdict(Mark.ERROR, path, withheld[path])
        elif path not in two:
            yield Verdict(Mark.MISSING_ON_DST, path, "not in path2")
        elif path not in one:
            yield Verdict(Mark.MISSING_ON_SRC, path, "not in path1")
        else:
            yield _compared(one[path], two[path], sizes_only=sizes_only)


def tally(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield the last lines: how many of which."""
    all_ = list(verdicts)
    counts = Counter(verdict.mark for verdict in all_)
    different = sum(count for mark, count in counts.items() if mark is not Mark.MATCH)
    if counts[Mark.MISSING_ON_DST]:
        yield f"path2: {counts[Mark.MISSING_ON_DST]} files missing"
    if counts[Mark.MISSING_ON_SRC]:
        yield f"path1: {counts[Mark.MISSING_ON_SRC]} files missing"
    yield f"{different} differences found"
    if counts[Mark.ERROR]:
        yield f"{counts[Mark.ERROR]} errors while checking"
    yield f"{counts[Mark.MATCH]} matching files"
    if unproven := sum(verdict.reason == _BY_SIZE for verdict in all_):
        yield f"{unproven} of them by size only: nothing says that their bytes are the same"


def _compared(one: Entry, two: Entry, *, sizes_only: bool) -> Verdict:
    path = one.path
    if one.size != two.size:
        return Verdict(Mark.DIFFER, path, "sizes differ")
    same = None if sizes_only else same_digest(one.digest, two.digest)
    if same is None:
        return Verdict(Mark.MATCH, path, _BY_SIZE)
    if not same:
        assert one.digest
        return Verdict(Mark.DIFFER, path, f"{one.digest.algorithm} differ")
    return Verdict(Mark.MATCH, path)
