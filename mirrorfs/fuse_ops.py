"""Translates the kernel's calls into questions to the file system, and errors into ``errno``.

The only module that knows ``errno``. It is called by the FUSE library from many threads.
"""

from __future__ import annotations

import errno
import itertools
import logging
import os
import stat
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from mirrorfs.cache.rows import Glance
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Denied, MirrorError, NotFound
from mirrorfs.core.facts import shown
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.vfs.branch import Files
from mirrorfs.vfs.pages import PageCache, Paging
from mirrorfs.vfs.reader import Handle, key_of

_log = logging.getLogger(__name__)
XATTR_PREFIX = "user.mirrorfs."
_XATTR_BYTES = 65536
"""The longest value that the kernel hands on (``XATTR_SIZE_MAX``)."""
_BLOCK = 4096
SECTOR = 512
"""The unit of ``st_blocks``, in bytes."""


class FileInfo(Protocol):
    """The kernel's ``fuse_file_info``, as far as it matters here."""

    fh: int
    flags: int
    keep_cache: int
    direct_io: int


@dataclass(frozen=True, slots=True)
class Ownership:
    """To whom everything belongs, and the permission bits that are taken away."""

    uid: int
    gid: int
    umask: int = 0o022


@dataclass(frozen=True, slots=True)
class _OpenFile:
    handle: Handle
    path: RemotePath
    paging: Paging


def answer(function: Callable[..., int | None], *args: Any) -> int:
    """Call ``function``; return what it returns, or minus the ``errno`` of what it raises."""
    try:
        return function(*args) or 0
    except NotFound:
        return -errno.ENOENT
    except MirrorError as error:
        _log.warning("%s", error)
        return -errno.EACCES if isinstance(error, Denied) else -errno.EIO
    except UnicodeError:
        return -errno.ENOENT
    except OSError as error:
        return -(error.errno or errno.EIO)
    except Exception:
        _log.exception("%s failed.", getattr(function, "__name__", function))
        return -errno.EIO


