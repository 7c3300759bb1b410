"""An emulated account and a provider on it, with doors to its insides."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import requests

from mirrorfs.core.clock import Clock, SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import parse
from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.net.patience import Patience
from mirrorfs.providers import cloudinary
from mirrorfs.providers.cloudinary.provider import CloudinaryProvider

PATIENCE = Patience(tries=2, pause=0.01)


@dataclass
class Cloud:
    server: Server
    provider: CloudinaryProvider

    @property
    def credentials(self) -> cloudinary.Credentials:
        return cloudinary.parse_url(self.server.cloudinary_url)

    def again(
        self, root: str = "", patience: Patience = PATIENCE, clock: Clock | None = None
    ) -> CloudinaryProvider:
        """Open the account anew, as another process would."""
        return cloudinary.open(self.credentials, clock or SystemClock(), patience, root)

    def seed(self, *items: dict[str, Any]) -> None:
        self._post("seed", list(items))

    def fault(self, path: str, action: dict[str, Any], method: str = "", **when: Any) -> None:
        self._post(
            "faults", {"match": {"method": method, "path_regex": path}, "action": action, **when}
        )

    def heal(self) -> None:
        requests.delete(f"{self.server.url}/_emulator/faults", timeout=5)

    def asked(self, pattern: str = "") -> list[dict[str, Any]]:
        """Return the requests whose method and path match."""
        told = requests.get(f"{self.server.url}/_emulator/journal", timeout=5).json()
        return [one for one in told if re.search(pattern, f"{one['method']} {one['path']}")]

    def forget(self) -> None:
        requests.delete(f"{self.server.url}/_emulator/journal", timeout=5)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Change something as somebody else would."""
        who = self.credentials
        answer = requests.request(
            method,
            f"{self.server.url}/v1_1/{who.cloud_name}/{path}",
            json=body,
            auth=(who.api_key, who.api_secret),
            timeout=5,
        )
        answer.raise_for_status()
        return answer.json()

    def put(self, path: str, data: bytes, replaces: Entry | None = None) -> Entry:
        body = BytesIO(data)
        return self.provider.write(parse(path), body, size=len(data), modified=0, replaces=replaces)

    def content(self, entry: Entry, start: int = 0, length: int | None = None) -> bytes:
        return b"".join(self.provider.read(entry, start, length))

    def tree(self) -> set[str]:
        return set(self.again().scan(parse("")).entries)

    def _post(self, door: str, body: Any) -> None:
        requests.post(
            f"{self.server.url}/_emulator/{door}", json=body, timeout=30
        ).raise_for_status()


@contextmanager
def run(settings: Settings) -> Iterator[Cloud]:
    with Server(settings) as server:
        credentials = cloudinary.parse_url(server.cloudinary_url)
        provider = cloudinary.open(credentials, SystemClock(), PATIENCE)
        yield Cloud(server, provider)
        provider.close()


def picture(name: str, data: bytes, **more: Any) -> dict[str, Any]:
    """Return a seed of an image with these bytes."""
    body = base64.b64encode(data).decode()
    return {"path": name, "resource_type": "image", "base64": body, **more}
