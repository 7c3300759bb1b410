"""What changed since the last look, in two calls where nothing did.

The account's albums are listed with the last updated one first, as far as there is news; their
number tells whether one is gone. The folders are all in one short list. So an album that holds
something else is looked at by itself, and of a folder or an album that is new, gone, or called
otherwise the folder that it is or was in.

What these lists do not tell comes out later: every hour all albums are listed, in case their
order is another than it should be, and once a day everything (every hour where the service does
not list its folders, or not all albums). That goes for captions, keywords and new bytes for a
picture, which may not count as an update of the album, and for what smart galleries gather. Where
somebody reads a picture and it turns out to be another, its album is looked at next. Directories
with files that the service still processes are looked at each time, a few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mirrorfs.core.errors import BadAnswer, NotFound, Unsupported
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Changes, Snapshot
from mirrorfs.providers.smugmug import ledger, queries
from mirrorfs.providers.smugmug.account import Account
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.catalogue import Catalogue
from mirrorfs.providers.smugmug.envelope import Json
from mirrorfs.providers.smugmug.layout import Inside, Place
from mirrorfs.providers.smugmug.ledger import Map, Seen, Told
from mirrorfs.providers.smugmug.whole import read_whole

HOUR = 3600.0
DAY = 86400.0

_CALLS_PER_FOLDER = 2
_MOST_AWAITED = 3
_SKEW = 60.0
_RESCAN = Changes({}, "", rescan=True)


@dataclass(frozen=True, slots=True)
class _Albums:
    """All albums, when they were told of, and whether each of them was."""

    told: Mapping[str, Told]
    at: float
    is_counted: bool


class Deltas:
    """Looks at everything once, and then at what changed; safe to use from several threads."""

    def __init__(self, api: Api, account: Account, catalogue: Catalogue) -> None:
        self._api = api
        self._account = account
        self._catalogue = catalogue
        self._suspects: set[str] = set()

    def suspect(self, album_key: str) -> None:
        """Take note of an album that was found to hold something else than was known."""
        self._suspects.add(album_key)

    def scan(self, path: RemotePath) -> Snapshot:
        """Return everything below ``path``; what changes meanwhile is told of by ``changes``.

        Raises:
            NotFound: there is no such directory.
        """
        if path != ROOT:
            survey = self._catalogue.survey(path)
            return Snapshot(survey.entries, "", survey.withheld)
        before = self._api.line.quota.usage().calls
        albums, tree = self._all_albums(), self._tree()
        survey = self._catalogue.survey(path)
        calls = self._api.line.quota.usage().calls - before
        where = ledger.map_of(survey.insides)
        told = ledger.settled(albums.told, albums.at)
        awaited = self._catalogue.withholding.awaited(frozenset())
        seen = Seen(told, tree, where, albums.at, albums.at, calls, awaited)
        return Snapshot(survey.entries, ledger.encode(seen), survey.withheld)

    def changes(self, cursor: str) -> Changes:
        """Return the directories to look at again since ``cursor``."""
        seen = ledger.decode(cursor)
        if seen is None:
            return _RESCAN
        self._catalogue.folders.forget()
        albums = self._albums_since(seen)
        if _is_past(seen.scanned_at, albums.at, DAY if seen.is_telling else HOUR):
            return _RESCAN
        tree = self._tree() if seen.tree is not None else None
        news = replace(
            seen,
            albums=albums.told,
            tree=seen.tree if tree is None else tree,
            counted_at=albums.at if albums.is_counted else seen.counted_at,
        )
        suspects = frozenset(self._suspects)
        told = _refilled(seen, news)
        told |= {seen.map.homes[key] for key in suspects if key in seen.map.homes}
        visited = list(self._visited(seen, _stirred(seen, news)))
        told |= {inside.place.path for inside in visited}
        told |= {path for inside in visited for path in _resettled(seen.map, inside)}
        where = ledger.merged(seen.map, ledger.map_of(visited), albums.told)
        awaited = self._catalogue.withholding.awaited(seen.awaited) & {*where.homes.values()}
        told |= set(sorted(awaited)[:_MOST_AWAITED])
        if len(told) * _CALLS_PER_FOLDER > max(seen.calls, _CALLS_PER_FOLDER):
            return _RESCAN
        self._suspects -= suspects
        settled = ledger.settled(albums.told, albums.at)
        cursor = ledger.encode(replace(news, albums=settled, map=where, awaited=awaited))
        return Changes({}, cursor, folders=frozenset(told))

    def _visited(self, seen: Seen, stirred: set[RemotePath]) -> Iterator[Inside]:
        """Yield what is in the ``stirred`` directories, and in folders that are new below them."""
        done: set[RemotePath] = set()
        waiting: list[Place] = []
        for path in sorted(stirred):
            try:
                waiting.append(self._catalogue.folders.place(path))
            except NotFound:
                continue  # the directory above it, which is among them, tells that
        while waiting:
            place = waiting.pop()
            if place.path in done:
                continue
            done.add(place.path)
            inside = self._catalogue.folders.unfold(place)
            yield inside
            waiting += [one for one in inside.places.values() if _is_new(seen.map, one)]

    def _albums_since(self, seen: Seen) -> _Albums:
        """Return all albums, listing them as far as there is news or, every hour, all."""
        told: dict[str, Told] = {}
        total, at = 0, 0.0
        for reply in self._api.pages(self._account.owner().albums_uri, queries.ALBUMS):
            page = dict(map(_album, reply.page("Album")))
            told |= page
            at, total = reply.at, reply.pages().total
            is_due = _is_past(seen.counted_at, at, HOUR)
            is_old = all(seen.albums.get(key) == row for key, row in page.items())
            if is_old and not is_due and len({*seen.albums, *told}) == total:
                return _Albums({**seen.albums, **told}, at, is_counted=False)
        return _Albums(told, at, is_counted=True) if len(told) == total else self._all_albums()

    def _all_albums(self) -> _Albums:
        uri = self._account.owner().albums_uri
        rows = read_whole(self._api, uri, queries.ALBUMS, "Album")
        at = min((row.reply.at for row in rows), default=self._api.line.clock.now())
        return _Albums(dict(_album(row.item) for row in rows), at, is_counted=True)

    def _tree(self) -> frozenset[Told] | None:
        """Return all folders; ``None`` where the service does not list them any more."""
        uri = f"{self._account.owner().folder_uri}!folderlist"
        try:
            rows = self._api.get(uri, {"_verbosity": 1}).many("FolderList")
        except (NotFound, Unsupported, BadAnswer):
            return None
        return frozenset(map(ledger.folder_told, rows))


def _is_past(moment: float, now: float, wait: float) -> bool:
    """Say whether ``wait`` seconds have passed, or nobody knows since a clock was set back."""
    return not -_SKEW <= now - moment < wait


def _refilled(seen: Seen, news: Seen) -> set[RemotePath]:
    """Return the directories of albums that hold something else."""
    changed = [key for key, row in news.albums.items() if seen.albums.get(key) != row]
    return {seen.map.homes[key] for key in changed if key in seen.map.homes}


def _stirred(seen: Seen, news: Seen) -> set[RemotePath]:
    """Return the directories of folders in which nodes are new, gone or called otherwise."""
    moved: set[str] = set()
    for key in {*seen.albums, *news.albums}:
        before, now = seen.albums.get(key), news.albums.get(key)
        if not (before and now) or ledger.has_moved(before, now):
            moved |= {row[-1] for row in (before, now) if row}
    moved |= {url_path for url_path, _ in (seen.tree or frozenset()) ^ (news.tree or frozenset())}
    found = {ledger.within(seen.map.url_paths, url_path) for url_path in moved if url_path != "/"}
    return {path for path in found if path is not None}


def _is_new(known: Map, place: Place) -> bool:
    """Say whether what is below a directory is not known, or spelled and to be looked at."""
    if place.folder is None:
        return bool(place.deeper)
    is_known = known.nodes.get(place.folder.id) == place.path
    is_same = known.url_paths.get(place.folder.url_path) == place.path
    return bool(place.deeper) or not (is_known and is_same)


def _resettled(known: Map, inside: Inside) -> Iterator[RemotePath]:
    """Yield the directories in which albums are that were not, or that others have left."""
    before: dict[RemotePath, set[str]] = {}
    for key, path in known.homes.items():
        before.setdefault(path, set()).add(key)
    for place in inside.places.values():
        if place.folder is None and place.albums:
            now = {node.album.key for node in place.albums if node.album}
            if before.get(place.path) != now:
                yield place.path


def _album(item: Json) -> tuple[str, Told]:
    key = item.get("AlbumKey")
    if not isinstance(key, str) or not key:
        raise BadAnswer("SmugMug lists an album without AlbumKey.")
    return key, ledger.album_told(item)
