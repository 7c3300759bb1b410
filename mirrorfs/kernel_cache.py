"""Telling the kernel what to look up again, so that it may remember all else for long.

The FUSE libraries' high-level interface cannot say that a name appeared or vanished; the
low-level call below it can, given the folder's number in the kernel. That number is the first
half of the handle that ``name_to_handle_at(2)`` returns for a file on FUSE (64 bits, the upper
32 first; ``fuse_encode_fh`` in the kernel's ``fs/fuse/inode.c``).
"""

from __future__ import annotations

import ctypes
import logging
import os
import struct
from collections.abc import Iterable
from types import ModuleType

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath

_log = logging.getLogger(__name__)
_AT_FDCWD = -100
_HANDLE_BYTES = 128


class _Handle(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_uint),
        ("kind", ctypes.c_int),
        ("data", ctypes.c_ubyte * _HANDLE_BYTES),
    )


class KernelCache:
    """What the kernel remembers of the mount on ``mountpoint``.

    MUST be made inside a call from ``library``, which is when it says who it is.
    """

    def __init__(self, library: ModuleType, mountpoint: str) -> None:
        self._mountpoint = mountpoint
        self._c = library._libfuse
        self._c.fuse_get_session.restype = ctypes.c_void_p
        fuse = ctypes.c_void_p(self._c.fuse_get_context().contents.fuse)
        self._session = ctypes.c_void_p(self._c.fuse_get_session(fuse))
        if self._c.fuse_version() < 30:
            self._c.fuse_session_next_chan.restype = ctypes.c_void_p
            channel = self._c.fuse_session_next_chan(self._session, None)
            self._session = ctypes.c_void_p(channel)

    def forget(self, changed: Iterable[RemotePath]) -> None:
        """Have each of these paths, and the folder it is in, looked up anew."""
        folders: dict[RemotePath, list[bytes]] = {}
        for path in sorted(changed):
            folders.setdefault(paths.parent(path), []).append(os.fsencode(paths.name(path)))
        for folder, names in folders.items():
            try:
                node = node_of(f"{self._mountpoint}/{folder}")
            except OSError as error:
                _log.debug("The kernel does not know %s: %s", folder, error)
                continue
            for name in names:
                self._forget_name(node, name)
            self._forget_node(node)

    def drop_pages(self, files: Iterable[RemotePath]) -> None:
        """Have what was read of these files read anew.

        Waits for reads under way, so it MUST NOT be called by a thread that they wait for.
        """
        for path in files:
            try:
                self._forget_node(node_of(f"{self._mountpoint}/{path}"))
            except OSError as error:
                _log.debug("The kernel does not know %s: %s", path, error)

    def _forget_name(self, node: int, name: bytes) -> None:
        parent, length = ctypes.c_uint64(node), ctypes.c_size_t(len(name))
        self._c.fuse_lowlevel_notify_inval_entry(self._session, parent, name, length)

    def _forget_node(self, node: int) -> None:
        start, length = ctypes.c_longlong(0), ctypes.c_longlong(0)
        number = ctypes.c_uint64(node)
        self._c.fuse_lowlevel_notify_inval_inode(self._session, number, start, length)


def node_of(path: str) -> int:
    """Return the kernel's number for a file on a FUSE mount.

    Raises:
        OSError: there is none, or this process may not ask.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    handle, mount = _Handle(length=_HANDLE_BYTES), ctypes.c_int()
    where = os.fsencode(path)
    if libc.name_to_handle_at(_AT_FDCWD, where, ctypes.byref(handle), ctypes.byref(mount), 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    upper, lower = struct.unpack_from("=II", bytes(handle.data))
    node: int = upper << 32 | lower
    return node


def may_ask() -> bool:
    """Say whether this process may ask for handles; a container can forbid it."""
    try:
        node_of("/")
    except PermissionError:
        return False
    except OSError:
        return True
    return True
