"""``ls``, ``lsl``, ``lsd``, ``lsf``, ``lsjson``, ``tree`` and ``size``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mirrorfs.core.errors import Misuse, NotFound
from mirrorfs.core.paths import ROOT
from sync import listing
from sync.branches import TreeStyle, tree_lines
from sync.cli.options import FILTERS, NO_WAIT, take_filters, together
from sync.cli.places import find_file, find_place
from sync.filters import Filters
from sync.moments import PLAIN

if TYPE_CHECKING:
    from mirrorfs.core.entry import Entry
    from mirrorfs.core.provider import Source

_LOOK: Callable[[Any], Any] = together(click.argument("path"), FILTERS, NO_WAIT)
HASH = click.Choice(["md5", "sha1", "sha256", "sha512"], case_sensitive=False)
UNSUPPORTED = "UNSUPPORTED"
_DEEP = click.option("-R", "--recursive", is_flag=True, help="Also what is in its folders.")
_ONLY: Callable[[Any], Any] = together(
    click.option("--files-only", is_flag=True), click.option("--dirs-only", is_flag=True)
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was listed, sorted by path, and who can be asked more of it."""

    source: Source
    entries: tuple[Entry, ...]

    @property
    def files(self) -> Iterator[Entry]:
        """The files alone."""
        return (entry for entry in self.entries if not entry.is_folder)

    @property
    def folders(self) -> Iterator[Entry]:
        """The folders alone."""
        return (entry for entry in self.entries if entry.is_folder)

    def close(self) -> None:
        """Give the connections back."""
        self.source.close()

    def digest(self, entry: Entry, algorithm: str) -> str:
        """Return what the service says; of a local file it is computed."""
        known = entry.digest
        if known is None and self.source.traits.name == "local":
            hasher = hashlib.new(algorithm, usedforsecurity=False)
            for piece in self.source.read(entry):
                hasher.update(piece)
            return hasher.hexdigest()
        return known.value if known and known.algorithm == algorithm else UNSUPPORTED

    def style(self, **choices: Any) -> listing.Style:
        """Return a style with what follows from the source."""
        traits = self.source.traits
        return listing.Style(step=traits.modified_step, has_ids=traits.name != "local", **choices)


def look(path: str, options: dict[str, Any], *, deep: bool) -> Found:
    """List ``path``, a folder or a file, by the ``options`` that every listing has.

    Raises:
        NotFound: there is neither. Others as any call.
    """
    filters = take_filters(options)
    place = find_place(path, waits=not options.pop("no_wait"))
    source = place.open()
    try:
        return Found(source, _listed(source, filters, deep=deep))
    except NotFound:
        source.close()
    except BaseException:
        source.close()
        raise
    held = find_file(place)
    if held is None:
        raise NotFound(f"{path}: there is no such folder.")
    source = held[0].open()
    return Found(source, (source.stat(held[1]),))


def _listed(source: Source, filters: Filters, *, deep: bool) -> tuple[Entry, ...]:
    depth = filters.wanted.max_depth
    if depth != 1 and (deep or depth is not None):
        entries = dict(source.scan(ROOT).entries)
    else:
        entries = {entry.path: entry for entry in source.scandir(ROOT)}
    return tuple(entry for _, entry in sorted(filters.select(entries).items()))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@click.command()
@_LOOK
def ls(path: str, **options: Any) -> None:
    """List the files of PATH, also those in its folders: size and path."""
    with closing(look(path, options, deep=True)) as found:
        _print(map(listing.ls_line, found.files))


@click.command()
@_LOOK
def lsl(path: str, **options: Any) -> None:
    """List the files of PATH, also those in its folders: size, time and path."""
    with closing(look(path, options, deep=True)) as found:
        _print(map(listing.lsl_line, found.files))


@click.command()
@_LOOK
@_DEEP
def lsd(path: str, recursive: bool, **options: Any) -> None:
    """List the folders of PATH; -R for those below them, too."""
    with closing(look(path, options, deep=recursive)) as found:
        _print(map(listing.lsd_line, found.folders))


