"""A folder of this machine as a :class:`~mirrorfs.core.provider.Target`.

What is a symbolic link, a socket or a device is neither listed nor followed. A file's revision
is its modification time and size, as rsync takes it: the same after a copy of the tree to
another disk, which inode numbers are not. Writes go to a temporary file beside the target that
is flushed to disk and then takes its place at once; listings hide such files.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    Corrupt,
    Denied,
    MirrorError,
    NotEmpty,
    NotFound,
    Unavailable,
    Unsupported,
)
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Changes, Readable, Snapshot, Traits, Usage

_PIECE = 1 << 20
_TEMPORARY = re.compile(r"\.mirrorfs-[0-9a-f]{16}\.part")
_KINDS: tuple[tuple[type[OSError], type[MirrorError]], ...] = (
    (FileNotFoundError, NotFound),
    (NotADirectoryError, NotFound),
    (FileExistsError, AlreadyExists),
    (PermissionError, Denied),
)


class LocalProvider:
    """Everything below ``root``, an existing folder; safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def traits(self) -> Traits:
        """A file system tells no checksums and no changes."""
        return Traits("local", None, whole_scan=False, changes=False)

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with _told(folder):
            return [entry for entry, _ in self._children(folder, self._place(folder))]

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`~mirrorfs.core.provider.Source`."""
        found: dict[RemotePath, Entry] = {}
        with _told(folder):
            waiting = [(folder, self._place(folder))]
            while waiting:
                above, place = waiting.pop()
                for entry, child in self._children(above, place):
                    found[entry.path] = entry
                    if entry.is_folder:
                        waiting.append((entry.path, child))
        return Snapshot(found)

    def changes(self, cursor: str) -> Changes:
        """Refuse: a file system keeps no record of changes."""
        raise Unsupported(f"A local folder tells no changes since {cursor!r}.")

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with _told(path):
            place = self._place(path)
            return _entry(path, place.lstat())

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        with _told(entry.path):
            at_place = os.open(self._place(entry.path), os.O_RDONLY | os.O_NOFOLLOW)
            stop = entry.size if length is None else min(start + length, entry.size)
            with open(at_place, "rb", buffering=0) as file:  # noqa: PTH123
                _check_same(_entry(entry.path, os.fstat(at_place)), entry)
                file.seek(start)
                while start < stop:
                    piece = file.read(min(_PIECE, stop - start))
                    if not piece:
                        break
                    start += len(piece)
                    yield piece
                _check_same(_entry(entry.path, os.fstat(at_place)), entry)

    def usage(self) -> Usage:
        """Return nothing but zeros: no quota counts here."""
        return Usage(0)

    def close(self) -> None:
        """Nothing is held open."""

    def write(
        self,
        path: RemotePath,
        body: Readable,
        *,
        size: int,
        modified: int,
        replaces: Entry | None = None,
    ) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with _told(path):
            target = self._checked(path, replaces)
            above = self._make_folders(paths.parent(path))
            target = target or above / paths.name(path)
            temporary = above / f".mirrorfs-{secrets.token_hex(8)}.part"
            try:
                _fill(temporary, body, size)
                os.utime(temporary, ns=(modified, modified))
                if replaces is None:
                    _appear(temporary, target)
                else:
                    self._checked(path, replaces)
                    temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
            _flush_folder(above)
            return _entry(path, target.lstat())

    def mkdir(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with _told(path):
            return _entry(path, self._make_folders(path).lstat())

    def remove(self, entry: Entry) -> None:
        """See :class:`~mirrorfs.core.provider.Target`."""
        with _told(entry.path):
            place = self._place(entry.path)
            if entry.is_folder:
                place.rmdir()
            else:
                _check_same(_entry(entry.path, place.lstat()), entry)
                place.unlink()

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        if entry.is_folder:
            raise Unsupported("Folders are not moved as a whole.")
        with _told(path):
            place = self._place(entry.path)
            _check_same(_entry(entry.path, place.lstat()), entry)
            if path != entry.path:
                self._checked(path, None)
                target = self._make_folders(paths.parent(path)) / paths.name(path)
                _appear(place, target)
                place = target
            return _entry(path, place.lstat())

    def _children(self, folder: RemotePath, place: Path) -> Iterator[tuple[Entry, Path]]:
        with os.scandir(place) as listing:
            found = {one.name: one.stat(follow_symlinks=False) for one in listing if _is_ours(one)}
        for name, raw in _lawful_names(found).items():
            path = paths.join(folder, name)
            yield _entry(path, found[raw]), place / raw

    def _place(self, path: RemotePath) -> Path:
        """Return where ``path`` is on the disk, whatever its normal form is there."""
        place = self._root
        for name in path.split("/") if path else []:
            _check_name(name)
            inside = place / name
            if not _exists(inside):
                with os.scandir(place) as listing:
                    raws = _lawful_names(one.name for one in listing if _is_ours(one))
                inside = place / raws.get(name, name)
            if stat.S_ISLNK(inside.lstat().st_mode):
                raise NotFound(f"{path}: symbolic links are not followed.")
            place = inside
        return place

    def _checked(self, path: RemotePath, replaces: Entry | None) -> Path | None:
        """Return the place of the file to be replaced, or ``None`` when ``path`` is free."""
        if path == ROOT:
            raise AlreadyExists("The root is a folder.")
        _check_name(paths.name(path))
        try:
            place = self._place(path)
        except (FileNotFoundError, NotADirectoryError):
            if replaces:
                raise Changed(f"{path} is gone.") from None
            return None
        except NotFound:
            raise Unsupported(f"{path} leads over a symbolic link.") from None
        if replaces is None:
            raise AlreadyExists(f"There is something at {path} already.")
        _check_same(_entry(path, place.lstat()), replaces)
        return place

    def _make_folders(self, path: RemotePath) -> Path:
        place = self._root
        for above in [*paths.ancestors(path)[1:], path]:
            if above == ROOT:
                continue
            try:
                place = self._place(above)
            except FileNotFoundError:
                place = place / paths.name(above)
                place.mkdir(exist_ok=True)
            if not place.is_dir():
                raise AlreadyExists(f"{above} is a file.")
        return place


def _entry(path: RemotePath, told: os.stat_result) -> Entry:
    if stat.S_ISDIR(told.st_mode):
        return folder(path, told.st_mtime_ns)
    id_ = f"{told.st_dev:x}-{told.st_ino:x}"
    if told.st_nlink > 1:
        id_ = f"{id_}-{path}"
    revision = f"{told.st_mtime_ns}-{told.st_size}"
    return Entry(path, Kind.FILE, id_, revision, told.st_size, told.st_mtime_ns)


def _check_same(current: Entry, wanted: Entry) -> None:
    if (current.id, current.revision) != (wanted.id, wanted.revision):
        raise Changed(f"{wanted.path} is not at the revision that was asked for.")


def _check_name(name: str) -> None:
    if not paths.is_lawful(name):
        raise Unsupported(f"{name!r} cannot be the name of a file.")
    if _TEMPORARY.fullmatch(name):
        raise Unsupported(f"{name!r} is reserved for files that are being written.")


def _is_ours(one: os.DirEntry[str]) -> bool:
    if _TEMPORARY.fullmatch(one.name):
        return False
    return one.is_file(follow_symlinks=False) or one.is_dir(follow_symlinks=False)


def _exists(place: Path) -> bool:
    return os.path.lexists(place)


def _lawful_names(raws: Iterator[str] | dict[str, os.stat_result]) -> dict[str, str]:
    """Return lawful name → name on disk; NFC names as they are, others made lawful and unique."""
    names: dict[str, str] = {}
    odd: list[tuple[str, str]] = []
    for raw in raws:
        name = raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        name = unicodedata.normalize("NFC", name)
        if name == raw:
            names[name] = raw
        else:
            odd.append((raw, name))
    for raw, name in sorted(odd):
        if name in names or not paths.is_lawful(name):
            mark = hashlib.sha256(os.fsencode(raw)).hexdigest()[:16]
            stem, extension = os.path.splitext(name)  # noqa: PTH122
            cut = stem.encode()[: 200 - len(extension.encode())].decode("utf-8", "ignore")
            names[f"{cut}~{mark}{extension}"] = raw
        else:
            names[name] = raw
    return names


def _fill(place: Path, body: Readable, size: int) -> None:
    """Write exactly ``size`` bytes to a new file and flush them to the disk."""
    left = size
    with place.open("xb") as file:
        while piece := body.read(min(_PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            file.write(piece)
        if left:
            raise Corrupt(f"The body is not {size} bytes long, as was promised.")
        file.flush()
        os.fsync(file.fileno())


def _appear(source: Path, target: Path) -> None:
    """Move a file to where nothing may be; a second writer at the same moment loses.

    Raises:
        FileExistsError: something is there.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT
        if _exists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        source.rename(target)
    else:
        source.unlink()


def _flush_folder(place: Path) -> None:
    opened = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextlib.contextmanager
def _told(path: RemotePath) -> Iterator[None]:
    """Turn the system's errors into this project's."""
    try:
        yield
    except OSError as error:
        message = f"{path or 'The root'}: {error.strerror or error}."
        for kind, raised in _KINDS:
            if isinstance(error, kind):
                raise raised(message) from error
        if error.errno == errno.ENOTEMPTY:
            raise NotEmpty(message) from error
        if error.errno in {errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP}:
            raise Unsupported(message) from error
        raise Unavailable(message) from error
