"""Folders and albums made: what is to hold the files of a directory that is not there yet.

Parents become folders and the last directory a folder (``mkdir``) or an album (``write``), as
deep as folders nest; beyond that, and below albums, an album whose Name spells the way
(:mod:`~mirrorfs.providers.smugmug.placing`). A node is as visible as the folder it is made in;
directly in the root it is Unlisted, the service's own default (SmugMug API, reference/node), as
nobody asked for pictures to be shown to everybody.

The UrlName is derived from the Name, without ``AutoRename``: so a call whose answer was lost, or
two machines at once, cannot make one folder twice.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Changed,
    MirrorError,
    NotFound,
    Unavailable,
    Unsupported,
)
from mirrorfs.providers.smugmug import looking, placing, rules, translate, url_names
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.envelope import Json
from mirrorfs.providers.smugmug.ground import Ground, Way, raw_name
from mirrorfs.providers.smugmug.records import Node, NodeType
from mirrorfs.providers.smugmug.sending import WITHOUT_PROOF

DEEPEST = 5
"""Folders below the root folder, one inside the other; albums do not count."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A node to be made: its Name, and the UrlNames that it may have, the best first."""

    type: NodeType
    name: str
    url_names: tuple[str, ...]


class Maker:
    """Makes folders and albums; safe to use from several threads."""

    def __init__(self, api: Api, ground: Ground) -> None:
        self._api = api
        self._ground = ground

    def plan_folder(self, way: Way) -> list[Wanted]:
        """Return the nodes, each in the one before it, that make ``way`` a directory.

        Raises:
            Unsupported: one of the names cannot be held.
        """
        return self._plan(way, len(way.missing))

    def plan_album(self, way: Way) -> list[Wanted]:
        """Return the nodes that make ``way`` a directory with an album; none if it is one.

        Raises:
            Unsupported: as :meth:`plan_folder`; or all its albums are full.
        """
        if way.missing:
            return self._plan(way, len(way.missing) - 1)
        if not way.last.albums:
            return [_spelling(way.beyond_folder)]
        if self._roomy(way) is None:
            raise Unsupported(
                f"{way.path or 'The root'} holds {rules.MOST_IMAGES} files, the most that one of "
                "SmugMug's albums can.",
                "Use another folder.",
            )
        return []

    def album(self, way: Way, planned: list[Wanted]) -> str:
        """Return the Uri of an album whose pictures are in ``way``, made if that was planned."""
        node = self.make(way, planned) if planned else self._roomy(way)
        if node is None:
            raise AssertionError("an album was planned")
        return node.album_uri

    def _plan(self, way: Way, wished: int) -> list[Wanted]:
        """Return nodes for the missing part of ``way``: at first up to ``wished`` folders."""
        if way.last.place != way.folder:
            return [_spelling(way.beyond_folder)]
        room = DEEPEST - self._ground.level(way.folder.path)
        count = max(min(wished, room), 0)
        folders = [_named(NodeType.FOLDER, one) for one in way.missing[:count]]
        rest = way.missing[count:]
        if not rest:
            return folders
        album = _named(NodeType.ALBUM, rest[0]) if len(rest) == 1 else _spelling(rest)
        return [*folders, album]

    def make(self, way: Way, planned: list[Wanted]) -> Node:
        """Make what was planned and return the last node."""
        if way.missing:
            self._ground.check_free(way.last, way.missing[0])
        parent = way.folder.folder
        if parent is None:
            raise Unsupported("SmugMug's albums hold no folders; choose a folder as the root.")
        for wanted in planned:
            parent = self._make(parent, wanted)
        self._ground.forget()
        return parent

    def _roomy(self, way: Way) -> Node | None:
        """Return an album of a directory that takes one more file."""
        for node in way.last.albums:
            if self._ground.names(node).total() < rules.MOST_IMAGES:
                return node
        return None

    def _make(self, parent: Node, wanted: Wanted) -> Node:
        for url_name in wanted.url_names:
            found = self._made(parent, wanted, url_name)
            if found:
                return self._visible(found)
        raise AlreadyExists(f"SmugMug has other folders at all addresses of {wanted.name!r}.")

    def _made(self, parent: Node, wanted: Wanted, url_name: str) -> Node | None:
        """Return the node with this UrlName, new or there already; ``None``: it is another's."""
        body = {"Type": wanted.type.value, "Name": wanted.name, "UrlName": url_name}
        if privacy := self._privacy(parent):
            body["Privacy"] = privacy
        try:
            reply = self._api.post(f"{parent.uri}!children", body)
            node = translate.to_node(reply.one("Node"))
        except (AlreadyExists, *WITHOUT_PROOF) as error:
            return self._known(parent, wanted, url_name, error)
        if node.name != wanted.name:
            with contextlib.suppress(NotFound):
                self._discard(node)
            raise Unsupported(f"SmugMug would call {wanted.name!r} {node.name!r}.")
        return node

    def _discard(self, node: Node) -> None:
        """Delete what was made just now, which holds nothing; anything else is not ours."""
        if node.type is NodeType.ALBUM:
            is_empty = self._ground.is_empty(node)
        else:
            is_empty = not self._ground.lister.children(node).nodes
        if is_empty:
            self._api.delete(node.uri)

    def _known(
        self, parent: Node, wanted: Wanted, url_name: str, error: MirrorError
    ) -> Node | None:
        """Return the node that is there after a failure, as soon as the service lists it."""
        try:
            found = looking.wait_for(self._api, lambda: self._child(parent, url_name), "")
        except Unavailable:
            if isinstance(error, AlreadyExists):
                return None
            raise error from None
        if found.name != wanted.name:
            return None
        if found.type is not wanted.type:
            raise Changed(f"Somebody made {wanted.name!r} at the same time.") from None
        return found

    def _child(self, parent: Node, url_name: str) -> Node | None:
        nodes = self._ground.lister.children(parent).nodes
        return next((one for one in nodes if _is_called(one, url_name)), None)

    def _visible(self, node: Node) -> Node:
        """Return a new node once the service shows it, and its album."""

        def look() -> Json:
            item = self._api.get(node.uri, {"_verbosity": 1}).one("Node")
            if node.type is NodeType.ALBUM:
                self._api.get(translate.link(item, "Album"), {"_verbosity": 1}).one("Album")
            return item

        what = f"SmugMug does not show yet that {node.name!r} was made."
        return translate.to_node(looking.wait_for(self._api, look, what))

    def _privacy(self, parent: Node) -> str:
        """Return who may see what is in a folder; empty in the root."""
        told = self._api.get(parent.uri, {"_verbosity": 1}).one("Node")
        if told.get("IsRoot"):
            return ""
        privacy = told.get("Privacy", "")
        if privacy not in {"", "Public", "Unlisted", "Private"}:
            raise BadAnswer(f"SmugMug: a folder's Privacy is {privacy!r}.")
        return str(privacy)


def _is_called(node: Node, url_name: str) -> bool:
    return node.url_name.casefold() == url_name.casefold()


def _named(type_: NodeType, segment: str) -> Wanted:
    name = raw_name(segment)
    rules.check_folder(name)
    lawful = [one for one in url_names.candidates(name) if placing.segments_of(one, name) is None]
    return Wanted(type_, name, tuple(lawful))


def _spelling(segments: tuple[str, ...]) -> Wanted:
    name = placing.name_for(segments)
    if name is None:
        raise Unsupported(f"SmugMug has no name for an album that spells {'/'.join(segments)!r}.")
    return Wanted(NodeType.ALBUM, name, (placing.url_name_for(segments),))
