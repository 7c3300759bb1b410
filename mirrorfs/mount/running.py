"""A mount's life: into the background, up, and down again."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from mirrorfs import (
    background,
    control,
    ending,
    fuse_library,
    kernel_cache,
    metrics_server,
    mountpoint,
    notify,
    tuning,
)
from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Misuse, MountFailed, NotFound
from mirrorfs.core.paths import RemotePath
from mirrorfs.fuse_ops import Operations, Ownership
from mirrorfs.mount.composing import Mounted, composed, files_of, owned, prepare
from mirrorfs.mount.figures import figures_of
from mirrorfs.mount.options import MountOptions, Part, checked
from mirrorfs.mount.verbs import verbs_of
from mirrorfs.vfs.look import Found

_log = logging.getLogger(__name__)
_REMEMBERED = 3600.0
_FORGETFUL = 1.0
_LOG_BYTES = 1 << 20
_PATIENCE, _IMPATIENCE = 12.0, 2.0
"""Seconds for a mount to end in; fewer where it has not answered either."""


def mount(options: MountOptions, parts: Sequence[Part]) -> None:
    """Mount; return when it answers, or with ``foreground`` when it is unmounted.

    Raises:
        MirrorError: it cannot be mounted; nothing is left behind.
    """
    options, parts = checked(options, parts)
    fuse_library.load(options.library)
    if options.foreground:
        _serve(options, parts, lambda: notify.tell(notify.READY))
    else:
        background.start(lambda ready: _serve(options, parts, ready))


def unmount(where: Path) -> None:
    """End a mount, also one that is in use or hangs, or that a crash left behind.

    Raises:
        MountFailed: none is there, or it is not yours; or it is unmounted, but does not end.
    """
    pid, patience = None, _PATIENCE
    with contextlib.suppress(NotFound):
        try:
            pid = control.ask(where, "hello")["pid"]
        except control.NotAnswering as error:
            pid, patience = error.mounted.pid, _IMPATIENCE
    if pid is None or mountpoint.type_of(where):
        mountpoint.unmount(where)
    if pid:
        mountpoint.end(pid, patience)


def _serve(options: MountOptions, parts: Sequence[Part], ready: Callable[[], None]) -> None:
    tuning.keep_memory()
    tuning.collect_seldom()
    stopped = threading.Event()

    def end() -> bool:
        stopped.set()
        return mountpoint.release(options.mountpoint)

    with owned(parts) as folders:
        _start_log(options, parts[0].cache_dir)
        ending.on_signal(end)
        with composed(options, parts, folders, stopped) as mounted:
            prepare(mounted)
            with (
                metrics_server.serving(options.metrics, lambda: figures_of(mounted)),
                control.serving(options.mountpoint, verbs_of(options, mounted)),
            ):
                _run(options, mounted, ready)


def _run(options: MountOptions, mounted: Sequence[Mounted], ready: Callable[[], None]) -> None:
    owner = Ownership(
        os.getuid() if options.uid is None else options.uid,
        os.getgid() if options.gid is None else options.gid,
        options.umask,
    )
    operations = Operations(files_of(mounted), owner)
    door = fuse_library.Door(options.library, operations, str(options.mountpoint))
    for one in mounted:
        _tell(door, operations, one)
    before = options.mountpoint.stat().st_dev
    failed: list[MountFailed] = []

    def wait() -> None:
        try:
            _wait(options.mountpoint, before)
        except MountFailed as error:
            failed.append(error)
            mountpoint.release(options.mountpoint)
        else:
            ready()

    threading.Thread(target=wait, name="ready", daemon=True).start()
    remote = " ".join(str(one.part) for one in mounted)
    door.run(_fuse_options(options, remote))
    if failed:
        raise failed[0]


def _tell(door: fuse_library.Door, operations: Operations, one: Mounted) -> None:
    """Have the kernel told of what changes in one remote."""

    def shown(changed: Iterable[RemotePath]) -> list[RemotePath]:
        top = RemotePath(one.part.name)
        return [paths.join(top, path) for path in changed] if top else list(changed)

    def tell_kernel(found: Found) -> None:
        changed = shown(found.changed)
        door.forget(changed)
        operations.settle(changed)

    def drop_pages(entry: Entry) -> None:
        files = operations.distrust(entry)
        threading.Thread(target=door.drop_pages, args=(files,), name="pages", daemon=True).start()

    tree, reader = one.branch.tree, one.branch.reader
    tree.listen_before(lambda changed: operations.expect(shown(changed)))
    tree.listen(tell_kernel)
    reader.listen_for_disproofs(drop_pages)


def _fuse_options(options: MountOptions, remote: str) -> dict[str, Any]:
    timeout = _REMEMBERED if kernel_cache.may_ask() else _FORGETFUL
    return {
        "ro": True,
        "nodev": True,
        "nosuid": True,
        "default_permissions": True,
        "allow_other": options.allow_other,
        "auto_unmount": True,
        "subtype": mountpoint.SUBTYPE,
        "fsname": remote.replace("\\", "\\\\").replace(",", "\\,"),
        **fuse_library.options_for(options.library, timeout),
    }


def _wait(where: Path, before: int) -> None:
    """Wait until the mount on ``where``, a folder of the device ``before``, answers.

    Raises:
        MountFailed: it answers with an error.
    """
    device = before
    while device == before:
        time.sleep(0.01)
        try:
            device = where.stat().st_dev
        except OSError as error:
            if mountpoint.type_of(where):
                raise MountFailed(
                    f"{where} cannot be looked at once it is mounted: {error.strerror}."
                ) from error
    tuning.read_ahead(device)


def _start_log(options: MountOptions, cache_dir: Path) -> None:
    """Log to ``log_file``; by default to standard error, or in the background to the cache."""
    handler: logging.Handler
    if options.foreground and not options.log_file:
        handler = logging.StreamHandler(sys.stderr)
    else:
        path = options.log_file or cache_dir / "mirrorfs.log"
        handler = _log_to(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger("mirrorfs").addHandler(handler)


def _log_to(path: Path) -> logging.Handler:
    try:
        return logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1)
    except OSError as error:
        raise Misuse(
            f"The log file {path} cannot be written: {error.strerror}.",
            "Name another one with --log-file.",
        ) from error
