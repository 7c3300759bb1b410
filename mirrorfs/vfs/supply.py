"""Where the blocks of every content come from, and who is told of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from mirrorfs.core.entry import Entry
from mirrorfs.core.provider import Source
from mirrorfs.vfs.outage import Outage
from mirrorfs.vfs.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Supply:
    """Where blocks come from: the service, through ``streams``, onto ``shelf``; ``proofs`` hash.

    ``hold`` and ``let_go`` are called with a content's key when a stream of it begins and ends:
    whoever opens the file again meanwhile MUST find the same content. ``disproved`` is called
    when bytes of a file that were handed out already turned out to be wrong, before anybody
    who waits is told, and ``outdated`` when the service says that a file is gone or another.
    """

    source: Source
    shelf: Shelf
    streams: Executor
    proofs: Executor
    stopped: threading.Event
    hold: Callable[[str], None]
    let_go: Callable[[str], None]
    disproved: Callable[[Entry], None]
    outdated: Callable[[Entry], None]
    outage: Outage
