"""Whose tree it is: the account, its root folder, and where its lists are."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from urllib.parse import quote

from mirrorfs.core.errors import NotFound
from mirrorfs.providers.smugmug import queries, translate
from mirrorfs.providers.smugmug.api import Api


@dataclass(frozen=True, slots=True)
class Owner:
    """An account; the Uris are those of its root folder and its lists.

    ``is_self``: it is the account that granted access, which is told of everything.
    """

    nickname: str
    root_uri: str
    albums_uri: str
    folder_uri: str
    is_self: bool


class Account:
    """The account, asked for once; safe to use from several threads."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._lock = threading.Lock()
        self._owner: Owner | None = None

    def owner(self) -> Owner:
        """Return whose account it is.

        Raises:
            NotFound: there is no account of that nickname. Others as any call.
        """
        with self._lock:
            if self._owner is None:
                self._owner = self._ask()
            return self._owner

    def _ask(self) -> Owner:
        nickname = self.api.line.credentials.nickname
        uri = f"/api/v2/user/{quote(nickname, safe='')}" if nickname else "/api/v2!authuser"
        try:
            reply = self.api.get(uri, queries.WHO)
        except NotFound as error:
            who = repr(nickname) if nickname else "of this token"
            raise NotFound(f"SmugMug shows no account {who}.") from error
        user = reply.one("User")
        name = str(user.get("NickName") or nickname)
        root = translate.link(user, "Node")
        if not name or not root:
            raise reply.bad("no account with a root folder")
        base = f"user/{quote(name, safe='')}"
        return Owner(
            name,
            root,
            translate.link(user, "UserAlbums") or f"/api/v2/{base}!albums",
            translate.link(user, "Folder") or f"/api/v2/folder/{base}",
            is_self=not nickname,
        )
