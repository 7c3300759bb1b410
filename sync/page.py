"""A run as one page to look at: no scripts, nothing fetched, all text escaped. Pure.

Pictures are handed in as ``data:`` addresses; the page asks nobody for anything.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib import resources
from types import MappingProxyType

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath
from sync.model import Conflict, Outcome, Report, Side
from sync.report import Figures, done, figures_of, files_text, is_rehearsal, troubles
from sync.units import size_text, span_text
from sync.words import ARROWS, Kind, Line, line_of, plain

SHORT = 30
"""Rows that a table shows without being opened."""

MOST_ROWS = 2000
"""Rows of one table; what is beyond is counted, and is whole in the JSON report."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Small pictures as ``data:`` addresses: of what was done by its common path, and of each
    side of a conflict."""

    done: Mapping[RemotePath, str] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: Mapping[tuple[RemotePath, Side], str] = field(
        default_factory=lambda: MappingProxyType({})
    )


_TITLES = (
    (Kind.NEW, "New"),
    (Kind.CHANGED, "Changed"),
    (Kind.MOVED, "Moved, without their bytes being sent"),
    (Kind.DELETED, "Deleted"),
    (Kind.TIME, "Times brought in line"),
    (Kind.FOLDER, "Folders made"),
)


def page(report: Report, pictures: Pictures = Pictures()) -> str:
    """Return the page of a run, one HTML document."""
    figures = figures_of(report)
    style = resources.files("sync").joinpath("page.css").read_text("utf-8")
    title = f"{report.command}: {report.one} – {report.two}"
    body = "".join(
        (
            _head(report, figures),
            _flow(report, figures),
            _tiles(report, figures),
            _errors(report),
            _conflicts(report, pictures),
            *_parts(report, pictures),
            _skips(report),
            _foot(report),
        )
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _head(report: Report, figures: Figures) -> str:
    if is_rehearsal(report):
        state, words = "dry", "Dry run: nothing was changed"
    elif figures.troubles or report.note or any(skip.error for skip in report.plan.skips):
        state, words = "bad", report.note or "Not all could be done"
    elif figures.conflicts:
        state, words = "warn", "Done, with conflicts to look at"
    else:
        state, words = "good", "All done"
    return (
        f'<header>\n<p class="command">mirrorsync {_text(report.command)}</p>\n'
        f'<h1><span class="dot {state}" aria-hidden="true"></span>{_text(words)}</h1>\n'
        f"<p>{_moment(report.started)}, {span_text(report.ended - report.started)}</p>\n</header>\n"
    )


def _flow(report: Report, figures: Figures) -> str:
    """Return both sides with what went each way between them."""
    ways = "".join(
        f'<span class="way{"" if figures.files[side] else " idle"}">'
        f'<span class="arrow" aria-hidden="true">{ARROWS[side]}</span>'
        f"{files_text(figures.files[side])} · {size_text(figures.sent[side])}"
        f'<span class="unseen"> to {side.value}</span></span>'
        for side in (Side.TWO, Side.ONE)
    )
    return (
        '<section class="flow" aria-label="What went where">'
        f'<div class="side"><small>path1</small><b>{_text(report.one)}</b></div>'
        f'<div class="ways">{ways}</div>'
        f'<div class="side"><small>path2</small><b>{_text(report.two)}</b></div></section>\n'
    )


def _tiles(report: Report, figures: Figures) -> str:
    kinds = figures.kinds
    told = [
        ("new", kinds[Kind.NEW], ""),
        ("changed", kinds[Kind.CHANGED], ""),
        ("moved", kinds[Kind.MOVED], ""),
        ("deleted", kinds[Kind.DELETED], "del"),
        ("conflicts", figures.conflicts, "warn"),
        ("not done", figures.troubles + figures.left, "bad"),
        ("left alone", figures.skipped, "warn"),
        ("API calls", sum(report.calls.values()), ""),
    ]
    tiles = "".join(
        f'<div class="tile {tone if count else ""}"><dt>{name}</dt><dd>{count}</dd></div>'
        for name, count, tone in told
        if count or name in {"new", "changed", "moved", "deleted"}
    )
    return f'<dl class="tiles">{tiles}</dl>\n'


def _errors(report: Report) -> str:
    rows = [(line, reason) for line, reason in troubles(report)]
    return _section(
        "errors",
        "Not done",
        rows,
        lambda row: _row(row[0], f'<td class="why">{_text(row[1])}</td>'),
    )


def _conflicts(report: Report, pictures: Pictures) -> str:
    if not report.plan.conflicts:
        return ""
    cards = "".join(_conflict(conflict, pictures) for conflict in report.plan.conflicts)
    count = len(report.plan.conflicts)
    return f'<section id="conflicts"><h2>Conflicts <i>{count}</i></h2>{cards}</section>\n'


def _conflict(conflict: Conflict, pictures: Pictures) -> str:
    halves = []
    for side, entry in ((Side.ONE, conflict.one), (Side.TWO, conflict.two)):
        keeps = conflict.kept is side
        name = conflict.path if keeps else conflict.moved_to
        fate = "keeps its name" if keeps else "has another name now" if name else "is in the trash"
        facts = f"{size_text(entry.size)} · {_moment(entry.modified / 1e9)}"
        picture = pictures.conflicts.get((conflict.path, side), "")
        halves.append(
            f'<figure class="{"kept" if keeps else "moved"}">'
            f"{_picture(picture, f'the version of {side.value}')}"
            f"<figcaption><small>{side.value}, {fate}</small>"
            f"<b>{_text(name or conflict.path)}</b><span>{facts}</span></figcaption></figure>"
        )
    return f'<article class="conflict"><h3>{_text(conflict.path)}</h3>{"".join(halves)}</article>'


def _parts(report: Report, pictures: Pictures) -> Iterator[str]:
    """Yield a section for each kind: a wall of those with a picture, a table of all others."""
    kinds: dict[Kind, list[Outcome]] = defaultdict(list)
    for outcome in done(report):
        kinds[line_of(outcome.action).kind].append(outcome)
    for kind, title in _TITLES:
        shown = [one for one in kinds[kind] if _key(one) in pictures.done]
        rest = [one for one in kinds[kind] if _key(one) not in pictures.done]
        wall = _wall(shown, pictures)
        if shown or rest:
            table = _table(rest, lambda one: _row(line_of(one.action), _facts(one)))
            yield (
                f'<section class="{kind.value}"><h2>{title} <i>{len(shown) + len(rest)}</i></h2>'
                f"{wall}{table}</section>\n"
            )


def _wall(shown: list[Outcome], pictures: Pictures) -> str:
    """Return pictures by the folder that they are in."""
    folders: dict[RemotePath, list[Outcome]] = defaultdict(list)
    for outcome in shown:
        folders[paths.parent(_key(outcome))].append(outcome)
    walls = []
    for folder, outcomes in sorted(folders.items()):
        tiles = "".join(_tile(outcome, pictures.done[_key(outcome)]) for outcome in outcomes)
        walls.append(f'<h3>{_text(folder or "top")}</h3><div class="wall">{tiles}</div>')
    return "".join(walls)


def _tile(outcome: Outcome, picture: str) -> str:
    line = line_of(outcome.action)
    name = _text(paths.name(line.path))
    arrow = ARROWS[line.side] if line.side else ""
    facts = f"{arrow} {_text(line.detail)}"
    return (
        f"<figure>{_picture(picture, name)}"
        f'<figcaption title="{_text(line.path)}"><b>{name}</b><span>{facts}</span></figcaption>'
        "</figure>"
    )


def _skips(report: Report) -> str:
    return _section(
        "skipped",
        "Left alone",
        report.plan.skips,
        lambda skip: (
            f"<tr><td>{_text(skip.side.value)}</td><td>{_text(skip.path)}</td>"
            f'<td class="why">{_text(skip.reason)}</td></tr>'
        ),
    )


def _foot(report: Report) -> str:
    kept = {outcome.trash for outcome in report.outcomes if outcome.trash}
    told = (
        f"<p>Kept of what was replaced or deleted: {files_text(len(kept))}; "
        "<code>mirrorsync trash list</code> shows what.</p>"
        if kept
        else ""
    )
    return f"<footer>{told}</footer>\n"


def _section(name: str, title: str, items: Iterable[object], row: Callable[..., str]) -> str:
    found = list(items)
    if not found:
        return ""
    heading = f"<h2>{title} <i>{len(found)}</i></h2>"
    return f'<section class="{name}">{heading}{_table(found, row)}</section>\n'


def _table(items: list[object] | list[Outcome], row: Callable[..., str]) -> str:
    if not items:
        return ""
    rows = "".join(row(item) for item in items[:MOST_ROWS])
    table = f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>'
    if len(items) <= SHORT:
        return table
    more = len(items) - MOST_ROWS
    beyond = f"<p>and {more} more, which --report FILE.json names</p>" if more > 0 else ""
    return f"<details><summary>{len(items)} in a list</summary>{table}{beyond}</details>"


def _row(line: Line, more: str) -> str:
    arrow = ARROWS[line.side] if line.side else ""
    to = f'<span class="unseen">to {line.side.value}</span>' if line.side else ""
    detail = f" <small>{_text(line.detail)}</small>" if line.detail else ""
    return (
        f'<tr><td class="arrow"><span aria-hidden="true">{arrow}</span>{to}</td>'
        f"<td>{_text(line.path)}{detail}</td>{more}</tr>"
    )


def _facts(outcome: Outcome) -> str:
    took = span_text(outcome.seconds) if outcome.seconds else ""
    return f"<td>{took}</td>"


def _picture(address: str, words: str) -> str:
    if not address:
        return '<div class="none" role="img" aria-label="no picture at hand"></div>'
    return f'<img src="{escape(address)}" alt="{_text(words)}" loading="lazy" decoding="async">'


def _key(outcome: Outcome) -> RemotePath:
    return line_of(outcome.action).path


def _text(text: str) -> str:
    return escape(plain(text))


def _moment(seconds: float) -> str:
    then = datetime.datetime.fromtimestamp(seconds).astimezone()
    return f'<time datetime="{then.isoformat()}">{then:%Y-%m-%d %H:%M:%S}</time>'
