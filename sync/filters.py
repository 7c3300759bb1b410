"""Which files and folders take part: rclone's filters (rclone documentation, filtering).

Rules are tried in turn and the first that matches decides; what none matches takes part. A
folder that is excluded is not entered. Where anything is included by ``--include``, the rest is
excluded. Pure: files with rules are read by whoever calls, and the time is handed in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath
from sync.globs import compile_glob, folder_globs

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: patterns as typed, sizes in bytes, ages in seconds, ``None`` for any.

    ``rules`` are lines ``+ PATTERN``, ``- PATTERN`` and ``!``. ``files`` are the only paths
    wanted, ``markers`` the names that keep the folder out which holds one. ``max_depth`` of 1 is
    the top alone, below 1 any.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None
    markers: tuple[str, ...] = ()
    min_size: int | None = None
    max_size: int | None = None
    min_age: float | None = None
    max_age: float | None = None
    max_depth: int | None = None
    ignore_case: bool = False

    @property
    def key(self) -> str:
        """Return what is the same as long as the same is asked for (hexadecimal).

        Ages are no part of it: a date is another age in each run, and what is left out by its
        age is another file in each run anyway.
        """
        names = [field.name for field in fields(self) if field.name not in {"min_age", "max_age"}]
        asked = repr([(name, getattr(self, name)) for name in names])
        return hashlib.sha256(asked.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Rule:
    include: bool
    pattern: re.Pattern[str]


class Filters:
    """The filters, ready to be asked. Not active without anything asked for."""

    def __init__(self, wanted: Wanted, now: float = 0.0) -> None:
        """Compile ``wanted``; ages count from ``now`` (seconds since the epoch).

        Raises:
            Misuse: a pattern makes no sense, or two wishes exclude each other.
        """
        self.wanted = wanted
        self._oldest = None if wanted.max_age is None else int((now - wanted.max_age) * _NS)
        self._newest = None if wanted.min_age is None else int((now - wanted.min_age) * _NS)
        if self._oldest is not None and self._newest is not None and self._newest < self._oldest:
            raise Misuse("--min-age is larger than --max-age: no file is both.")
        self._files: list[_Rule] = []
        self._folders: list[_Rule] = []
        for line in _lines(wanted):
            self._add(line)
        self._named: frozenset[str] | None = None
        self._named_folders: frozenset[str] = frozenset()
        if wanted.files is not None:
            self._name(wanted.files)

    @property
    def is_active(self) -> bool:
        """Say whether anything may be kept out."""
        return self.wanted != Wanted(ignore_case=self.wanted.ignore_case)

    def enters(self, folder: RemotePath) -> bool:
        """Say whether the rules let ``folder`` itself in; those above it are not asked."""
        if not self._is_shallow(folder):
            return False
        if self._named is not None:
            return folder in self._named_folders
        return _first(self._folders, f"{folder}/")

    def shuts_out(self, folder: RemotePath) -> bool:
        """Say whether the rules keep out ``folder`` or one above it, whatever is in them.

        Depths and markers are no rules: they may be others in the next run.
        """
        if self._named is not None:
            return folder not in self._named_folders
        path = (*paths.ancestors(folder)[1:], folder)
        return folder != paths.ROOT and not all(_first(self._folders, f"{one}/") for one in path)

    def passes(self, file: Entry) -> bool:
        """Say whether the rules let ``file`` itself in; the folders above it are not asked."""
        if not self._is_shallow(file.path):
            return False
        if self._named is not None:
            return file.path in self._named
        wanted = self.wanted
        return (
            (wanted.min_size is None or file.size >= wanted.min_size)
            and (wanted.max_size is None or file.size <= wanted.max_size)
            and (self._oldest is None or file.modified >= self._oldest)
            and (self._newest is None or file.modified <= self._newest)
            and _first(self._files, file.path)
        )

    def select(self, entries: Mapping[RemotePath, Entry]) -> Mapping[RemotePath, Entry]:
        """Return those of a whole subtree that take part, folders too."""
        if not self.is_active:
            return entries
        markers = set(self.wanted.markers)
        marked = {
            paths.parent(path)
            for path, entry in entries.items()
            if markers and not entry.is_folder and paths.name(path) in markers
        }
        entered: dict[RemotePath, bool] = {paths.ROOT: paths.ROOT not in marked}
        return {
            path: entry
            for path, entry in entries.items()
            if (
                self._reaches(path, entered, marked)
                if entry.is_folder
                else self._reaches(paths.parent(path), entered, marked) and self.passes(entry)
            )
        }

    def _reaches(
        self, folder: RemotePath, known: dict[RemotePath, bool], marked: set[RemotePath]
    ) -> bool:
        """Say whether ``folder`` and all above it are entered."""
        if folder not in known:
            known[folder] = (
                self._reaches(paths.parent(folder), known, marked)
                and folder not in marked
                and self.enters(folder)
            )
        return known[folder]

    def _is_shallow(self, path: RemotePath) -> bool:
        depth = self.wanted.max_depth
        return depth is None or depth <= 0 or path.count("/") < depth

    def _name(self, files: Iterable[str]) -> None:
        if self.is_active and self.wanted != Wanted(
            files=self.wanted.files,
            max_depth=self.wanted.max_depth,
            ignore_case=self.wanted.ignore_case,
        ):
            raise Misuse("--files-from names every file that is wanted.", "Use it alone.")
        named = {RemotePath(name.strip("/")) for name in files}
        self._named = frozenset(named)
        self._named_folders = frozenset(above for name in named for above in paths.ancestors(name))

    def _add(self, line: str) -> None:
        """Add one rule; one for files tells of folders too that have to be entered for it."""
        if line == "!":
            self._files.clear()
            self._folders.clear()
            return
        sign, glob = line[:2], line[2:]
        if sign not in {"+ ", "- "}:
            raise Misuse(
                f"{line!r} is no filter rule.", "Write '+ PATTERN', '- PATTERN' or '!' alone."
            )
        include = sign == "+ "
        names_folder = glob.endswith("/")
        if names_folder and not include:
            glob += "**"
        spans = "**" in glob
        rule = _Rule(include, compile_glob(glob, ignore_case=self.wanted.ignore_case))
        if spans or not names_folder:
            self._files.append(rule)
            if include or glob == "*":
                self._folders.extend(self._above(include, glob))
        if spans or names_folder:
            self._folders.append(rule)

    def _above(self, include: bool, glob: str) -> Iterator[_Rule]:  # noqa: FBT001
        for folder in folder_globs(glob):
            yield _Rule(include, compile_glob(folder, ignore_case=self.wanted.ignore_case))


def rule_lines(text: str) -> tuple[str, ...]:
    """Return the rules of a file: no outer blanks, empty lines or ``#`` and ``;`` comments."""
    stripped = (line.strip() for line in text.splitlines())
    return tuple(line for line in stripped if line and line[0] not in "#;")


def _lines(wanted: Wanted) -> Iterator[str]:
    """Yield all rules in the order in which they are tried."""
    yield from (f"+ {glob}" for glob in wanted.include)
    yield from (f"- {glob}" for glob in wanted.exclude)
    yield from wanted.rules
    if wanted.include:
        yield "- /**"


def _first(rules: Iterable[_Rule], path: str) -> bool:
    return next((rule.include for rule in rules if rule.pattern.search(path)), True)
