"""Puts a mount together, runs it, and ends it: the composition root of ``mirrorfs``."""

from __future__ import annotations

import dataclasses
import functools
import logging
import logging.handlers
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirrorfs import background, control, ending, fuse_library, kernel_cache, mountpoint
from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.folder import CacheFolder
from mirrorfs.cache.limits import Limits
from mirrorfs.cache.listings import ListingStore
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.provider import ReadOnly, Source
from mirrorfs.fuse_ops import Operations, Ownership
from mirrorfs.vfs import globs
from mirrorfs.vfs.ahead import Ahead
from mirrorfs.vfs.look import Found
from mirrorfs.vfs.offline import Offline
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.refresher import Refresher
from mirrorfs.vfs.tree import Tree, TreeOptions
from mirrorfs.vfs.view import View

_log = logging.getLogger(__name__)
_REMEMBERED = 3600.0
_FORGETFUL = 1.0
_LOG_BYTES = 1 << 20
_LIMITS = Limits(max_bytes=10 << 30, min_free_bytes=1 << 30)


@dataclass(frozen=True, slots=True)
class MountOptions:
    """What is mounted where, and how.

    ``remote`` is what ``df`` shows. ``tree_key`` names, in the cache, the listings of the
    folder that is mounted (lawful as a file's name). ``refresh`` is in seconds.
    """

    remote: str
    tree_key: str
    mountpoint: Path
    cache_dir: Path
    limits: Limits = _LIMITS
    refresh: float = 300.0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    offline: bool = False
    allow_other: bool = False
    uid: int | None = None
    gid: int | None = None
    umask: int = 0o022
    foreground: bool = False
    library: str = fuse_library.LIBRARIES[0]
    log_file: Path | None = None


def mount(options: MountOptions, open_source: Callable[[], Source]) -> None:
    """Mount; return when it answers, or with ``foreground`` when it is unmounted.

    ``open_source`` is called in the process that stays.

    Raises:
        MirrorError: it cannot be mounted; nothing is left behind.
    """
    options = dataclasses.replace(
        options,
        mountpoint=Path(os.path.realpath(options.mountpoint)),
        cache_dir=options.cache_dir.absolute(),
        log_file=options.log_file and options.log_file.absolute(),
    )
    mountpoint.check(options.mountpoint, options.cache_dir)
    globs.parse(options.include, options.exclude)
    fuse_library.load(options.library)
    if options.foreground:
        _serve(options, open_source, _notify_systemd)
    else:
        background.start(lambda ready: _serve(options, open_source, ready))


