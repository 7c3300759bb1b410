"""One revision of one file while it is read: each block is fetched once for all who want it."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress

from mirrorfs.cache.blocks import BLOCK_SIZE
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, Corrupt, MirrorError, NotFound, Unavailable
from mirrorfs.vfs.proof import Proof, Verdict
from mirrorfs.vfs.run import Run
from mirrorfs.vfs.shelf import block_count, block_length
from mirrorfs.vfs.slices import in_blocks
from mirrorfs.vfs.stream import Stream, rows
from mirrorfs.vfs.supply import Supply

_log = logging.getLogger(__name__)
WHOLE = 8 * BLOCK_SIZE
"""Files up to this many bytes are fetched whole, and proven before a byte of them is served."""
_CHANCES = 2
_PATIENCE = 300
"""Seconds that a reader waits while nothing of the file comes; a whole one may take longer."""
Flight = Future[bytes | None]
"""A block on its way; ``None`` when its stream was given up."""
Flights = Mapping[int, Flight]


class _Disproved(Corrupt):
    """All blocks came, and together they are not the file."""


class Content:
    """The blocks of ``entry``, kept under ``key``. Thread-safe.

    Copies share them, and so do a file's old and new place: they are read where ``entry`` is.
    """

    def __init__(self, entry: Entry, key: str, supply: Supply) -> None:
        self.entry = entry
        self.key = key
        self._supply = supply
        self._blocks = range(block_count(entry.size))
        self._flights: dict[int, Flight] = {}
        self._waiting: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._heard_at = 0.0
        self._proof = Proof(entry, key, supply.shelf)

    @property
    def is_whole(self) -> bool:
        """Say whether the file is fetched in one piece."""
        return self.entry.size <= WHOLE

    @property
    def disproofs(self) -> int:
        """How often it was found that bytes of this file that were handed out are wrong."""
        return self._proof.failures

    def is_proven(self) -> bool:
        """Say whether every byte that was ever handed out of this file is known to be right."""
        return self.is_whole or self._proof.is_done()

    def prove(self) -> None:
        """See to it that a file all of which is kept, and never was proven, will be."""
        if not self.is_proven() and self._supply.shelf.count(self.key) >= len(self._blocks):
            self._in_background(self._proof.finish)

    def read_into(self, offset: int, view: memoryview, begun: Flights) -> None:
        """Fill ``view``, which MUST lie within the file, from ``offset`` of the file.

        ``begun`` is what :meth:`schedule` returned because of this read: were it not looked
        at, a fetch that has failed in the meantime would be made again.

        Raises:
            Corrupt: the file was disproved meanwhile.
            MirrorError: what is not on the disk could not be fetched.
        """
        done, disproofs = 0, self.disproofs
        while done < len(view):
            index, start = divmod(offset + done, BLOCK_SIZE)
            part = view[done : done + BLOCK_SIZE - start]
            flight = begun.get(index) or self._coming(index)
            if flight or not self._supply.shelf.read_into(self.key, index, start, part):
                block = self._wait(index, flight, disproofs)
                part[:] = memoryview(block)[start : start + len(part)]
            done += len(part)

    def schedule(self, blocks: range, run: Run) -> Flights:
        """Begin to fetch those of ``blocks`` that are not here, for as long as ``run`` wants."""
        if self.is_whole and blocks:
            wanted = self._blocks
        else:
            wanted = self._blocks[blocks.start : blocks.stop]
        known = self._supply.shelf.known(self.key, wanted)
        missing = [index for index in wanted if index not in known or not self._here(index)]
        with self._lock:
            missing = [index for index in missing if not self._is_coming(index)]
            for row in [self._blocks] if self.is_whole and missing else rows(missing):
                self._launch(row, run)
            return {index: self._flights[index] for index in missing}

    def fetch(self) -> None:
        """Fetch a file that is fetched whole, in this thread, unless it is here or coming.

        Raises:
            MirrorError: it could not be fetched.
        """
        if all(map(self._here, self._blocks)):
            return
        with self._lock:
            if not self._flights and all(map(self._is_coming, self._blocks)):  # it has just come
                return
            stream = None if self._flights else Stream(self._blocks, None, 0)
            if stream:
                self._begin(stream)
            flight = next(iter(self._flights.values()))
        if stream:
            self._flow(stream)
        self._outcome(flight)

    def _wait(self, index: int, flight: Flight | None, disproofs: int) -> bytes:
        while True:
            with self._lock:
                flight = flight or self._flights.get(index)
                if flight is None:
                    block = self._supply.shelf.recall(self.key, index)
                    if block is not None:
                        return block
                    if self.disproofs != disproofs:
                        raise Corrupt(f"{self.entry.path}: what was read of it is wrong.")
                    self._launch([index], None)
                    flight = self._flights[index]
                self._waiting[index] += 1
            try:
                block = self._outcome(flight)
            finally:
                with self._lock:
                    self._waiting[index] -= 1
            if block is not None:
                return block
            flight = None

    def _outcome(self, flight: Flight) -> bytes | None:
        """Return what a flight brings; nobody waits for ever, nor while this is closing."""
        began = time.monotonic()
        while time.monotonic() - max(began, self._heard_at) < _PATIENCE:
            if self._supply.stopped.is_set():
                raise Unavailable("This is closing.")
            with suppress(TimeoutError):
                return flight.result(1.0)
            if self._supply.outage.is_hopeless():
                break
        raise Unavailable(f"{self.entry.path}: the service does not answer.")

    def _coming(self, index: int) -> Flight | None:
        """Return the flight of a block that MUST be missing, so that no disk is asked for it."""
        return None if self.is_whole else self._flights.get(index)

    def _here(self, index: int) -> bool:
        length = block_length(self.entry.size, index)
        return self._supply.shelf.holds(self.key, index, length)

    def _is_coming(self, index: int) -> bool:
        """Say whether a block is on its way, or arrived a moment ago."""
        return index in self._flights or self._supply.shelf.recall(self.key, index) is not None

    def _launch(self, blocks: Sequence[int], run: Run | None) -> None:
        """Begin a stream; the caller holds the lock."""
        if self.is_whole:
            blocks = self._blocks
        stream = Stream(range(blocks[0], blocks[-1] + 1), run, run.turn if run else 0)
        self._supply.streams.submit(self._flow, stream)  # raises when closed, before anyone waits
        self._begin(stream)

    def _begin(self, stream: Stream) -> None:
        self._supply.hold(self.key)
        self._flights.update((index, Future()) for index in stream.blocks)

    def _flow(self, stream: Stream) -> None:
        error: Exception | None = None
        try:
            self._persist(stream)
        except MirrorError as failure:
            error = failure
        except Exception as failure:
            _log.exception("Reading %s failed.", self.entry.path)
            error = Unavailable(f"{self.entry.path} could not be read: {failure}")
        with self._lock:
            flights = [self._flights.pop(index) for index in stream.missing]
        for flight in flights:
            if error:
                flight.set_exception(error)
            else:
                flight.set_result(None)
        try:
            self._conclude(self._proof.finish)
        finally:
            self._supply.let_go(self.key)

    def _persist(self, stream: Stream) -> None:
        """Go on after a failure that may pass, as long as that gets anywhere.

        A service that is down was tried again by its provider already, and so was a file that
        it cannot deliver; a range that came and was not right was not.
        """
        chances = _CHANCES
        while True:
            landed, stream.pieces = stream.landed, 0
            if self._supply.stopped.is_set():
                raise Unavailable("This is closing.")
            try:
                with self._supply.outage.asking():
                    return self._fill(stream)
            except _Disproved:
                raise
            except (Changed, NotFound):
                self._supply.outdated(self.entry)
                raise
            except Corrupt:
                chances -= 1
                if self.is_whole or not stream.pieces or not chances:
                    raise
            except Unavailable:
                if stream.landed == landed:
                    raise

    def _fill(self, stream: Stream) -> None:
        if self.is_whole:
            self._land_whole(stream, self._proven(stream))
            return
        try:
            with closing(self._body(stream)) as body:
                for block in in_blocks(body):
                    self._take(stream, block)
                    if not stream.missing or self._is_unwanted(stream):
                        return
        finally:
            self._bind(stream)
        raise self._short()

    def _take(self, stream: Stream, block: bytes) -> None:
        """Look at a block and hand it on; the last when all are kept."""
        ends = len(stream.missing) == 1
        if ends:
            self._bind(stream)
        index, disproofs = stream.missing[0], self.disproofs
        self._check(index, block, ends=ends)
        self._supply.shelf.show(self.key, index, block)
        with self._lock:
            stream.loosen(block, disproofs)
            flight = self._flights.pop(index)
        try:
            if stream.is_loaded:
                self._bind(stream)
        finally:
            flight.set_result(block)

    def _bind(self, stream: Stream) -> None:
        """Keep what is loose."""
        numbers, blocks = stream.bind()
        if not blocks:
            return
        try:
            self._supply.shelf.keep(self.key, numbers[0], blocks)
        finally:
            if self._proof.settle(numbers):
                self._in_background(self._proof.follow)
        if self.disproofs != stream.disproofs:  # by another stream, before this was kept
            self._supply.shelf.forget(self.key)

    def _proven(self, stream: Stream) -> list[bytes]:
        """Return all blocks of a file that is fetched whole; the provider proves its digest."""
        pieces = self._noted(stream, self._supply.source.read(self.entry))
        blocks = list(in_blocks([b"".join(pieces)]))
        if sum(map(len, blocks)) != self.entry.size:
            raise self._short()
        return blocks

    def _body(self, stream: Stream) -> Generator[bytes, None, None]:
        start = stream.missing[0] * BLOCK_SIZE
        length = min(stream.blocks.stop * BLOCK_SIZE, self.entry.size) - start
        yield from self._noted(stream, self._supply.source.read(self.entry, start, length))

    def _noted(self, stream: Stream, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            stream.pieces += 1
            self._heard_at = time.monotonic()
            self._supply.outage.heard()
            yield piece

    def _check(self, index: int, block: bytes, *, ends: bool) -> None:
        if len(block) != block_length(self.entry.size, index):
            raise self._short()
        verdict = self._proof.take(index, block, ends=ends)
        if verdict is Verdict.WRONG:
            raise Corrupt(f"{self.entry.path}: the service sent other bytes than before.")
        if verdict is Verdict.DISPROVED:
            self._supply.disproved(self.entry)
            raise _Disproved(f"{self.entry.path}: the bytes do not match the service's checksum.")

    def _in_background(self, prove: Callable[[], Verdict]) -> None:
        """Have the proof go on in another thread, which holds this content meanwhile."""

        def work() -> None:
            try:
                self._conclude(prove)
            finally:
                self._supply.let_go(self.key)

        self._supply.hold(self.key)
        try:
            self._supply.proofs.submit(work)
        except RuntimeError:  # closed
            self._supply.let_go(self.key)

    def _conclude(self, prove: Callable[[], Verdict]) -> None:
        """Tell when what streams kept turns out not to be the file."""
        if not self.is_whole and prove() is Verdict.DISPROVED:
            _log.warning("%s: what was kept of it is not the file.", self.entry.path)
            self._supply.disproved(self.entry)

    def _short(self) -> Corrupt:
        return Corrupt(f"{self.entry.path}: the service sent less or more than it promised.")

    def _land_whole(self, stream: Stream, blocks: list[bytes]) -> None:
        """Keep all blocks first and hand them on then, so that they are never nowhere."""
        self._supply.shelf.put(self.key, 0, blocks, whole=True)
        with self._lock:
            stream.landed = len(blocks)
            flights = [self._flights.pop(index) for index in stream.blocks]
        for flight, block in zip(flights, blocks, strict=True):
            flight.set_result(block)

    def _is_unwanted(self, stream: Stream) -> bool:
        if self._supply.stopped.is_set():
            return True
        if stream.run is None or stream.run.turn == stream.turn or self.is_whole:
            return False
        with self._lock:
            return not any(self._waiting[index] for index in stream.missing)
