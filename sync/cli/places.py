"""What the user typed as a path, and how it is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from mirrorfs import settings
from mirrorfs.cli.output import moment
from mirrorfs.core import paths
from mirrorfs.core.errors import Misuse, NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from sync.ends import End

if TYPE_CHECKING:
    from mirrorfs.core.provider import Target
    from mirrorfs.net.patience import Patience


FILE_MARK = "//"
"""Between the key of a folder and the one file of it that is a side of its own."""


class Place(Protocol):
    """A folder or a file, not opened yet."""

    @property
    def text(self) -> str:
        """What was typed."""
        ...

    @property
    def key(self) -> str:
        """See :class:`sync.ends.End`."""
        ...

    def end(self) -> End:
        """Return it as a side of a run, opened; nothing is asked of a service yet."""
        ...

    def open(self) -> Target:
        """Return it as a folder; nothing is asked of a service yet."""
        ...

    def above(self) -> tuple[Place, RemotePath] | None:
        """Return the folder that holds it and its name there; ``None`` for a root."""
        ...


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A path of this machine."""

    text: str
    path: Path

    @property
    def key(self) -> str:
        """See :class:`Place`."""
        return f"local:{self.path.resolve()}"

    def end(self) -> End:
        """See :class:`Place`."""
        return End(self.open(), self.text, self.key)

    def open(self) -> Target:
        """See :class:`Place`."""
        from mirrorfs.providers.local import LocalProvider

        return LocalProvider(self.path)

    def above(self) -> tuple[Place, RemotePath] | None:
        """See :class:`Place`."""
        path = self.path.resolve()
        if path.parent == path:
            return None
        return replace(self, path=path.parent), paths.parse(path.name)


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """A path of an account."""

    text: str
    remote: settings.Remote
    folder: RemotePath
    waits: bool = True

    @property
    def key(self) -> str:
        """See :class:`Place`."""
        from mirrorfs.remotes import find

        account = find(self.remote, self.folder)
        return f"{account.key}:{account.folder}"

    def end(self) -> End:
        """See :class:`Place`."""
        return End(self.open(), self.text, self.key)

    def open(self) -> Target:
        """See :class:`Place`."""
        from mirrorfs.remotes import open_remote

        return open_remote(self.remote, self.folder, patience(waits=self.waits))

    def above(self) -> tuple[Place, RemotePath] | None:
        """See :class:`Place`."""
        if self.folder == ROOT or (self.folder.startswith("@") and "/" not in self.folder):
            return None
        parent = replace(self, folder=paths.parent(self.folder))
        return parent, RemotePath(paths.name(self.folder))


def patience(*, waits: bool) -> Patience:
    """Return how long to try: with ``waits`` until a used-up quota is there again."""
    from mirrorfs.net.patience import Patience

    return Patience(notice=_tell_wait) if waits else Patience()


def find_place(text: str, *, waits: bool = True) -> Place:
    """Return what ``text`` means: a colon before any slash ends the name of a remote.

    Raises:
        Misuse: there is no such remote, or the path is not lawful.
    """
    name, colon, folder = text.partition(":")
    if not text:
        raise Misuse("An empty path names nothing.", "Write '.' for the folder you are in.")
    if not colon or "/" in name:
        return LocalPlace(text, Path(text))
    if not name:
        raise Misuse(f"{text!r} names no remote.", "Write it as NAME:FOLDER.")
    try:
        remote = settings.load().remote(name)
    except Misuse as error:
        hint = f" For the file of that name here, write './{text}'." if _is_here(text) else ""
        raise Misuse(error.message, error.hint + hint) from None
    return RemotePlace(text, remote, paths.parse(folder), waits)


def find_file(place: Place) -> tuple[Place, RemotePath] | None:
    """Return folder and name when ``place`` is a file; ``None`` when it is a folder.

    Raises:
        NotFound: it is neither. Others as any call.
    """
    held = place.above()
    if held is None:
        return None
    parent, name = held
    target = parent.open()
    try:
        entry = target.stat(name)
    except NotFound:
        raise NotFound(f"{place.text}: there is no such file or folder.") from None
    finally:
        target.close()
    return None if entry.is_folder else held


def _is_here(text: str) -> bool:
    return Path(text).exists()


def _tell_wait(until: float) -> None:
    click.echo(f"The quota is used up. Waiting until {moment(until)}; Ctrl-C ends.", err=True)
