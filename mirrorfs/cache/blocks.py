"""Blocks of files on the disk: each proven before it is served, the least used going first."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path

from mirrorfs.cache.files import BlockFiles, cost, reread, reread_into
from mirrorfs.cache.frame import LONGEST
from mirrorfs.cache.index import Index, Row
from mirrorfs.cache.index_thread import IndexThread
from mirrorfs.cache.limits import Limits
from mirrorfs.cache.names import group, name_of
from mirrorfs.cache.place import MOST_PARTS, Place
from mirrorfs.cache.proven import Proven
from mirrorfs.cache.punch import works_in
from mirrorfs.cache.readers import Readers
from mirrorfs.cache.room import Room

_log = logging.getLogger(__name__)
BLOCK_SIZE = LONGEST
"""The longest block, in bytes."""
MOST_TOGETHER = MOST_PARTS
"""As many blocks can be kept in one go."""


@dataclass(frozen=True, slots=True)
class Info:
    """What is kept and how it did since it was opened.

    ``files`` is how many keys have a block, ``bytes`` the room that all take on the disk.
    """

    files: int
    blocks: int
    bytes: int
    limits: Limits
    hits: int
    misses: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at every block found: whole ones, their bytes, and the damaged, dropped."""

    blocks: int
    bytes: int
    damaged: int


class _Damaged(Exception):
    """A block is not as it was written, or the disk does not give it."""


