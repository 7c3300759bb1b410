"""What a mount consists of, below the kernel: a branch for each remote, side by side."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.database import NotKept
from mirrorfs.cache.folder import CacheFolder
from mirrorfs.cache.listings import ListingStore
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import Denied, MirrorError, Misuse, MountFailed, NotFound
from mirrorfs.core.provider import ReadOnly, Source
from mirrorfs.mount.options import MountOptions, Part
from mirrorfs.vfs import globs
from mirrorfs.vfs.ahead import Ahead
from mirrorfs.vfs.branch import Branch, Files
from mirrorfs.vfs.offline import Offline
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.refresher import Refresher
from mirrorfs.vfs.tree import Tree, TreeOptions
from mirrorfs.vfs.union import Union
from mirrorfs.vfs.view import View

_log = logging.getLogger(__name__)
_WRONG = (Denied, Misuse, NotFound)
"""What does not pass by itself: who asked for the mount has to be told."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """One remote of a running mount."""

    part: Part
    source: Source
    store: BlockStore
    branch: Branch


@dataclass(frozen=True, slots=True)
class _Kept:
    folder: CacheFolder
    store: BlockStore
    stopped: threading.Event


@contextmanager
def owned(parts: Sequence[Part]) -> Iterator[dict[Path, CacheFolder]]:
    """Own the cache folders of all parts while inside, each once.

    Raises:
        CacheBusy: another process owns one.
    """
    with ExitStack() as closing:
        folders = dict.fromkeys(part.cache_dir for part in parts)
        yield {path: closing.enter_context(CacheFolder(path)) for path in folders}


@contextmanager
def composed(
    options: MountOptions,
    parts: Sequence[Part],
    folders: dict[Path, CacheFolder],
    stopped: threading.Event,
) -> Iterator[list[Mounted]]:
    """Open all parts; once ``stopped`` is set nobody waits for a service any more.

    Raises:
        MountFailed: the disk does not take what is listed.
    """
    with ExitStack() as closing:
        stores = {}
        for path, folder in folders.items():
            stores[path] = BlockStore(folder.blocks_path, options.limits)
            closing.callback(stores[path].close)
        yield [
            _opened(options, part, _Kept(folders[path], stores[path], stopped), closing)
            for part, path in ((part, part.cache_dir) for part in parts)
        ]


def prepare(mounted: Sequence[Mounted]) -> None:
    """Make sure that all trees are known, or at least one where a service is down.

    Raises:
        MirrorError: a remote will not open however often it is tried, or none is known.
    """
    with ThreadPoolExecutor(len(mounted), "prepare") as pool:
        errors = list(pool.map(_failure, mounted))
    failed = [error for error in errors if error]
    wrong = [error for error in failed if isinstance(error, _WRONG)]
    if wrong or len(failed) == len(mounted):
        raise (wrong or failed)[0]


def files_of(mounted: Sequence[Mounted]) -> Files:
    """Return what is shown: a remote alone, or each in its folder."""
    if not mounted[0].part.name:
        return mounted[0].branch
    return Union({one.part.name: one.branch for one in mounted})


def _opened(options: MountOptions, part: Part, kept: _Kept, closing: ExitStack) -> Mounted:
    clock = SystemClock()
    opened = part.open()
    source: Source = ReadOnly(Offline(opened) if options.offline else opened)
    closing.callback(source.close)
    try:
        listings = ListingStore(kept.folder.listings_path(part.tree_key))
    except NotKept as error:
        raise MountFailed(error.message, error.hint) from error
    closing.callback(listings.close)
    known = TreeOptions(options.refresh, options.offline, remote=part.remote)
    tree = Tree(source, listings, known, clock)
    view = View(tree, globs.parse(options.include, options.exclude))
    reader = Reader(source, kept.store, kept.stopped)
    closing.callback(reader.close)
    ahead = Ahead(reader, view.children, clock)
    closing.callback(ahead.close)
    refresher = Refresher(tree, clock)
    closing.callback(refresher.stop)
    reader.listen_for_outdated(refresher.doubt)
    refresher.start()
    return Mounted(part, source, kept.store, Branch(tree, view, reader))


def _failure(mounted: Mounted) -> MirrorError | None:
    try:
        mounted.branch.tree.prepare()
    except MirrorError as error:
        _log.warning("%s: %s", mounted.part, error)
        return error
    return None
