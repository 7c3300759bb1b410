"""A tree drawn with lines, as ``tree`` draws it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, RemotePath


@dataclass(frozen=True, slots=True)
class TreeStyle:
    """What is drawn, and how."""

    hidden: bool = False
    folders_only: bool = False
    folders_first: bool = False
    full_path: bool = False
    sizes: bool = False
    report: bool = True


def tree_lines(entries: Iterable[Entry], style: TreeStyle) -> Iterator[str]:
    """Yield the tree below the root line by line, then how much it is."""
    below: dict[RemotePath, list[Entry]] = defaultdict(list)
    drawn = [entry for entry in entries if _is_drawn(entry, style)]
    for entry in drawn:
        below[paths.parent(entry.path)].append(entry)
    for children in below.values():
        children.sort(key=lambda e: (style.folders_first and not e.is_folder, e.path))
    total = sum(entry.size for entry in drawn)
    yield f"{_size(total, style)}/"
    yield from _branch(ROOT, "", below, style)
    if style.report:
        folders = sum(entry.is_folder for entry in drawn)
        files = "" if style.folders_only else f", {len(drawn) - folders} files"
        yield ""
        yield f"{folders} directories{files}"


def _branch(
    folder: RemotePath, indent: str, below: dict[RemotePath, list[Entry]], style: TreeStyle
) -> Iterator[str]:
    children = below.get(folder, [])
    for entry in children:
        is_last = entry is children[-1]
        name = f"/{entry.path}" if style.full_path else paths.name(entry.path)
        size = _size(_whole(entry, below) if style.sizes else 0, style)
        yield f"{indent}{'└── ' if is_last else '├── '}{size}{name}"
        yield from _branch(entry.path, indent + ("    " if is_last else "│   "), below, style)


def _whole(entry: Entry, below: dict[RemotePath, list[Entry]]) -> int:
    if not entry.is_folder:
        return entry.size
    return sum(_whole(child, below) for child in below.get(entry.path, []))


def _size(size: int, style: TreeStyle) -> str:
    return f"[{size:11d}]  " if style.sizes else ""


def _is_drawn(entry: Entry, style: TreeStyle) -> bool:
    if style.folders_only and not entry.is_folder:
        return False
    return style.hidden or not any(part.startswith(".") for part in entry.path.split("/"))
