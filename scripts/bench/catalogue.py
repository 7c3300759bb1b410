"""Every bench by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from scripts.bench.figure import Figure
from scripts.bench.figures import (
    calls,
    copying,
    reading,
    safety,
    smugmug,
    starting,
    syncing,
    walk,
    watching,
)
from scripts.bench.stage import Stage

Bench = Callable[[Stage], list[Figure]]
"""Takes one figure or several that belong together; raises ``Failed`` where it cannot."""

BENCHES: Mapping[str, Bench] = MappingProxyType(
    {
        "help": starting.show_help,
        "calls-cold": calls.cold,
        "calls-remount": calls.remount,
        "calls-refresh": calls.refresh,
        "walk": walk.walk,
        "memory": walk.memory,
        "cold-copy": copying.loopback,
        "cold-copy-latency": copying.latency,
        "cold-read": reading.cold,
        "warm-read": reading.warm,
        "smugmug-calls-cold": smugmug.cold,
        "smugmug-calls-again": smugmug.again,
        "smugmug-calls-grants": smugmug.grants,
        "smugmug-walk": smugmug.walk,
        "smugmug-cold-copy": smugmug.copy,
        "smugmug-cold-read": smugmug.read,
        "sync-calls": syncing.calls,
        "sync-still": syncing.still,
        "sync-down": syncing.down,
        "sync-up": syncing.up,
        "sync-memory": syncing.memory,
        "sync-shift": syncing.shift,
        "sync-safety": safety.left,
        "watch-save": watching.save,
        "watch-burst": watching.burst,
        "watch-idle": watching.idle,
        "watch-soak": watching.soak,
    }
)
