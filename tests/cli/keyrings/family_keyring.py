"""A keyring for tests: a file stands for the desktop's. Found through ``PYTHONPATH``."""

import json
import os
from pathlib import Path

import keyring.errors
from keyring.backend import KeyringBackend


class Desktop(KeyringBackend):
    priority = 5  # type: ignore[assignment]

    @property
    def name(self) -> str:
        return "desktop"

    @property
    def _file(self) -> Path:
        return Path(os.environ["HOME"]) / "desktop.keyring"

    def _all(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return found

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps({**self._all(), f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        if f"{service}/{username}" not in kept:
            raise keyring.errors.PasswordDeleteError
        del kept[f"{service}/{username}"]
        self._file.write_text(json.dumps(kept))
