"""Listings as rclone writes them (``ls``, ``lsl``, ``lsd``, ``lsf``, ``lsjson``, ``size``).

Pure. What is listed is sorted by its path. A folder's size is not known: -1.
"""

from __future__ import annotations

import csv
import io
import json
import mimetypes
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Misuse
from sync.moments import FULL, PLAIN, json_moment, moment_text
from sync.units import count_text, size_text

Digests = Callable[[Entry, str], str]
"""Entry, algorithm → its digest in hexadecimal; empty where there is none."""

_FIELDS = "pstihmo"


@dataclass(frozen=True, slots=True)
class Style:
    """How ``lsf`` writes a line; ``fields`` are letters as rclone has them.

    p path, s size, t time, h digest (by ``algorithm``), i and o id, m type of content. ``step`` is
    how fine the times are, in nanoseconds. ``has_ids`` says that ids mean something to people.
    """

    fields: str = "p"
    separator: str = ";"
    layout: str = PLAIN
    algorithm: str = "md5"
    step: int = 1
    is_csv: bool = False
    has_slash: bool = True
    is_absolute: bool = False
    has_ids: bool = True

    def id_of(self, entry: Entry) -> str:
        """Return the id of a file where it is shown."""
        return entry.id if self.has_ids and not entry.is_folder else ""


def ls_line(entry: Entry) -> str:
    """Return size and path of a file."""
    return f"{entry.size:9d} {entry.path}"


def lsl_line(entry: Entry) -> str:
    """Return size, time and path of a file."""
    return f"{entry.size:9d} {moment_text(entry.modified, FULL)} {entry.path}"


def lsd_line(entry: Entry) -> str:
    """Return size, time, number of files (neither is known) and path of a folder."""
    return f"{-1:12d} {moment_text(entry.modified)} {-1:9d} {entry.path}"


def lsf_lines(entries: Iterable[Entry], style: Style, digests: Digests) -> Iterator[str]:
    """Yield a line for each entry.

    Raises:
        Misuse: a letter is not known.
    """
    unknown = [letter for letter in style.fields if letter not in _FIELDS]
    if unknown:
        raise Misuse(f"--format knows no {unknown[0]!r}.", f"Its letters are {_FIELDS}.")
    for entry in entries:
        cells = [_cell(letter, entry, style, digests) for letter in style.fields]
        yield _csv_line(cells) if style.is_csv else style.separator.join(cells)


def json_item(entry: Entry, style: Style, digests: Mapping[str, str]) -> dict[str, object]:
    """Return what ``lsjson`` says of an entry; ``digests`` is algorithm → hexadecimal."""
    item: dict[str, object] = {
        "Path": entry.path,
        "Name": paths.name(entry.path),
        "Size": -1 if entry.is_folder else entry.size,
        "MimeType": mime_type(entry),
        "ModTime": json_moment(entry.modified, style.step),
        "IsDir": entry.is_folder,
    }
    if digests:
        item["Hashes"] = dict(digests)
    if id_ := style.id_of(entry):
        item["ID"] = id_
    return item


def json_lines(items: Iterable[dict[str, object]]) -> Iterator[str]:
    """Yield the lines of an array that can also be read line by line."""
    yield "["
    before = None
    for item in items:
        if before is not None:
            yield f"{before},"
        before = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
    if before is not None:
        yield before
    yield "]"


def size_lines(entries: Iterable[Entry]) -> list[str]:
    """Return how many files there are and how large they are together."""
    sizes = [entry.size for entry in entries if not entry.is_folder]
    number, total = len(sizes), sum(sizes)
    shown = f"{count_text(number)} ({number})" if number >= 1000 else str(number)
    return [f"Total objects: {shown}", f"Total size: {size_text(total)} ({total} Byte)"]


def size_json(entries: Iterable[Entry]) -> str:
    """Return the same as an object."""
    sizes = [entry.size for entry in entries if not entry.is_folder]
    told = {"count": len(sizes), "bytes": sum(sizes), "sizeless": 0}
    return json.dumps(told, separators=(",", ":"))


def mime_type(entry: Entry) -> str:
    """Return the type of content that the name promises."""
    if entry.is_folder:
        return "inode/directory"
    kind, _ = mimetypes.guess_type(entry.path, strict=False)
    kind = kind or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _cell(letter: str, entry: Entry, style: Style, digests: Digests) -> str:
    if letter == "p":
        slash = "/" if entry.is_folder and style.has_slash else ""
        return f"{'/' if style.is_absolute else ''}{entry.path}{slash}"
    if letter == "t":
        return moment_text(entry.modified, style.layout, style.step)
    if letter == "m":
        return mime_type(entry)
    if entry.is_folder:
        return "-1" if letter == "s" else ""
    if letter == "h":
        return digests(entry, style.algorithm)
    return str(entry.size) if letter == "s" else style.id_of(entry)


def _csv_line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
