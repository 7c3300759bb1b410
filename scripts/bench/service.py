"""Emulated accounts, each served by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from scripts.bench import processes
from scripts.bench.figure import Failed

CHECKOUT = Path(__file__).parents[2]
_PATIENCE = 300.0


class Content(Protocol):
    """What an account holds; ``service`` names the emulator that takes it."""

    @property
    def service(self) -> str:
        """The service's name."""
        ...

    @property
    def files(self) -> int:
        """The number of files."""
        ...

    def orders(self) -> Iterator[tuple[str, Any]]:
        """Yield the emulator's doors that make it, and what each is told."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """A running account: how each side reaches it, and ``folder``, where its own files are.

    ``environment`` holds our own variables, ``front`` those that lead the calls of other clients
    to it; the paths of the calls that its quota counts begin with ``api``.
    """

    name: str
    url: str
    api: str
    environment: Mapping[str, str]
    front: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes]

    def calls(self) -> int:
        """Return how many requests the service's quota counted until now.

        These are the answered requests to its API, with errors; uploads and deliveries are free
        of charge and not among them.
        """
        journal = self.ask("journal")
        return sum(call["path"].startswith(self.api) and not _is_upload(call) for call in journal)

    def transfers(self) -> int:
        """Return how many uploads and deliveries of files were answered until now."""
        journal = self.ask("journal")
        return sum(_is_upload(call) or not call["path"].startswith(self.api) for call in journal)

    def play(self, action: Mapping[str, Any]) -> None:
        """Answer all calls that list files as the emulator's faults say; empty: as usual again."""
        self.ask("faults", method="DELETE")
        if action:
            listing = {"path_regex": f"^{self.api}resources"}
            rule = {"match": listing, "times": None, "action": action}
            self.ask("faults", json.dumps(rule).encode())

    def stop(self) -> None:
        """End the service for good, as an outage would."""
        processes.stop(self.process)

    def ask(self, door: str, body: bytes | None = None, method: str | None = None) -> Any:
        """Return what one of the emulator's own doors tells; costs no calls."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        asked = urllib.request.Request(f"{self.url}/_emulator/{door}", body, method=method)
        with opener.open(asked, timeout=_PATIENCE) as answer:
            return json.load(answer)


@contextmanager
def serving(folder: Path, content: Content, settings: Mapping[str, Any]) -> Iterator[Service]:
    """Serve an account that holds ``content``; ``settings`` are those of its emulator."""
    folder.mkdir()
    options = (content.service, json.dumps(dict(settings)))
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "scripts.bench.serve", *options),
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise Failed(f"the emulator did not start: {(folder / 'service.log').read_text()}")
        reached = json.loads(line)
        service = Service(content.service, **reached, folder=folder, process=process)
        for door, wanted in content.orders():
            service.ask(door, json.dumps(wanted).encode())
        yield service
    finally:
        processes.stop(process)


def _is_upload(call: dict[str, Any]) -> bool:
    path = str(call["path"]).partition("?")[0]
    return call["method"] == "POST" and path.endswith("/upload")