@click.command()
@_LOOK
@_DEEP
@_ONLY
@click.option(
    "-F",
    "--format",
    "fields",
    default="p",
    metavar="LETTERS",
    help="p path, s size, t time, h digest, i id, m type of content.  [default: p]",
)
@click.option("-s", "--separator", default=";", help="Between the fields.  [default: ;]")
@click.option("-t", "--time-format", "layout", default=PLAIN, help="As in Go, or RFC3339, unix, …")
@click.option("--hash", "algorithm", type=HASH, default="md5", help="For h.  [default: md5]")
@click.option("--csv", "is_csv", is_flag=True, help="Quote what needs it.")
@click.option("-d", "--dir-slash/--no-dir-slash", "has_slash", default=True)
@click.option("--absolute", "is_absolute", is_flag=True, help="A / before each path.")
@click.pass_context
def lsf(ctx: click.Context, /, path: str, recursive: bool, **options: Any) -> None:
    """List files and folders, one a line, as --format says."""
    choices = _taken(options, "fields", "layout", "algorithm", "is_csv", "has_slash", "is_absolute")
    choices["separator"] = _separator(ctx, options.pop("separator"), choices["is_csv"])
    kinds = _taken(options, "files_only", "dirs_only")
    with closing(look(path, options, deep=recursive)) as found:
        style = found.style(**choices)
        _print(listing.lsf_lines(_kinds(found, **kinds), style, found.digest))


@click.command()
@_LOOK
@_DEEP
@_ONLY
@click.option("--hash", "hashes", is_flag=True, help="Tell the digest that the service knows.")
@click.option("--hash-type", "types", type=HASH, multiple=True, help="This digest; repeatable.")
@click.option("--stat", is_flag=True, help="One object: PATH itself.")
@click.option("--no-modtime", is_flag=True, help="Leave the times out.")
@click.option("--no-mimetype", is_flag=True, help="Leave the types of content out.")
def lsjson(path: str, recursive: bool, stat: bool, **options: Any) -> None:
    """List files and folders as JSON, an object a line."""
    kinds = _taken(options, "files_only", "dirs_only")
    wish = _Wish(**_taken(options, "hashes", "types", "no_modtime", "no_mimetype"))
    if stat:
        click.echo(json.dumps(_stat(path, options, wish), ensure_ascii=False, indent="\t"))
        return
    with closing(look(path, options, deep=recursive)) as found:
        items = (wish.item(found, entry) for entry in _kinds(found, **kinds))
        _print(listing.json_lines(items))


@click.command()
@_LOOK
@click.option("-a", "--all", "hidden", is_flag=True, help="Also names that begin with a dot.")
@click.option("-d", "--dirs-only", "folders_only", is_flag=True)
@click.option("--dirsfirst", "folders_first", is_flag=True)
@click.option("--full-path", is_flag=True)
@click.option("-s", "--size", "sizes", is_flag=True)
@click.option("--level", type=int, default=0, help="How many levels down.")
@click.option("--noreport", is_flag=True, help="No count at the end.")
def tree(path: str, level: int, noreport: bool, **options: Any) -> None:
    """Draw what is in PATH as a tree."""
    style = TreeStyle(
        report=not noreport,
        **_taken(options, "hidden", "folders_only", "folders_first", "full_path", "sizes"),
    )
    if level > 0:
        options["max_depth"] = level
    with closing(look(path, options, deep=True)) as found:
        _print(tree_lines(found.entries, style))


@click.command()
@_LOOK
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def size(path: str, as_json: bool, **options: Any) -> None:
    """Say how many files PATH holds, and how large they are together."""
    with closing(look(path, options, deep=True)) as found:
        if as_json:
            click.echo(listing.size_json(found.entries))
        else:
            _print(listing.size_lines(found.entries))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What ``lsjson`` is to tell."""

    hashes: bool
    types: tuple[str, ...]
    no_modtime: bool
    no_mimetype: bool

    def item(self, found: Found, entry: Entry) -> dict[str, object]:
        """Return what is told of one entry."""
        types = self.types
        if self.hashes and not types:
            types = (found.source.traits.digest or "md5",)
        digests = {} if entry.is_folder else {name: found.digest(entry, name) for name in types}
        told = {name: value for name, value in digests.items() if value != UNSUPPORTED}
        item = listing.json_item(entry, found.style(), told)
        if self.no_modtime:
            item["ModTime"] = ""
        if self.no_mimetype:
            del item["MimeType"]
        return item


def _stat(path: str, options: dict[str, Any], wish: _Wish) -> dict[str, object]:
    """Return the object of ``path`` itself; a folder's path is empty, as everything is below it."""
    place = find_place(path, waits=not options.pop("no_wait"))
    held = find_file(place)
    with closing((held[0] if held else place).open()) as source:
        entry = source.stat(held[1]) if held else replace(source.stat(ROOT), path=ROOT)
        return wish.item(Found(source, (entry,)), entry)


def _kinds(found: Found, *, files_only: bool, dirs_only: bool) -> Iterable[Entry]:
    if files_only:
        return found.files
    return found.folders if dirs_only else found.entries


def _taken(options: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: options.pop(name) for name in names}


def _separator(ctx: click.Context, separator: str, is_csv: bool) -> str:
    if is_csv and ctx.get_parameter_source("separator") is ParameterSource.COMMANDLINE:
        raise Misuse("--csv and --separator exclude each other.", "Leave one of them out.")
    return separator
