"""Figures as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.table import Table

from scripts.bench.figure import OURS, Bound, Figure

_WIDTH = 144


def show(machine: Mapping[str, str], figures: Sequence[Figure]) -> None:
    """Print the machine, then a table per set of sides: medians, and least–greatest below them."""
    console = Console(width=_WIDTH, highlight=False)
    console.print(" · ".join(f"{name} {value}" for name, value in machine.items()))
    for sides in dict.fromkeys(figure.sides for figure in figures):
        console.print(_table(sides, [figure for figure in figures if figure.sides == sides]))
    for figure in figures:
        if figure.failure:
            console.print(f"{figure.name} failed: {figure.failure}", markup=False)


def _table(sides: Sequence[str], figures: Sequence[Figure]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("figure", no_wrap=True)
    for heading in sides:
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("ours is", "bound", ""):
        table.add_column(heading, no_wrap=True)
    for figure in figures:
        table.add_row(*_row(figure, sides))
    return table


def _row(figure: Figure, sides: Sequence[str]) -> list[str]:
    if figure.failure:
        return [figure.name, *("" for _ in sides), "", "", "[red]failed[/]"]
    ratios = [
        f"{_number(figure.ratio(side))} × {side}"
        for side in sides
        if side != OURS and figure.samples.get(side) and figure.median(side)
    ]
    bounds = [bound.show(figure.unit) for bound in figure.bounds]
    verdicts = [_verdict(figure, bound) for bound in figure.bounds]
    name = f"{figure.name} ({figure.unit.name})"
    samples = [_samples(figure, side) for side in sides]
    return [name, *samples, "\n".join(ratios), "\n".join(bounds), "\n".join(verdicts)]


def _samples(figure: Figure, side: str) -> str:
    values = figure.samples.get(side)
    if not values:
        return "–"
    show = figure.unit.show
    return f"{show(figure.median(side))}\n[dim]{show(min(values))}–{show(max(values))}[/]"


def _number(ratio: float) -> str:
    return f"{ratio:,.0f}".replace(",", " ") if ratio >= 10 else f"{ratio:.2g}"


def _verdict(figure: Figure, bound: Bound) -> str:
    if not figure.meets(bound):
        return "[red]missed[/]"
    reaches = bound.aim is not None and figure.meets(replace(bound, factor=bound.aim))
    return "[green]met, aim too[/]" if reaches else "[green]met[/]"
