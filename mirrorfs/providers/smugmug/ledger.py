"""What the last look saw of the account's albums and folders: the cursor of ``changes``. Pure.

A cursor is opaque text: JSON, compressed, some 30 bytes an album.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.smugmug import times
from mirrorfs.providers.smugmug.envelope import Json
from mirrorfs.providers.smugmug.layout import Inside

_VERSION = 1

Told = tuple[str, ...]
"""An album or a folder as a list of all of them tells of it; equal as long as it is the same."""

_SETTLING = 5.0
_AHEAD = 60.0
_UNSETTLED = "unsettled"

_STATE = ("ImageCount", "LastUpdated", "ImagesLastUpdated")
_STANDING = ("Name", "UrlName", "UrlPath")


@dataclass(frozen=True, slots=True)
class Map:
    """Where the albums and folders below the root are.

    ``homes``: album key → the directory of its pictures. ``nodes``: folder's node id → its
    directory; ``url_paths``: folder's UrlPath → its directory.
    """

    homes: Mapping[str, RemotePath]
    nodes: Mapping[str, RemotePath]
    url_paths: Mapping[str, RemotePath]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen; times are epoch seconds by the service's clock.

    ``albums``: key → how ``user!albums`` tells of it. ``tree``: the same of all folders, ``None``
    where the service does not list them. ``scanned_at`` and ``counted_at`` are the last looks at
    everything and at all albums, ``calls`` what a look at everything costs. ``awaited``:
    directories with files that the service still processes.
    """

    albums: Mapping[str, Told]
    tree: frozenset[Told] | None
    map: Map
    scanned_at: float
    counted_at: float
    calls: int
    awaited: frozenset[RemotePath] = frozenset()

    @property
    def is_telling(self) -> bool:
        """Whether the service's lists of albums and folders tell of all that is shown."""
        return self.tree is not None and self.map.homes.keys() <= self.albums.keys()


def map_of(insides: Iterable[Inside]) -> Map:
    """Return where the albums in these directories are, and these directories' folders."""
    homes: dict[str, RemotePath] = {}
    nodes: dict[str, RemotePath] = {}
    url_paths: dict[str, RemotePath] = {}
    for inside in insides:
        path, node = inside.place.path, inside.place.folder
        homes.update((one.album.key, path) for one in inside.albums if one.album)
        for place in inside.places.values():
            homes.update((one.album.key, place.path) for one in place.albums if one.album)
        if node:
            nodes[node.id] = path
            url_paths[node.url_path] = path
    return Map(homes, nodes, url_paths)


def merged(old: Map, new: Map, keys: Iterable[str]) -> Map:
    """Return ``old`` with ``new`` over it, of albums those with these keys."""
    known = set(keys)
    homes = {**old.homes, **new.homes}
    return Map(
        {key: path for key, path in homes.items() if key in known or key in new.homes},
        {**old.nodes, **new.nodes},
        {**old.url_paths, **new.url_paths},
    )


def album_told(item: Json) -> Told:
    """Return an album of ``user!albums``: its state, then its standing."""
    return tuple(str(item.get(name, "")) for name in (*_STATE, *_STANDING))


def settled(albums: Mapping[str, Told], at: float) -> dict[str, Told]:
    """Return what is to be remembered of albums that were told of ``at`` that time.

    The service tells whole seconds. What changed just now may change again without another time,
    so its state is not remembered, and it is looked at once more. What is told to change long after
    ``at`` says nothing of that: it would be looked at each time, for as long as clocks disagree.
    """
    return {key: _settled(told, at) for key, told in albums.items()}


def folder_told(item: Json) -> Told:
    """Return a folder of ``folder!folderlist``."""
    return (str(item.get("UrlPath", "")), str(item.get("Name", "")))


def has_moved(before: Told, now: Told) -> bool:
    """Say whether an album is called otherwise or elsewhere, not just holds something else."""
    return before[len(_STATE) :] != now[len(_STATE) :]


def above(url_path: str) -> str:
    """Return the UrlPath of the folder that holds what has this one; the root's is ``/``."""
    return url_path.rpartition("/")[0] or "/"


def within(url_paths: Mapping[str, RemotePath], url_path: str) -> RemotePath | None:
    """Return the directory of the nearest known folder above what has this UrlPath."""
    step = above(url_path)
    while step not in url_paths:
        if step == "/":
            return None
        step = above(step)
    return url_paths[step]


def _settled(told: Told, at: float) -> Told:
    latest = max(times.nanoseconds(one) or 0 for one in told[1 : len(_STATE)]) / times.SECOND
    is_new = at - _SETTLING <= latest <= at + _AHEAD
    return (_UNSETTLED, *told[1:]) if is_new else told


def encode(seen: Seen) -> str:
    """Return ``seen`` as a cursor."""
    told: dict[str, Any] = asdict(seen)
    told["tree"] = None if seen.tree is None else sorted(seen.tree)
    told["awaited"] = sorted(seen.awaited)
    data = json.dumps([_VERSION, told], separators=(",", ":")).encode()
    return base64.b85encode(zlib.compress(data)).decode()


def decode(cursor: str) -> Seen | None:
    """Return what :func:`encode` was given; ``None`` for any other text."""
    try:
        version, told = json.loads(zlib.decompress(base64.b85decode(cursor)))
        if version != _VERSION:
            return None
        told["albums"] = {key: tuple(row) for key, row in told["albums"].items()}
        tree = told["tree"]
        told["tree"] = None if tree is None else frozenset(map(tuple, tree))
        told["awaited"] = frozenset(told["awaited"])
        return Seen(**{**told, "map": Map(**told["map"])})
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error):
        return None