class Operations:
    """What ``mfusepy`` and ``fusepy`` call, with ``raw_fi``: read, and never write."""

    use_ns = True
    """Both libraries then take times in nanoseconds."""
    flag_nopath = flag_nullpath_ok = True
    """Calls about what is open come without a path: building one costs time."""

    def __init__(self, files: Files, owner: Ownership) -> None:
        self._shown = files
        self._owner = owner
        self.born = time.time_ns()
        self._pages = PageCache()
        self._told: dict[RemotePath, str] = {}
        self._numbers = itertools.count(1)
        self._files: dict[int, _OpenFile] = {}
        self._folders: dict[int, Sequence[Glance]] = {}

    def getattr(self, path: str | None, fi: FileInfo | None = None) -> dict[str, int]:
        """Return the fields of ``stat``; an open file that is gone keeps its own."""
        open_file = self._files.get(fi.fh) if fi else None
        if open_file is None:
            where = self._path(path or "/")
            fields = self.attributes(self._shown.seen(where, self._told_of(where)))
            return fields if where else {**fields, "st_nlink": self._links_of_root()}
        try:
            entry = self._shown.lookup(open_file.path)
        except NotFound:
            entry = open_file.handle.entry
        return self.attributes(self._shown.seen(open_file.path, entry))

    def attributes(self, seen: Glance) -> dict[str, int]:
        """Return the fields of ``stat`` for what was seen of an entry."""
        mode = stat.S_IFDIR | 0o777 if seen.is_folder else stat.S_IFREG | 0o666
        moment = seen.modified or self.born
        return {
            "st_ino": seen.number,
            "st_mode": mode & ~self._owner.umask,
            "st_nlink": 2 if seen.is_folder else 1,
            "st_uid": self._owner.uid,
            "st_gid": self._owner.gid,
            "st_size": seen.size,
            "st_blocks": -(-seen.size // SECTOR),
            "st_blksize": _BLOCK,
            "st_atime": moment,
            "st_mtime": moment,
            "st_ctime": moment,
        }

    def access(self, path: str, amode: int) -> int:
        """Everything may be read; nothing may be written."""
        self._lookup(path)
        return self._refuse() if amode & os.W_OK else 0

    def opendir(self, path: str) -> int:
        """Hold a folder as it is now, so that one who lists it sees no mixture."""
        folder = self._path(path)
        if not self._shown.lookup(folder).is_folder:
            raise OSError(errno.ENOTDIR, path)
        handle = next(self._numbers)
        self._folders[handle] = self._shown.glances(folder)
        return handle

    def listed(self, handle: int) -> Sequence[Glance]:
        """Return what is in a folder that is open, sorted by name."""
        return self._folders[handle]

    def readdir(self, _path: str | None, handle: int) -> list[tuple[str, dict[str, int], int]]:
        """Return everything at once, for a library without ``readdirplus``."""
        dots: dict[str, int] = {"st_mode": stat.S_IFDIR}
        found = [(seen.name, self.attributes(seen), 0) for seen in self.listed(handle)]
        return [(".", dots, 0), ("..", dots, 0), *found]

    def releasedir(self, _path: str | None, handle: int) -> int:
        """Let go of a folder."""
        self._folders.pop(handle, None)
        return 0

    def open(self, path: str, fi: FileInfo) -> int:
        """Open for reading, at the revision of this moment.

        While a change is on its way to the kernel it may still know another size, and cut the
        file short. ``ESTALE`` makes it look the path up again and repeat this call.
        """
        if fi.flags & os.O_ACCMODE != os.O_RDONLY or fi.flags & (os.O_TRUNC | os.O_APPEND):
            self._refuse()
        where = self._path(path)
        entry = self._shown.lookup(where)
        if entry.is_folder:
            raise OSError(errno.EISDIR, path)
        if self._told.get(where, key_of(entry)) != key_of(entry):
            raise OSError(errno.ESTALE, path)
        handle = self._shown.open(where, entry)
        paging = self._pages.open(where, key_of(entry), is_proven=handle.is_proven)
        fi.keep_cache = int(paging is Paging.KEEP)
        fi.direct_io = int(paging is Paging.BYPASS)
        fi.fh = next(self._numbers)
        self._files[fi.fh] = _OpenFile(handle, where, paging)
        return 0

    def expect(self, changed: Iterable[RemotePath]) -> None:
        """Note that these paths are about to change: what the kernel knows of them is old."""
        self._told.update(dict.fromkeys(changed, ""))

    def settle(self, changed: Iterable[RemotePath]) -> None:
        """Note that the kernel knows nothing old of these paths any more."""
        for path in changed:
            self._told.pop(path, None)

    def read(self, _path: str | None, size: int, offset: int, fi: FileInfo) -> bytes:
        """Return up to ``size`` bytes, for a library that wants them copied."""
        buffer = bytearray(size)
        return bytes(buffer[: self.read_into(fi.fh, memoryview(buffer), offset)])

    def read_into(self, handle: int, view: memoryview, offset: int) -> int:
        """Read into the kernel library's own buffer; return how many bytes."""
        open_file = self._files[handle]
        length = open_file.handle.read_into(offset, view)
        if length < len(view) and self._was_resized(open_file):
            raise OSError(errno.EIO, "another size by now")
        return length

    def flush(self, _path: str | None, fi: FileInfo) -> int:
        """Say on ``close`` that what was read is not the file.

        It turned out to be wrong after it was read, or the file was replaced by one of another
        size while it was open: the kernel knows one size per path and may have cut the old
        file short.
        """
        open_file = self._files.get(fi.fh)
        if open_file and (open_file.handle.is_spoilt or self._was_resized(open_file)):
            return -errno.EIO
        return 0

    def distrust(self, entry: Entry) -> list[RemotePath]:
        """Have what the kernel read of ``entry`` not used by who opens it from now on.

        Returns the paths of which the kernel may have pages.
        """
        return self._pages.distrust(key_of(entry))

    def release(self, _path: str | None, fi: FileInfo) -> int:
        """Let go of a file."""
        open_file = self._files.pop(fi.fh, None)
        if open_file:
            self._pages.close(open_file.path, open_file.paging)
            open_file.handle.close()
        return 0

    def statfs(self, _path: str) -> dict[str, int]:
        """Say how much there is; never asks the service, and nothing is free."""
        size, files = self._shown.total()
        return {
            "f_bsize": _BLOCK,
            "f_frsize": _BLOCK,
            "f_blocks": -(-size // _BLOCK),
            "f_bfree": 0,
            "f_bavail": 0,
            "f_files": files,
            "f_ffree": 0,
            "f_favail": 0,
            "f_namemax": 255,
        }

    def getxattr(self, path: str, name: str, _position: int = 0) -> bytes:
        """Return one of the service's facts."""
        fact = name.removeprefix(XATTR_PREFIX)
        value = None if fact == name else self._facts(path).get(fact)
        if value is None:
            raise OSError(errno.ENODATA, name)
        return value.encode("utf-8", "replace")

    def listxattr(self, path: str) -> list[str]:
        """Return the names of the service's facts."""
        return [f"{XATTR_PREFIX}{fact}" for fact in self._facts(path)]

    def readlink(self, path: str) -> str:
        """There are no links."""
        self._lookup(path)
        raise OSError(errno.EINVAL, path)

    def _refuse(self, *_: Any) -> NoReturn:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    chmod = chown = create = link = mkdir = mknod = removexattr = rename = rmdir = _refuse
    setxattr = symlink = truncate = unlink = utimens = write = fallocate = _refuse

    def _links_of_root(self) -> int:
        """Return how many names the root has: two, and one in each folder that is in it.

        Folders further down are not counted, for listings tell of them without being opened.
        """
        return 2 + sum(seen.is_folder for seen in self._shown.glances(ROOT))

    def _was_resized(self, open_file: _OpenFile) -> bool:
        try:
            now = self._shown.lookup(open_file.path)
        except MirrorError:
            return False
        return now.size != open_file.handle.entry.size

    def _told_of(self, where: RemotePath) -> Entry:
        """Return what is there to be told to the kernel, and take note if that matters."""
        entry = self._shown.lookup(where)
        if where in self._told:
            self._told[where] = key_of(entry)
        return entry

    def _lookup(self, path: str) -> Entry:
        return self._shown.lookup(self._path(path))

    def _path(self, path: str) -> RemotePath:
        """Return ``path`` in our words; the kernel is never told of a name that is not NFC."""
        plain = path.strip("/")
        if not unicodedata.is_normalized("NFC", plain):
            raise NotFound(f"{plain!r} is not in the normal form that names are shown in.")
        return RemotePath(plain)

    def _facts(self, path: str) -> Mapping[str, str]:
        entry = self._lookup(path)
        facts = {"id": entry.id, "revision": entry.revision, **shown(entry.facts)}
        if entry.digest:
            facts[entry.digest.algorithm] = entry.digest.value
        return {name: value for name, value in facts.items() if _fits(value)}


def _fits(value: str) -> bool:
    """Say whether a fact can be an extended attribute."""
    return 0 < len(value.encode("utf-8", "replace")) <= _XATTR_BYTES
