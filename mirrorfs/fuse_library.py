"""The door to the FUSE libraries: ``mfusepy`` on libfuse3, or ``fusepy`` on libfuse2.

Neither is imported before it is needed: importing one loads the C library, which the variable
``FUSE_LIBRARY_NAME`` chooses at that moment.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.metadata
import os
import struct
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from mirrorfs.cache.rows import Glance
from mirrorfs.core.entry import ROOT_NUMBER
from mirrorfs.core.errors import MountFailed
from mirrorfs.core.paths import RemotePath
from mirrorfs.fuse_ops import SECTOR, Operations, answer
from mirrorfs.kernel_cache import KernelCache

LIBRARIES = ("mfusepy", "fusepy")
_MODULES = {"mfusepy": "mfusepy", "fusepy": "fuse"}
_READDIRPLUS, _READDIRPLUS_AUTO = 1 << 13, 1 << 14
_FILL_DIR_PLUS = 2
_THREADS = 256
"""As many calls are answered at once; those that wait for the service must not stop the rest."""
_AFTER_SIGNAL = 8


def load(name: str) -> ModuleType:
    """Import the library called ``name``, one of ``LIBRARIES``.

    Raises:
        MountFailed: it, or the C library below it, is missing.
    """
    if name == "mfusepy":
        os.environ.setdefault("FUSE_LIBRARY_NAME", "fuse3")
    try:
        return importlib.import_module(_MODULES[name])
    except (ImportError, OSError, AttributeError, KeyError) as error:
        package = "fuse3" if name == "mfusepy" else "libfuse2"
        raise MountFailed(
            f"{name} cannot be loaded: {error}.", f"Run: sudo apt-get install {package}"
        ) from error


def describe(name: str = "mfusepy") -> str:
    """Return the versions that a mount would use.

    Raises:
        MountFailed: as :func:`load`.
    """
    number = load(name)._libfuse.fuse_version()
    base = 10 if number < 100 else 100
    version = importlib.metadata.version(name)
    return f"libfuse {number // base}.{number % base} through {name} {version}"


def options_for(name: str, timeout: float) -> dict[str, Any]:
    """Return what only this library is to be told; ``timeout`` is the kernel's, in seconds."""
    own: dict[str, Any] = {
        "attr_timeout": timeout,
        "entry_timeout": timeout,
        "negative_timeout": timeout,
    }
    if name == "fusepy":
        return {**own, "use_ino": True, "max_background": _THREADS}
    library = load(name)
    version = library.fuse_version_major, library.fuse_version_minor
    return {**own, "max_threads": _THREADS} if version >= (3, 12) else own


class Door:
    """One mount: ``operations`` behind the library called ``name``, on ``mountpoint``."""

    def __init__(self, name: str, operations: Operations, mountpoint: str) -> None:
        self._library = load(name)
        self._is_plus = name == "mfusepy"
        self._operations = operations
        self._mountpoint = mountpoint
        self._kernel: KernelCache | None = None

    def run(self, options: Mapping[str, Any]) -> None:
        """Mount, and return when it is unmounted or told to end by a signal.

        Raises:
            MountFailed: the kernel or the library would not have it; why is on standard error.
        """
        operations: Operations | _Callable = self._operations
        if self._is_plus:
            fuse = _plus(self._library, self.met)
        else:
            fuse, operations = _plain(self._library), _Callable(self._operations, self.met)
        try:
            fuse(operations, self._mountpoint, raw_fi=True, foreground=True, **options)
        except RuntimeError as error:
            if error.args != (_AFTER_SIGNAL,):
                raise MountFailed(f"{self._mountpoint} could not be mounted.") from error

    def met(self) -> None:
        """Take note of the kernel at the other end; called by the library when it begins."""
        self._kernel = KernelCache(self._library, self._mountpoint)

    def forget(self, changed: Iterable[RemotePath]) -> None:
        """Have the kernel look up these paths of the mount again."""
        if self._kernel:
            self._kernel.forget(changed)

    def drop_pages(self, paths: Iterable[RemotePath]) -> None:
        """Have the kernel read these files anew, also for those who have them open."""
        if self._kernel:
            self._kernel.drop_pages(paths)


_thread = threading.local()


def _stay() -> None:
    """Let Python keep this thread, which is the library's, until the process ends.

    It would forget it after every call, and know it anew on the next: a tenth of a walk. The
    library ends no thread while it is mounted.
    """
    if not hasattr(_thread, "stays"):
        _thread.stays = True
        ctypes.pythonapi.PyGILState_Ensure()


def _plain(library: ModuleType) -> Any:
    """Return ``fusepy``'s class, with every exception turned into an ``errno``."""

    class Fuse(library.FUSE):  # type: ignore[name-defined,misc]
        @staticmethod
        def _wrapper(function: Any, *args: Any, **_: Any) -> int:
            _stay()
            return answer(function, *args)

    return Fuse


