"""Emulated accounts, each served by a process of its own."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scripts.bench import processes
from scripts.bench.album import Album
from scripts.bench.figure import Failed

_CHECKOUT = Path(__file__).parents[2]
_BATCH = 5000
_PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Service:
    """A running account: how each side reaches it, and ``folder``, where its own files are.

    ``front`` holds the environment variables that lead rclone's calls to it.
    """

    url: str
    cloudinary_url: str
    front: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def cloud(self) -> str:
        """The account's cloud name."""
        return str(urlsplit(self.cloudinary_url).hostname)

    @property
    def key(self) -> str:
        """The API key."""
        return str(urlsplit(self.cloudinary_url).username)

    @property
    def secret(self) -> str:
        """The API secret."""
        return str(urlsplit(self.cloudinary_url).password)

    def fill(self, album: Album) -> None:
        """Put an album into the account; costs no calls."""
        items = album.items()
        while batch := list(itertools.islice(items, _BATCH)):
            self._ask("seed", json.dumps(batch).encode())

    def admin_calls(self) -> int:
        """Return how many requests the service's quota counted until now.

        These are the answered requests to ``/v1_1/CLOUD/…`` (Admin, Search, folders, config),
        with errors; uploads and deliveries are free of charge and not among them.
        """
        api = f"/v1_1/{self.cloud}/"
        journal = self._ask("journal")
        return sum(call["path"].startswith(api) and not _is_upload(call) for call in journal)

    def stop(self) -> None:
        """End the service for good, as an outage would."""
        processes.stop(self.process)

    def _ask(self, door: str, body: bytes | None = None) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/_emulator/{door}", body, _PATIENCE) as answer:
            return json.load(answer)


@contextmanager
def serving(folder: Path, album: Album, delay: float = 0) -> Iterator[Service]:
    """Serve an account that holds ``album``; ``delay`` seconds go by before every answer."""
    folder.mkdir()
    command = (sys.executable, "-m", "scripts.bench.serve", str(delay))
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=_CHECKOUT,
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
        addresses = json.loads(line)
        service = Service(
            url=addresses["url"],
            cloudinary_url=addresses["cloudinary_url"],
            front=addresses["front"],
            folder=folder,
            process=process,
        )
        service.fill(album)
        yield service
    finally:
        processes.stop(process)


def _is_upload(call: dict[str, Any]) -> bool:
    path = str(call["path"]).partition("?")[0]
    return call["method"] == "POST" and path.endswith("/upload")