def unmount(where: Path) -> None:
    """End a mount, also one that is in use or that a crash left behind.

    Raises:
        MountFailed: none is there, or it is not yours.
    """
    try:
        pid = control.ask(where, "hello")["pid"]
    except NotFound:
        pid = None
    mountpoint.unmount(where, pid)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a mount consists of, below the kernel."""

    options: MountOptions
    source: Source
    store: BlockStore
    tree: Tree
    view: View
    reader: Reader


def _serve(
    options: MountOptions, open_source: Callable[[], Source], ready: Callable[[], None]
) -> None:
    stopped = threading.Event()

    def end() -> bool:
        stopped.set()
        return mountpoint.release(options.mountpoint)

    with CacheFolder(options.cache_dir) as folder:
        _start_log(options)
        ending.on_signal(end)
        with _parts(options, folder, open_source(), stopped) as parts:
            parts.tree.prepare()
            with control.serving(options.mountpoint, _verbs(parts)):
                _run(parts, ready)


@contextmanager
def _parts(
    options: MountOptions, folder: CacheFolder, opened: Source, stopped: threading.Event
) -> Iterator[_Parts]:
    clock = SystemClock()
    with ExitStack() as closing:
        source: Source = ReadOnly(Offline(opened) if options.offline else opened)
        closing.callback(source.close)
        listings = ListingStore(folder.listings_path(options.tree_key))
        closing.callback(listings.close)
        store = BlockStore(folder.blocks_path, options.limits)
        closing.callback(store.close)
        tree = Tree(source, listings, TreeOptions(options.refresh, options.offline), clock)
        view = View(tree, globs.parse(options.include, options.exclude))
        reader = Reader(source, store, stopped)
        closing.callback(reader.close)
        ahead = Ahead(reader, view.children, clock)
        closing.callback(ahead.close)
        refresher = Refresher(tree, clock)
        closing.callback(refresher.stop)
        refresher.start()
        yield _Parts(options, source, store, tree, view, reader)


def _run(parts: _Parts, ready: Callable[[], None]) -> None:
    options = parts.options
    owner = Ownership(
        os.getuid() if options.uid is None else options.uid,
        os.getgid() if options.gid is None else options.gid,
        options.umask,
    )
    operations = Operations(parts.view, parts.reader, owner, functools.partial(_total, parts.tree))
    door = fuse_library.Door(options.library, operations, str(options.mountpoint))

    def tell_kernel(found: Found) -> None:
        door.forget(found.changed)
        operations.settle(found.changed)

    def drop_pages(entry: Entry) -> None:
        files = operations.distrust(entry)
        threading.Thread(target=door.drop_pages, args=(files,), name="pages", daemon=True).start()

    parts.tree.listen_before(operations.expect)
    parts.tree.listen(tell_kernel)
    parts.reader.listen_for_disproofs(drop_pages)
    before = options.mountpoint.stat().st_dev
    waiting = threading.Thread(
        target=_wait, args=(options.mountpoint, before, ready), name="ready", daemon=True
    )
    waiting.start()
    door.run(_fuse_options(options))


def _fuse_options(options: MountOptions) -> dict[str, Any]:
    timeout = _REMEMBERED if kernel_cache.may_ask() else _FORGETFUL
    return {
        "ro": True,
        "nodev": True,
        "nosuid": True,
        "default_permissions": True,
        "allow_other": options.allow_other,
        "auto_unmount": True,
        "subtype": mountpoint.SUBTYPE,
        "fsname": options.remote.replace("\\", "\\\\").replace(",", "\\,"),
        **fuse_library.options_for(options.library, timeout),
    }


def _wait(where: Path, before: int, ready: Callable[[], None]) -> None:
    """Call ``ready`` as soon as the mount answers."""
    while where.stat().st_dev == before:
        time.sleep(0.01)
    ready()


def _total(tree: Tree) -> tuple[int, int]:
    state = tree.status().state
    return state.bytes, state.files + state.folders


def _verbs(parts: _Parts) -> Mapping[str, Callable[[], Any]]:
    return {
        "hello": lambda: _hello(parts.options),
        "status": lambda: _status(parts),
        "refresh": lambda: _looked(parts, parts.tree.refresh),
        "rescan": lambda: _looked(parts, parts.tree.rescan),
        "forget": lambda: _done(parts.tree.forget),
        "cache-info": lambda: dataclasses.asdict(parts.store.info()),
        "cache-verify": lambda: dataclasses.asdict(parts.store.verify()),
        "cache-clear": lambda: _done(parts.reader.clear),
    }


def _done(act: Callable[[], None]) -> dict[str, Any]:
    act()
    return {}


def _hello(options: MountOptions) -> dict[str, Any]:
    return {
        "mountpoint": str(options.mountpoint),
        "remote": options.remote,
        "pid": os.getpid(),
        "offline": options.offline,
        "cache_dir": str(options.cache_dir),
    }


def _status(parts: _Parts) -> dict[str, Any]:
    status = parts.tree.status()
    state = dataclasses.asdict(status.state)
    del state["cursor"]
    return {
        **_hello(parts.options),
        "tree": {
            **state,
            "error": status.error,
            "retry_at": status.retry_at,
            "refreshing": status.refreshing,
        },
        "cache": dataclasses.asdict(parts.store.info()),
        "usage": dataclasses.asdict(parts.source.usage()),
    }


def _looked(parts: _Parts, look: Callable[[], Found]) -> dict[str, Any]:
    before = parts.source.usage().calls
    found = look()
    calls = parts.source.usage().calls - before
    return {"way": found.way.value, "changed": len(found.changed), "calls": calls}


def _start_log(options: MountOptions) -> None:
    """Log to ``log_file``; by default to standard error, or in the background to the cache."""
    handler: logging.Handler
    if options.foreground and not options.log_file:
        handler = logging.StreamHandler(sys.stderr)
    else:
        path = options.log_file or options.cache_dir / "mirrorfs.log"
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger("mirrorfs").addHandler(handler)


def _notify_systemd() -> None:
    """Tell systemd that the mount is up (``sd_notify(3)``), if it was started by it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.sendto(b"READY=1", address.replace("@", "\0", 1))
