"""What there is: whole trees, single folders, and what was touched."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.entry import folder as folder_entry
from mirrorfs.core.errors import BadAnswer, Changed, NotFound, Unsupported
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Changes, Snapshot
from mirrorfs.providers.cloudinary import deltas, expressions
from mirrorfs.providers.cloudinary.api import Api, Json
from mirrorfs.providers.cloudinary.atlas import Atlas
from mirrorfs.providers.cloudinary.deltas import Cursor
from mirrorfs.providers.cloudinary.listing import (
    MOST_FOLDERS,
    Listed,
    confirm_empty,
    count_assets,
    count_folders,
    list_assets,
    list_folders,
    list_sub_folders,
)
from mirrorfs.providers.cloudinary.recent import Recent
from mirrorfs.providers.cloudinary.translate import Asset, parse_asset, to_entry
from mirrorfs.providers.cloudinary.tree import Folders, Layout, build_folders, is_below, name_files


class Catalogue:
    """The account's tree below ``root`` (the service's spelling; empty: all of it)."""

    def __init__(self, api: Api, recent: Recent, root: str = "") -> None:
        self._api = api
        self._root = root
        self._lock = threading.Lock()
        self._atlas: Atlas | None = None
        self._is_adopted = False
        self._unlisted: frozenset[str] = frozenset()  # beginnings of public ids and no more
        self.recent = recent

    @property
    def atlas(self) -> Atlas:
        """Where folders are; the first use asks for the folder mode, once (one call)."""
        with self._lock:
            if self._atlas is None:
                layout = Layout(self._api.is_dynamic(), self._root)
                self._atlas = Atlas(layout, self._sub_folders)
            return self._atlas

    @property
    def layout(self) -> Layout:
        """The folder mode and the root."""
        return self.atlas.layout

    def parse(self, item: Json) -> Asset | None:
        """Read one asset in the account's folder mode."""
        return parse_asset(item, dynamic=self.layout.dynamic)

    def parse_stored(self, told: Json, context: Mapping[str, str]) -> Asset:
        """Read the answer to an action; ``context`` is what was sent, where it tells none.

        Raises:
            BadAnswer: it tells of no stored file.
        """
        asset = self.parse(told)
        if asset is None:
            raise BadAnswer("Cloudinary stored a placeholder instead of the file.")
        return asset if "context" in told else replace(asset, context=dict(context))

    def scan(self, folder: RemotePath) -> Snapshot:
        """List a subtree: a call for each 500 assets and for each 500 folders."""
        if folder == ROOT:
            self._doubt_mode()
        layout, raw = self.layout, self.atlas.raw(folder) if folder else self._root
        listed = self._list(expressions.anywhere_in(layout, raw))
        listed_folders = list_folders(self._api)
        raws = self.recent.correct_folders(listed_folders, layout.key)
        assets = self.recent.correct(listed.assets, lambda asset: layout.holds(asset.folder))
        if not assets and not raw:
            confirm_empty(self._api)
        folders = build_folders(layout, [*raws, *(asset.folder for asset in assets)])
        if folder not in folders.raws:
            raise NotFound(f"There is no folder {folder}.")
        if folder == ROOT and self._root and layout.key(self._root) not in map(layout.key, raws):
            self._sub_folders(self._root)
        entries = {path: _folder(path) for path in folders.within(folder)}
        entries |= _file_entries(folders, assets, folder)
        if folder != ROOT:
            return Snapshot(entries)
        self.atlas.replace(folders)
        if not layout.dynamic:
            self._unlisted = frozenset(folders.paths.keys() - set(raws))
        counted = min(len(listed_folders), MOST_FOLDERS)
        start = Cursor(0, listed.total, {}, counted, int(listed.began), layout.dynamic)
        return Snapshot(entries, deltas.advance(start, listed.began, listed.assets).write())

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """List one folder."""
        subs, assets = self.inside(folder)
        named = name_files(subs, assets)
        files = [to_entry(asset, paths.join(folder, named[asset.id])) for asset in assets]
        return [*(_folder(paths.join(folder, name)) for name in subs), *files]

    def inside(self, folder: RemotePath) -> tuple[list[str], list[Asset]]:
        """Return the lawful names of a folder's sub-folders, and the assets directly in it.

        One call for each 500 of either, and one for each level above that is not known. The
        search is used, not the Admin API's own list, which tells no ETag and does not exist in
        fixed folder mode.
        """
        layout, raw = self.layout, self.atlas.raw(folder)
        beside = [one for one in self._unlisted if one.rpartition("/")[0] == raw and one]
        subs = self.atlas.learn(folder, [*self._sub_folders(raw), *beside])
        key = layout.key(raw)

        def belongs(asset: Asset) -> bool:
            return layout.key(asset.folder) == key

        listed = self._list(expressions.directly_in(layout, raw))
        return list(subs), self.recent.correct(filter(belongs, listed.assets), belongs)

    def stat(self, path: RemotePath) -> Entry:
        """Find one entry through the folder that holds it."""
        if path == ROOT:
            if self._root:
                self._sub_folders(self._root)
            return _folder(ROOT)
        for entry in self.scandir(paths.parent(path)):
            if entry.path == path:
                return entry
        raise NotFound(f"There is nothing at {path}.")

    def current(self, entry: Entry) -> Asset:
        """Return the asset of a file as it is now, past the search index.

        It costs no quota while the version is the one that was listed, and a minute old (two
        uploads of one second have one version); one call otherwise.

        Raises:
            NotFound: it is gone.
            Changed: it is at another revision.
        """
        facts = entry.facts
        found = self.look(facts["resource_type"], facts["type"], facts["public_id"])
        listed = (entry.id, facts["version"])
        is_old = found and not self.recent.is_young(found.version)
        if found and is_old and (found.id, str(found.version)) == listed:
            known = {key[8:]: value for key, value in facts.items() if key[:8] == "context."}
            same_upload = facts.get("etag", "") if found.size == entry.size else ""
            found = replace(found, etag=found.etag or same_upload, context=found.context or known)
            if found.is_at(entry.revision):
                return found
        asset = self.parse(self._api.details(entry.id))
        if asset is None:
            raise NotFound(f"{entry.path} is no longer there.")
        if not asset.is_at(entry.revision):
            raise Changed(f"{entry.path} is not at the revision that was asked for.")
        return asset

    def look(self, resource_type: str, type_: str, public_id: str) -> Asset | None:
        """Return the asset with a public id by the Upload API, which counts for no quota.

        Its answer may lack the ETag. ``None``: the Admin API has to be asked instead.
        https://cloudinary.com/documentation/image_upload_api_reference#explicit
        """
        try:
            params = {"public_id": public_id, "type": type_}
            return self.parse(self._api.act(resource_type, "explicit", params))
        except (NotFound, Unsupported, BadAnswer):
            return None

    def changes(self, text: str) -> Changes:
        """Tell what was touched: two calls when there is nothing, or up to 500 assets.

        Once an hour a third call counts the folders; another number asks for a scan.
        """
        cursor = deltas.read_cursor(text)
        self._adopt_mode(cursor)
        total, now = count_assets(self._api, expressions.anywhere_in(self.layout, self._root))
        is_check = cursor.is_due(now)
        folders = count_folders(self._api) if is_check else cursor.folders
        start = cursor.start(is_check=is_check)
        listed = self._list(expressions.touched_since(self.layout, start))
        fresh = deltas.news(cursor, listed.assets)
        rescan = folders != cursor.folders or not deltas.is_complete(cursor, fresh, total)
        places = {raw: self._path_of(raw) for raw in {asset.folder for asset in fresh}}
        touched = {asset.id: path for asset in fresh if (path := places[asset.folder]) is not None}
        kept = replace(cursor, total=total, dynamic=self.layout.dynamic)
        if is_check:
            kept = replace(kept, folders=folders, checked=int(now), seen={})
        kept = deltas.advance(kept, listed.began, listed.assets)
        return Changes(touched, kept.write(), rescan or None in places.values())

    def _adopt_mode(self, cursor: Cursor) -> None:
        """Believe a cursor's folder mode until the next scan of the root."""
        with self._lock:
            if self._atlas is None and cursor.dynamic is not None:
                self._atlas = Atlas(Layout(cursor.dynamic, self._root), self._sub_folders)
                self._is_adopted = True

    def _doubt_mode(self) -> None:
        """Ask for the folder mode again where only a cursor told it: it may change once."""
        with self._lock:
            if self._is_adopted:
                self._atlas, self._is_adopted = None, False

    def _path_of(self, raw: str) -> RemotePath | None:
        """Return the path of a folder that a change was seen in, asking for what is not known."""
        path = self.atlas.known(raw)
        if path is None and self.layout.holds(raw):
            folders = build_folders(self.layout, [*list_folders(self._api), raw])
            self.atlas.replace(folders)
            path = folders.path(raw)
        return path

    def _list(self, expression: str) -> Listed:
        return list_assets(self._api, expression, self.parse)

    def _sub_folders(self, raw: str) -> list[str]:
        """List a folder's sub-folders by the service's own list, which does not lag.

        Names that a URL cannot hold are looked for among all folders. In fixed mode a folder
        may be no more than the beginning of public ids, which that list does not know.
        """
        if any(segment in {".", ".."} for segment in raw.split("/")):
            return [one for one in list_folders(self._api) if one.rpartition("/")[0] == raw]
        try:
            return list_sub_folders(self._api, raw)
        except NotFound:
            if self.layout.dynamic:
                raise
            return self._prefixes(raw)

    def _prefixes(self, raw: str) -> list[str]:
        found = self._list(expressions.anywhere_in(self.layout, raw)).assets
        seen = self.recent.correct(found, lambda asset: is_below(asset.folder, raw))
        if not seen:
            raise NotFound(f"There is no folder {raw}.")
        depth = raw.count("/") + 1 if raw else 0
        deeper = [asset.folder.split("/") for asset in seen if asset.folder != raw]
        return list({"/".join(parts[: depth + 1]) for parts in deeper})


def _folder(path: RemotePath) -> Entry:
    return folder_entry(path)


def _file_entries(
    folders: Folders, assets: Iterable[Asset], below: RemotePath
) -> dict[RemotePath, Entry]:
    by_folder: dict[RemotePath, list[Asset]] = defaultdict(list)
    for asset in assets:
        path = folders.path(asset.folder)
        if path is not None and paths.is_within(path, below):
            by_folder[path].append(asset)
    subs: dict[RemotePath, list[str]] = defaultdict(list)
    for path in folders.raws:
        if path != ROOT:
            subs[paths.parent(path)].append(paths.name(path))
    entries: dict[RemotePath, Entry] = {}
    for path, inside in by_folder.items():
        named = name_files(subs[path], inside)
        for asset in inside:
            place = paths.join(path, named[asset.id])
            entries[place] = to_entry(asset, place)
    return entries