class BlockStore:
    """Blocks in ``path`` by key and number. Thread-safe; no method raises for a bad disk.

    A block is proven by its checksum when this process first reads it, again whenever its file
    is not the one that was proven (its time, size and inode tell), and again after ten minutes:
    doing so on each read of a part would cost seven eighths of the speed. ``path`` MUST have
    one owner (:class:`~mirrorfs.cache.folder.CacheFolder`).
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._files = BlockFiles(path)
        self._index = IndexThread(path)
        self._room = Room(limits, path)
        self._readers = Readers()
        self._proven = Proven()
        self._counting = threading.Lock()
        self._hits = self._misses = 0
        self._troubles: set[int | None] = set()
        self._most_together = MOST_TOGETHER if works_in(path) else 1
        self._index.ask(lambda index: self._shrink(index, 0), otherwise=False)

    def get(self, key: str, index: int) -> bytes | None:
        """Return a block, proven; ``None`` when it is missing, or was damaged and is dropped."""
        name = name_of(key, index)
        stamp = self._proven.use(name)
        block = reread(stamp) if stamp else None
        if block is None:
            block = self._prove(name)
        self._count(found=block is not None)
        return block

    def read_into(self, key: str, index: int, offset: int, buffer: memoryview) -> int | None:
        """Read a block from ``offset`` into ``buffer``, without a copy once it was proven.

        Returns how many bytes were read: as many as the buffer holds, fewer (also 0) at the
        block's end; ``None`` as in :meth:`get`.
        """
        name = name_of(key, index)
        stamp = self._proven.use(name)
        size = reread_into(stamp, offset, buffer) if stamp else None
        if size is None:
            block = self._prove(name)
            if block is not None:
                piece = memoryview(block)[offset : offset + len(buffer)]
                size = len(piece)
                buffer[:size] = piece
        self._count(found=size is not None)
        return size

    def put(self, key: str, index: int, *blocks: bytes) -> int:
        """Keep blocks that follow each other, from number ``index``; return how many were kept.

        All but the last MUST be ``BLOCK_SIZE`` bytes long, and there MUST NOT be more than
        ``MOST_TOGETHER``. Those that were not kept are the last: they do not fit the limits even
        with all removed that nobody reads, or the disk is full or fails; the caller then serves
        them from memory.
        """
        lengths = [len(block) for block in blocks]
        if max(lengths) > BLOCK_SIZE or min(lengths[:-1], default=BLOCK_SIZE) < BLOCK_SIZE:
            raise ValueError(f"blocks of {lengths} bytes")
        names = [name_of(key, index + number) for number in range(len(blocks))]
        if len(blocks) <= self._most_together and self._put(names, blocks):
            return len(blocks)
        if len(blocks) == 1:
            return 0
        kept = (self._put([name], [block]) for name, block in zip(names, blocks, strict=True))
        return len(list(takewhile(bool, kept)))

    def reading(self, key: str) -> AbstractContextManager[None]:
        """While inside, no block of ``key`` is removed to make room for another."""
        return self._readers.reading(group(key))

    def known(self, key: str, indexes: Iterable[int]) -> set[int]:
        """Return those of the blocks that are kept, or were; one question for all of them."""
        names = {name_of(key, index): index for index in indexes}
        proven = {name for name in names if self._proven.knows(name)}
        rest = names.keys() - proven
        if rest:
            proven |= self._index.ask(lambda index: index.known(rest), otherwise=set())
        return {names[name] for name in proven}

    def forget(self, key: str) -> None:
        """Remove all blocks of ``key``, also those being read."""
        self._index.ask(lambda index: index.forget(group(key)), otherwise=None)

    def count(self, key: str) -> int:
        """Return how many blocks of ``key`` are kept."""
        return self._index.ask(lambda index: index.count_of(group(key)), otherwise=0)

    def info(self) -> Info:
        """Count what is kept."""
        files, blocks = self._index.ask(Index.count, otherwise=(0, 0))
        limits, used = self._room.limits, self._index.kept
        return Info(files, blocks, used, limits, self._hits, self._misses)

    def verify(self) -> Verified:
        """Read all blocks from the disk and drop those that are damaged, cut or missing."""
        whole = size = damaged = 0
        for name in self._names():
            try:
                block = self._test(name)
            except _Damaged:
                damaged += 1
            else:
                whole += block is not None
                size += len(block or b"")
        return Verified(whole, size, damaged)

    def clear(self) -> None:
        """Remove all blocks."""
        self._index.ask(Index.clear, otherwise=None)

    def close(self) -> None:
        """Write down what was used last; the store is not used afterwards."""
        self._index.tell(lambda index: index.touch(self._proven.take_uses()))
        self._index.close()

    def _names(self) -> Iterator[str]:
        last = 0
        rows: list[Row] = []
        while rows := self._index.ask(partial(Index.page, after=last), otherwise=rows[:0]):
            last = rows[-1].number
            yield from (row.name for row in rows)

    def _prove(self, name: str) -> bytes | None:
        with contextlib.suppress(_Damaged):
            return self._test(name)
        return None

    def _test(self, name: str) -> bytes | None:
        """Return a block; ``None`` where none is kept, or it has just gone to make room."""
        place = self._index.ask(lambda index: index.find(name), otherwise=None)
        if place is None:
            return None
        try:
            found = self._files.prove(place, name)
        except FileNotFoundError:
            found = None
        except OSError as error:
            self._complain(error)
            raise _Damaged from error
        if found is None:
            self._drop(place, name)
            return None
        stamp, block = found
        self._proven.add(name, stamp)
        return block

    def _drop(self, place: Place, name: str) -> None:
        self._proven.drop(name)
        if self._index.ask(lambda index: index.drop(name, place), otherwise=True):
            _log.warning("Block %s is damaged or missing; it is dropped from the cache.", name)
            raise _Damaged

    def _put(self, names: Sequence[str], blocks: Sequence[bytes]) -> bool:
        """Keep all blocks in one file, or none."""
        room = sum(cost(len(block)) for block in blocks)
        if room > self._room.limits.max_bytes:
            return False
        try:
            if not self._make_room(room):
                return False
            try:
                return self._keep(names, blocks)
            finally:
                self._room.settle(room)
        except OSError as error:
            self._complain(error)
            return False

    def _keep(self, names: Sequence[str], blocks: Sequence[bytes]) -> bool:
        places = self._files.write(names, blocks)
        written = list(zip(names, places, map(len, blocks), strict=True))
        kept = self._index.ask(lambda index: index.add(written), otherwise=False)
        if not kept:
            self._files.remove(places[0], is_last=True)
        return kept

    def _make_room(self, size: int) -> bool:
        if not self._room.promise(size, self._index.kept):
            return True
        return self._index.ask(lambda index: self._shrink(index, size), otherwise=False)

    def _shrink(self, index: Index, size: int) -> bool:
        missing = self._room.promise(size, index.kept)
        if missing:
            index.touch(self._proven.take_uses())
            index.evict(missing, self._readers)
            missing = self._room.promise(size, index.kept)
        return not missing

    def _count(self, *, found: bool) -> None:
        with self._counting:
            self._hits += found
            self._misses += not found
        if self._proven.is_due:
            self._index.tell(lambda index: index.touch(self._proven.take_uses()))

    def _complain(self, error: OSError) -> None:
        if error.errno not in self._troubles:
            self._troubles.add(error.errno)
            _log.warning("The cache's disk fails: %s.", error.strerror)
