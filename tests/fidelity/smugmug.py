"""Third-party SmugMug clients, unchanged, led to an emulator by a proxy on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.connect import front
from mirrorfs.emulators.smugmug import Server, Settings
from mirrorfs.emulators.smugmug.hosts import HOSTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NICK = "demo"
SITE = f"https://{NICK}.smugmug.com"
TRUST = str(Path(__file__).with_name("trust"))


@dataclass(frozen=True)
class Bench:
    """An emulator, and what leads a client to it; ``home`` is the client's home folder."""

    server: Server
    environment: Mapping[str, str]
    home: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment to run a client in."""
        client = {"HOME": str(self.home), "PYTHONPATH": TRUST}
        return {**os.environ, **self.environment, **client}

    def run(self, module: str, *arguments: str) -> str:
        """Run a client's module as a program; give what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=self.variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def paths(self, method: str) -> list[str]:
        """Give the paths, without query, of all requests of a method."""
        entries = self.server.service.journal.entries()
        return [one["path"].partition("?")[0] for one in entries if one["method"] == method]

    def statuses(self) -> set[int]:
        """Give the statuses of all answers."""
        return {one["status"] for one in self.server.service.journal.entries()}


@contextmanager
def bench(home: Path, **settings: Any) -> Iterator[Bench]:
    """Run an emulator that clients find under the service's own host names."""
    wanted = Settings(nick=NICK, **settings)
    with Server(wanted) as server, front(server, (*HOSTS, f"{NICK}.smugmug.com")) as environment:
        yield Bench(server, environment, home)


def digests(folder: Path) -> Counter[str]:
    """Count the files below a folder by their MD5."""
    return Counter(
        hashlib.md5(file.read_bytes()).hexdigest() for file in folder.rglob("*") if file.is_file()
    )


def sign_in_smugcli(home: Path) -> None:
    """Write smugcli's configuration, as its login does."""
    known = {"api_key": ["key", "secret"], "access_token": ["token", "token-secret"]}
    (home / ".smugcli").write_text(json.dumps(known))
