"""Services of systemd for one user: units are written, enabled, looked at and removed.

systemd.unit(5), systemd.service(5), systemd.syntax(7) and systemd-escape(1) tell the format.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mirrorfs.core.errors import Misuse, NotFound, Unsupported

_LAWFUL = re.compile(r"[A-Za-z0-9:_.\\-]{1,200}")
_PLACES = ("MIRRORFS_CONFIG", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
_USELESS = "2 3 7"
"""Exit statuses after which another start would end alike: wrong settings, a folder that is not
there, access denied."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A service: ``name`` without ``.service``, words to run it, and words to run before.

    ``folder`` is where it runs; ``variables`` MUST hold no secrets, as others may read them.
    """

    name: str
    description: str
    command: Sequence[str]
    folder: Path
    before: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Installed:
    """A unit that is written; ``state`` is systemd's word (``active``, ``failed``, …)."""

    name: str
    state: str


def text_of(unit: Unit) -> str:
    """Return the unit's file.

    It is ready when it says so, started again when it fails, and not when that is of no use.
    """
    before = [f"ExecStartPre=-{_words(unit.before)}"] if unit.before else []
    return "\n".join(
        [
            "[Unit]",
            f"Description={_plain(unit.description)}",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=notify",
            f"WorkingDirectory={_plain(str(unit.folder))}",
            *(f"Environment={_quoted(f'{k}={v}')}" for k, v in unit.variables.items()),
            *before,
            f"ExecStart={_words(unit.command)}",
            "TimeoutStartSec=infinity",
            "TimeoutStopSec=90",
            "Restart=on-failure",
            "RestartSec=15",
            f"RestartPreventExitStatus={_USELESS}",
            "",
            "[Install]",
            "WantedBy=default.target",
            "",
        ]
    )


def install(unit: Unit) -> str:
    """Write the unit, enable and start it; return a sentence on what was done.

    Raises:
        Unsupported: this machine has no systemd; nothing was written.
        Misuse: the unit's name or file cannot be.
    """
    _need_systemd(f"Have this run at the start instead: {' '.join(unit.command)}")
    path = _path(unit.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(unit), "utf-8")
    except OSError as error:
        raise Misuse(f"{path} cannot be written: {error.strerror}.") from error
    if not _manager_runs():
        return (
            f"Wrote {path}. No systemd of yours is running here, so it is not started; once "
            f"there is one, run: systemctl --user enable --now '{path.name}'"
        )
    _must("daemon-reload")
    _must("enable", path.name)
    _must("restart", path.name)
    if _lingers():
        return f"{path.name} is running, and starts with the machine."
    return (
        f"{path.name} is running, and starts when you log in. To have it start with the "
        "machine, run: loginctl enable-linger"
    )


def uninstall(name: str) -> None:
    """Stop the unit, and remove it.

    Raises:
        NotFound: there is none of that name.
    """
    path = _path(name)
    if not path.exists():
        raise NotFound(f"There is no service {name!r}: {path} does not exist.")
    is_running = bool(shutil.which("systemctl")) and _manager_runs()
    if is_running:
        _systemctl("disable", "--now", path.name)
    path.unlink()
    if is_running:
        _systemctl("daemon-reload")


def installed(prefix: str) -> list[Installed]:
    """Return the units whose names begin with ``prefix``."""
    paths = sorted(folder().glob(f"{prefix}*.service"))
    asks = bool(paths) and bool(shutil.which("systemctl")) and _manager_runs()
    return [Installed(path.stem, _state(path.name) if asks else "unknown") for path in paths]


def folder() -> Path:
    """Return the folder of this user's units (systemd.unit(5), "Unit File Load Path")."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "systemd" / "user"


def path_name(path: Path) -> str:
    """Return an absolute path as a part of a unit's name, as ``systemd-escape --path`` does."""
    parts = "/".join(part for part in str(path).split("/") if part)
    if not parts:
        return "-"
    plain = re.compile(r"[A-Za-z0-9:_.]")
    escaped = "".join(
        "-" if byte == ord("/") else chr(byte) if plain.match(chr(byte)) else f"\\x{byte:02x}"
        for byte in os.fsencode(parts)
    )
    return f"\\x2e{escaped[1:]}" if escaped.startswith(".") else escaped


def kept_variables() -> dict[str, str]:
    """Return those variables that say where this user's files are; a service needs them too."""
    found = ((name, os.environ.get(name)) for name in _PLACES)
    return {name: str(Path(value).absolute()) for name, value in found if value}


def program(module: str) -> tuple[str, ...]:
    """Return the words that run a program of this installation."""
    return (sys.executable, "-m", module)


def _words(words: Sequence[str]) -> str:
    return " ".join(_quoted(word.replace("$", "$$")) for word in words)


def _quoted(text: str) -> str:
    """Return ``text`` as one word of a unit's file."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    escaped = escaped.replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _plain(text: str) -> str:
    """Return ``text`` as the whole value of a setting that takes no quotes."""
    if "\n" in text:
        raise Misuse(f"{text!r} cannot be written to a unit.")
    return text.replace("%", "%%")


def _path(name: str) -> Path:
    if not _LAWFUL.fullmatch(name):
        raise Misuse(f"{name!r} cannot name a service.", "Name it with --name.")
    return folder() / f"{name}.service"


def _need_systemd(hint: str) -> None:
    if not shutil.which("systemctl"):
        raise Unsupported("This machine has no systemd.", hint)


def _manager_runs() -> bool:
    return _systemctl("show-environment").returncode == 0


def _lingers() -> bool:
    """Say whether this user's systemd runs from the machine's start (loginctl(1))."""
    if not shutil.which("loginctl"):
        return False
    command = ["loginctl", "show-user", "--property=Linger", "--value", str(os.getuid())]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() == "yes"


def _state(name: str) -> str:
    return _systemctl("is-active", name).stdout.strip() or "unknown"


def _must(*args: str) -> None:
    done = _systemctl(*args)
    if done.returncode:
        said = done.stderr.strip() or "it does not say why."
        raise Misuse(f"systemctl --user {' '.join(args)} failed: {said}")


def _systemctl(*args: str) -> subprocess.CompletedProcess[str]:
    command = ["systemctl", "--user", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)
