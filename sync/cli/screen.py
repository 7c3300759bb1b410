"""How far a run is, drawn on a terminal: the whole, each file under way, and the quota."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.logging import RichHandler
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sync.cli.telling import Usages
from sync.progress import Figures, Progress
from sync.units import size_text, span_text
from sync.words import ARROWS, plain

_MOST_FILES = 8
_BAR = 24


@contextmanager
def drawn(progress: Progress, usages: Usages, log: logging.Logger) -> Iterator[None]:
    """Draw it until the end; what is said meanwhile goes above."""
    console = Console(stderr=True)
    handler = RichHandler(
        console=console, show_time=False, show_level=False, show_path=False, markup=False
    )
    plain_handlers, log.handlers = log.handlers, [handler]
    live = Live(
        console=console,
        get_renderable=lambda: _picture(progress.figures(), usages),
        refresh_per_second=8,
        transient=True,
    )
    try:
        with live:
            yield
    finally:
        log.handlers = plain_handlers


def _picture(figures: Figures, usages: Usages) -> Group:
    if not figures.is_planned:
        return Group(Text(f"⠿ {figures}", style="cyan"))
    table = Table.grid(padding=(0, 1))
    for one in figures.running[:_MOST_FILES]:
        table.add_row(
            Text(ARROWS[one.side], style="blue"),
            Text(plain(_short(one.path)), no_wrap=True),
            ProgressBar(total=max(one.size, 1), completed=one.sent, width=_BAR),
            Text(f"{size_text(one.sent)} of {size_text(one.size)}", style="dim"),
        )
    return Group(table, _whole(figures), _foot(figures, usages))


def _whole(figures: Figures) -> Table:
    whole = Table.grid(padding=(0, 1))
    left = f"{span_text(figures.left)} left" if figures.left is not None else ""
    total, done = (figures.size, figures.sent) if figures.size else (figures.total, figures.done)
    whole.add_row(
        Text(f"{figures.done} of {figures.total}", style="bold"),
        ProgressBar(total=max(total, 1), completed=done, width=_BAR * 2),
        Text(f"{size_text(figures.sent)} of {size_text(figures.size)}"),
        Text(f"{size_text(int(figures.rate))}/s", style="green"),
        Text(left, style="cyan"),
    )
    return whole


def _foot(figures: Figures, usages: Usages) -> Text:
    """Return what is left of the quota, what went wrong, and what is waited for."""
    foot = Text()
    for side, tell in usages.items():
        usage = tell()
        if usage.remaining is not None:
            of = f" of {usage.limit}" if usage.limit else ""
            foot.append(f"{side.value}: {usage.remaining}{of} API calls left  ", style="dim")
    if figures.troubles:
        foot.append(f"{figures.troubles} not done  ", style="red")
    if figures.waiting:
        foot.append(plain(figures.waiting), style="yellow")
    return foot


def _short(path: str, room: int = 44) -> str:
    return path if len(path) <= room else f"…{path[1 - room :]}"
