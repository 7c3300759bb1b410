"""The two programs that keep folders alike, and how each is told to."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.bench import ran, tools
from scripts.bench.figure import OURS, RCLONE
from scripts.bench.ran import Ran
from scripts.bench.service import Service
from scripts.bench.stage import Stage

MIRRORSYNC_PROGRAM = str(Path(sys.executable).parent / "mirrorsync")

_REMEMBER = "bisync"
"""The command for which both keep a folder of what was agreed."""


@dataclass(frozen=True, slots=True)
class Syncer:
    """One side: its program, how it names the account (empty: there is none), its environment.

    ``state`` is its own folder: what it remembers, and what it writes to the screen.
    """

    side: str
    program: tuple[str, ...]
    remote: str
    environment: Mapping[str, str]
    state: Path
    baseline: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def run(self, verb: str, one: str | Path, two: str | Path, *options: str) -> Ran:
        """Run a command that MUST succeed.

        Raises:
            Failed: it did not.
        """
        return ran.check(self.attempt(verb, one, two, *options), (self.side, verb))

    def agree(self, one: str | Path, two: str | Path) -> Ran:
        """Run the first ``bisync`` of two places."""
        return self.run("bisync", one, two, *self.baseline)

    def attempt(self, verb: str, one: str | Path, two: str | Path, *options: str) -> Ran:
        """Run a command, however it ends."""
        self.state.mkdir(exist_ok=True)
        remembers = verb == _REMEMBER or self.side == OURS
        kept = ("--workdir", str(self.state / "state")) if remembers else ()
        command = (*self.program, verb, str(one), str(two), *kept, *self.options, *options)
        return ran.run(command, self.environment, self.state / "output.log")


def both(stage: Stage, service: Service | None = None) -> tuple[Syncer, Syncer]:
    """Return our side and rclone's, each with a state folder that is not there yet."""
    return mirrorsync(stage, service), rclone(stage, service)


def mirrorsync(stage: Stage, service: Service | None = None) -> Syncer:
    """Return our side: everything as a user gets it, but that it never waits for a new quota."""
    state = stage.folder(OURS)
    given = service.environment if service else {}
    environment = {
        **tools.clean_environment(),
        **given,
        "MIRRORFS_CONFIG": str(state / "config.toml"),
    }
    remote = f"{service.name}:" if service else ""
    options = ("--no-wait",)
    return Syncer(OURS, (MIRRORSYNC_PROGRAM,), remote, environment, state, options=options)


def rclone(stage: Stage, service: Service | None = None) -> Syncer:
    """Return rclone's side: everything by default; its first ``bisync`` wants ``--resync``."""
    state = stage.folder(RCLONE)
    program = (tools.RCLONE_PROGRAM, "--config", "/dev/null")
    environment = {**tools.clean_environment(), **(service.front if service else {})}
    remote = tools.rclone_remote(service) if service else ""
    return Syncer(RCLONE, program, remote, environment, state, ("--resync",))


def forget(syncer: Syncer) -> None:
    """Remove the state folder."""
    shutil.rmtree(syncer.state, ignore_errors=True)