class _Dots:
    """What ``.`` and ``..`` are in each folder that is open; the root is in itself."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._known: dict[int, tuple[Glance, Glance]] = {}

    def __getitem__(self, handle: int) -> tuple[Glance, Glance]:
        return self._known[handle]

    def opendir(self, path: str) -> int:
        """Have the folder opened, which alone comes with its path, and remember where it is."""
        own, above = self._number(path), self._number(path.rpartition("/")[0])
        handle = self._operations.opendir(path)
        self._known[handle] = Glance(".", own, 1, 0, 0), Glance("..", above, 1, 0, 0)
        return handle

    def releasedir(self, path: str | None, handle: int) -> int:
        """Let go of the folder."""
        del self._known[handle]
        return self._operations.releasedir(path, handle)

    def _number(self, path: str) -> int:
        is_root = not path.strip("/")
        return ROOT_NUMBER if is_root else self._operations.getattr(path)["st_ino"]


class _Callable:
    """Operations as ``fusepy`` calls them: by name."""

    use_ns = True

    def __init__(self, operations: Operations, met: Callable[[], None]) -> None:
        self._operations = operations
        self._met = met
        self._dots = dots = _Dots(operations)
        self.opendir, self.releasedir = dots.opendir, dots.releasedir

    def __call__(self, name: str, *args: Any) -> Any:
        return getattr(self, name)(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)

    def init(self, _: str) -> None:
        """The library begins."""
        self._met()

    def readdir(self, path: str | None, handle: int) -> list[tuple[str, dict[str, int], int]]:
        """Give ``.`` and ``..``, which come first, the numbers without which nobody shows them."""
        found = self._operations.readdir(path, handle)
        found[:2] = [
            (dot.name, {**fields, "st_ino": dot.number}, offset)
            for dot, (_, fields, offset) in zip(self._dots[handle], found[:2], strict=True)
        ]
        return found


class _StatWriter:
    """Writes what was seen of entry after entry into one C structure: most work of a walk.

    Everything from the size to the last time lies in a row in ``struct stat``, and is written
    in one go; mode and links change only where files and folders follow each other.
    """

    def __init__(self, example: Any, modes: Sequence[tuple[int, int]], born: int) -> None:
        self.stat = stat = type(example).from_buffer_copy(example)
        self._modes = modes
        self._born = born
        self._kind = -1
        self._unit = stat.st_blksize
        memory = memoryview(stat).cast("B")
        self._number = memory[type(stat).st_ino.offset :].cast("B")
        self._rest = memory[type(stat).st_size.offset :]

    def write(self, seen: Glance) -> None:
        """Let the structure describe ``seen``."""
        _, number, is_folder, size, modified = seen
        if is_folder != self._kind:
            self._kind = is_folder
            self.stat.st_mode, self.stat.st_nlink = self._modes[is_folder]
        _pack_number(self._number, 0, number)
        seconds, rest = divmod(modified or self._born, _SECOND)
        _pack_rest(
            self._rest, 0,
            size, self._unit, (size + SECTOR - 1) // SECTOR,
            seconds, rest, seconds, rest, seconds, rest,
        )  # fmt: skip


_SECOND = 10**9
_pack_number = struct.Struct("@Q").pack_into
_pack_rest = struct.Struct("@qlq6l").pack_into
"""Size, size of a block, blocks and the three ``timespec`` of a ``stat``."""


def _stat_writers(library: ModuleType, operations: Operations) -> Callable[[], _StatWriter]:
    """Return what makes writers, which differ in nothing that an entry cannot change."""
    example, modes = library.c_stat(), []
    for is_folder in (0, 1):
        fields = operations.attributes(Glance("", 0, is_folder, 0, 0))
        library.set_st_attrs(example, fields, use_ns=True)
        modes.append((fields["st_mode"], fields["st_nlink"]))
    return functools.partial(_StatWriter, example, modes, operations.born)


def _plus(library: ModuleType, met: Callable[[], None]) -> Any:
    """Return ``mfusepy``'s class, with ``readdirplus`` and reads without a copy."""

    class Fuse(library.FUSE):  # type: ignore[name-defined,misc]
        def _wrapper(self, function: Any, *args: Any, **_: Any) -> int:
            _stay()
            return answer(function, *args)

        def init_fuse_3(self, connection: Any, config: Any) -> None:
            self._writer = _stat_writers(library, self.operations)
            self._dots = _Dots(self.operations)
            wanted = connection.contents.want | _READDIRPLUS
            connection.contents.want = wanted & ~_READDIRPLUS_AUTO
            connection.contents.max_background = _THREADS
            config.contents.use_ino = config.contents.nullpath_ok = 1
            met()

        def opendir(self, path: bytes, info: Any) -> int:
            info.contents.fh = self._dots.opendir(path.decode(self.encoding, self.errors))
            return 0

        def releasedir(self, _path: bytes | None, info: Any) -> int:
            return self._dots.releasedir(None, info.contents.fh)

        def readdir_fuse_3(
            self, _path: bytes, buffer: Any, fill: Any, offset: int, info: Any, *_: Any
        ) -> int:
            writer = self._writer()
            found, write = ctypes.byref(writer.stat), writer.write
            dots, listed = self._dots[info.contents.fh], self.operations.listed(info.contents.fh)
            for place in range(offset, len(listed) + 2):
                seen = listed[place - 2] if place > 1 else dots[place]
                write(seen)
                name = seen[0].encode("utf-8", "surrogateescape")
                if fill(buffer, name, found, place + 1, _FILL_DIR_PLUS):
                    break
            return 0

        def read(self, _path: bytes, buffer: Any, size: int, offset: int, info: Any) -> int:
            address = ctypes.addressof(buffer.contents)
            view = memoryview((ctypes.c_char * size).from_address(address)).cast("B")
            length: int = self.operations.read_into(info.contents.fh, view, offset)
            return length

    return Fuse
