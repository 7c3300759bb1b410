"""The state folder: where manifests, locks, checksums and the trash are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from sync.ends import Pair


@dataclass(frozen=True, slots=True)
class State:
    """Paths below one folder; nothing is made by asking for them."""

    folder: Path

    def manifest(self, pair: Pair, command: str) -> Path:
        """Return the manifest of a pair; two-way and one-way commands remember apart."""
        kind = "bisync" if command == "bisync" else "oneway"
        return self.folder / kind / f"{pair.name}.sqlite"

    def lock(self, pair: Pair) -> Path:
        """Return the lock of a pair, whatever the command is."""
        return self.folder / "locks" / f"{pair.name}.lock"

    @property
    def digests(self) -> Path:
        """The memory of checksums of this machine's files."""
        return self.folder / "digests.sqlite"

    @property
    def clock(self) -> Path:
        """What is known of this machine's clock (:mod:`sync.expiry`)."""
        return self.folder / "clock"

    @property
    def trash(self) -> Path:
        """The folder of dated folders."""
        return self.folder / "trash"


def default_state() -> State:
    """Return the state folder of this user."""
    return State(Path(platformdirs.user_state_dir("mirrorsync")))
