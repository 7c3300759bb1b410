"""What came of a run: figures, a summary for people, and the same for programs. Pure."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sync.model import Outcome, Report, Result, Side
from sync.units import size_text, span_text
from sync.words import Kind, Line, conflict_line, line_of, plain, skip_line


@dataclass(frozen=True, slots=True)
class Figures:
    """How much was done: number of paths by kind, toward each side, and bytes that were sent.

    ``troubles`` are failures and what changed meanwhile; ``left`` was not begun.
    """

    kinds: Counter[Kind] = field(default_factory=Counter)
    files: dict[Side, int] = field(default_factory=dict)
    sent: dict[Side, int] = field(default_factory=dict)
    troubles: int = 0
    left: int = 0
    conflicts: int = 0
    skipped: int = 0

    @property
    def total_sent(self) -> int:
        """Bytes sent to both sides."""
        return sum(self.sent.values())


def figures_of(report: Report) -> Figures:
    """Count what a run did; of a dry run, which has no outcomes, what it would do."""
    kinds: Counter[Kind] = Counter()
    files = dict.fromkeys(Side, 0)
    sent = dict.fromkeys(Side, 0)
    for outcome in done(report):
        line = line_of(outcome.action)
        kinds[line.kind] += 1
        if line.side and line.kind in {Kind.NEW, Kind.CHANGED}:
            files[line.side] += 1
            sent[line.side] += outcome.sent
    results = Counter(outcome.result for outcome in report.outcomes)
    return Figures(
        kinds,
        files,
        sent,
        results[Result.FAILED] + results[Result.CHANGED],
        results[Result.STOPPED],
        len(report.plan.conflicts),
        len(report.plan.skips),
    )


def done(report: Report) -> Iterator[Outcome]:
    """Yield what was done; of a dry run what would be."""
    if report.outcomes or not report.plan.actions:
        yield from (one for one in report.outcomes if one.result is Result.DONE)
    else:
        for action in report.plan.actions:
            yield Outcome(action, Result.DONE, sent=line_of(action).size)


def is_rehearsal(report: Report) -> bool:
    """Say whether nothing was tried although there was something to do: a dry run."""
    return bool(report.plan.actions) and not report.outcomes and not report.note


def summary(report: Report) -> Iterator[str]:
    """Yield the last lines of a run."""
    found = figures_of(report)
    would = "would be " if is_rehearsal(report) else ""
    for side, arrow in ((Side.TWO, "→"), (Side.ONE, "←")):
        if found.files[side]:
            where = report.two if side is Side.TWO else report.one
            told = f"{files_text(found.files[side])} {would}copied, {size_text(found.sent[side])}"
            yield f"{arrow} {plain(where)}: {told}"
    yield from (text.format(count) for text, count in _counts(found) if count)
    if not report.plan.actions and not found.skipped:
        yield "Both sides are alike: there is nothing to do."
    if report.note:
        yield f"Ended early: {report.note}"
    calls = sum(report.calls.values())
    yield f"{span_text(report.ended - report.started)}{f', {calls} API calls' if calls else ''}"


def _counts(found: Figures) -> Iterator[tuple[str, int]]:
    yield "Moved without sending: {}", found.kinds[Kind.MOVED]
    yield "Deleted: {}", found.kinds[Kind.DELETED]
    yield "Times brought in line: {}", found.kinds[Kind.TIME]
    yield "Folders made: {}", found.kinds[Kind.FOLDER]
    yield "Conflicts: {}", found.conflicts
    yield "Left alone: {}", found.skipped
    yield "Not done: {}; the next run tries again", found.troubles
    yield "Not begun: {}; the next run goes on there", found.left


def troubles(report: Report) -> Iterator[tuple[Line, str]]:
    """Yield line and reason of what was not done."""
    for outcome in report.outcomes:
        if outcome.result in {Result.FAILED, Result.CHANGED}:
            yield line_of(outcome.action), outcome.reason


def as_json(report: Report) -> dict[str, object]:
    """Return the whole report as what JSON holds; times by RFC 3339 in UTC, sizes in bytes."""
    found = figures_of(report)
    return {
        "command": report.command,
        "path1": report.one,
        "path2": report.two,
        "started": _moment(report.started),
        "ended": _moment(report.ended),
        "seconds": round(report.ended - report.started, 3),
        "dry_run": is_rehearsal(report),
        "note": report.note,
        "calls": {side.value: count for side, count in report.calls.items()},
        "figures": {kind.value: count for kind, count in sorted(found.kinds.items(), key=str)}
        | {
            "bytes_to_path1": found.sent[Side.ONE],
            "bytes_to_path2": found.sent[Side.TWO],
            "not_done": found.troubles,
            "not_begun": found.left,
        },
        "actions": [outcome_json(one) for one in report.outcomes or done(report)],
        "conflicts": [line_json(conflict_line(one)) for one in report.plan.conflicts],
        "skipped": [line_json(skip_line(one)) for one in report.plan.skips],
    }


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """Return an outcome as what JSON holds."""
    told = line_json(line_of(outcome.action))
    told |= {"result": outcome.result.value, "bytes": outcome.sent}
    told["seconds"] = round(outcome.seconds, 3)
    for name, value in (("reason", outcome.reason), ("trash", outcome.trash)):
        if value:
            told[name] = value
    return told


def line_json(line: Line) -> dict[str, object]:
    """Return a line as what JSON holds; ``to`` is the side that changes."""
    told: dict[str, object] = {"kind": line.kind.value, "path": line.path}
    if line.side:
        told["to"] = line.side.value
    if line.size:
        told["size"] = line.size
    if line.detail:
        told["detail"] = line.detail
    return told


def files_text(count: int) -> str:
    """Return ``1 file``, ``2 files``."""
    return "1 file" if count == 1 else f"{count} files"


def _moment(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds")
