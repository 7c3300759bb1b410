"""Published clients of SmugMug, unchanged: how each sees all there is in an account.

They know the service's own host names only, so they are led to the emulator by a proxy that
answers for those (``mirrorfs.emulators.connect``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.bench.figure import Failed
from scripts.bench.service import Service
from scripts.bench.tools import clean_environment

_TRUST = Path(__file__).parents[2] / "tests" / "fidelity" / "trust"
_PATIENCE = 1200.0
_SITE = "https://bench.smugmug.com/"


def gallery_dl(service: Service, home: Path, files: int) -> None:
    """Have gallery-dl name every file of the account (``--simulate`` downloads none).

    Raises:
        Failed: it named another number than ``files``.
    """
    known = service.environment
    keys = {
        "api-key": known["SMUGMUG_API_KEY"],
        "api-secret": known["SMUGMUG_API_SECRET"],
        "access-token": known["SMUGMUG_TOKEN"],
        "access-token-secret": known["SMUGMUG_TOKEN_SECRET"],
    }
    options = [part for name, value in keys.items() for part in ("-o", f"{name}={value}")]
    command = ("gallery_dl", "--config-ignore", "--simulate", *options, _SITE)
    _expect(_run(service, home, command), files)


def smugcli(service: Service, home: Path, files: int, folders: Sequence[str]) -> None:
    """Have one shell of smugcli list every folder and album; it is told their paths.

    Raises:
        Failed: it listed another number of pictures than ``files``.
    """
    known = service.environment
    login = {
        "api_key": [known["SMUGMUG_API_KEY"], known["SMUGMUG_API_SECRET"]],
        "access_token": [known["SMUGMUG_TOKEN"], known["SMUGMUG_TOKEN_SECRET"]],
    }
    home.mkdir(exist_ok=True)
    (home / ".smugcli").write_text(json.dumps(login))
    lines = [f'ls "{folder}"' for folder in folders]
    told = _run(service, home, ("smugcli", "shell"), "\n".join([*lines, "exit", ""]))
    _expect(told, files)


def _expect(told: str, files: int) -> None:
    """Both write a line for each picture, with its extension at the end."""
    seen = sum(line.endswith(".jpg") for line in told.splitlines())
    if seen != files:
        raise Failed(f"{seen} pictures were listed where {files} are")


def _run(service: Service, home: Path, command: Sequence[str], told: str = "") -> str:
    """Return what a client's module, run as a program, wrote to its output."""
    home.mkdir(exist_ok=True)
    own = {"HOME": str(home), "PYTHONPATH": str(_TRUST)}
    run = subprocess.run(
        (sys.executable, "-m", *command),
        env={**clean_environment(), **service.front, **own},
        cwd=home,
        input=told,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if run.returncode or "Traceback" in run.stderr:
        raise Failed(f"{command[0]} ended with {run.returncode}: {run.stderr.strip()[-300:]}")
    return run.stdout
