"""What the user set: ``config.toml``, ``.env`` and the environment, as frozen values.

Nothing here opens a connection. The environment wins over ``.env`` in the working folder,
and both win over ``config.toml`` for the remote that is named after its service.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs
from dotenv import dotenv_values

from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath, parse

APP = "mirrorfs"
SERVICES = ("cloudinary", "smugmug")

_ACCOUNT = {
    "cloudinary": ("CLOUDINARY_URL", "CLOUDINARY_CLOUD_NAME", "CLOUD_NAME"),
    "smugmug": ("SMUGMUG_TOKEN", "SMUGMUG_NICKNAME"),
}
"""Variables of which any names an account; a key alone names an application only."""

_OPTIONS = {
    "cloudinary": ("cloud_name", "api_key", "api_secret", "upload_prefix", "oauth_token",
                   "upload_preset", "signature_algorithm", "api_proxy", "url", "cloudinary_url"),
    "smugmug": ("api_key", "api_secret", "token", "token_secret", "nickname", "url", "account",
                "keyring"),
}  # fmt: skip
"""What a remote of each service may have; see each provider's credentials."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw]?)", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Remote:
    """A named account: its service and its options, some of them secret.

    ``origin`` says where it was found, for messages. An empty ``options`` means that the
    service's own environment variables tell (see ``environment``).
    """

    name: str
    service: str
    origin: str
    options: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Location:
    """``remote:folder`` as typed."""

    remote: str
    folder: RemotePath

    def __str__(self) -> str:
        return f"{self.remote}:{self.folder}"


@dataclass(frozen=True, slots=True)
class MountDefaults:
    """What ``mirrorfs mount`` takes when a flag is left out (bytes, seconds)."""

    cache_dir: Path
    cache_size: int = 10 * 1024**3
    min_free: int = 1024**3
    refresh: float = 300.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder that ``mirrorsync watch`` keeps in line with a remote; both as typed."""

    name: str
    local: str
    remote: str
    two_way: bool = False
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that was set, read once at the start of a command."""

    path: Path
    remotes: Mapping[str, Remote]
    mount: MountDefaults
    warnings: tuple[str, ...] = ()
    watched: tuple[Watched, ...] = ()

    def remote(self, name: str) -> Remote:
        """Return the remote of that name.

        Raises:
            Misuse: there is none; the message lists those there are.
        """
        try:
            return self.remotes[name]
        except KeyError:
            known = ", ".join(f"{known}:" for known in sorted(self.remotes))
            raise Misuse(
                f"There is no remote {name!r}.",
                f"Known are {known} — add one with 'mirrorfs config set {name}'.",
            ) from None


def config_path() -> Path:
    """Return where ``config.toml`` is: ``MIRRORFS_CONFIG``, or the user's config folder."""
    named = os.environ.get("MIRRORFS_CONFIG")
    return Path(named) if named else Path(platformdirs.user_config_dir(APP)) / "config.toml"


def recent_dir() -> Path:
    """Return where processes tell each other what they have just written to an account."""
    return Path(platformdirs.user_cache_dir(APP)) / "recent"


def load(path: Path | None = None) -> Settings:
    """Read ``config.toml``, ``.env`` of the working folder and the environment.

    Raises:
        Misuse: a file cannot be read or holds something that makes no sense.
    """
    path = path or config_path()
    table = _read_toml(path)
    environment = {k: v for k, v in dotenv_values(".env").items() if v is not None}
    environment.update(os.environ)
    remotes = {
        service: Remote(service, service, "the environment", {}, environment)
        for service in SERVICES
    }
    for name, options in _table(table, "remotes", path).items():
        remote = _remote(name, options, path)
        if name not in SERVICES or not has_variables(remote.service, environment):
            remotes[name] = remote
    watched = tuple(
        _watched(name, options, path) for name, options in _table(table, "watch", path).items()
    )
    warnings = tuple(_exposed(path, remotes))
    return Settings(path, remotes, _mount_defaults(table, path), warnings, watched)


def has_variables(service: str, environment: Mapping[str, str]) -> bool:
    """Say whether the environment names an account of ``service``."""
    return any(environment.get(name) for name in _ACCOUNT[service])


def check_options(service: str, options: Iterable[str], where: str) -> None:
    """Look whether a remote of ``service``, found at ``where``, may have ``options``.

    Raises:
        Misuse: it may not; the message tells what may be meant.
    """
    _check_names(options, _OPTIONS[service], where)


def parse_location(text: str) -> Location:
    """Return ``remote:`` or ``remote:folder`` as a value.

    Raises:
        Misuse: there is no colon, or the folder is not a lawful path.
    """
    remote, colon, folder = text.partition(":")
    if not colon or not remote:
        raise Misuse(
            f"{text!r} names no remote.", "Write it as 'cloudinary:' or 'cloudinary:folder'."
        )
    return Location(remote, parse(folder))


def parse_size(text: str) -> int:
    """Return bytes from ``512M``, ``10GiB``, ``1.5T`` or a plain number (powers of 1024).

    Raises:
        Misuse: it is none of these.
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise Misuse(f"{text!r} is not a size.", "Write it as 512M, 10G or a number of bytes.")
    return int(float(match[1]) * _POWERS[match[2].lower()])


def parse_span(text: str) -> float:
    """Return seconds from ``90``, ``30s``, ``5m``, ``1.5h`` or ``1d``.

    Raises:
        Misuse: it is none of these.
    """
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise Misuse(f"{text!r} is not a length of time.", "Write it as 30s, 5m, 1h or 1d.")
    return float(match[1]) * _SECONDS[match[2].lower()]


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misuse(f"{path} cannot be read: {error}.", "Correct it, or move it away.") from error
    _check_names(table, ("remotes", "mount", "watch"), str(path))
    return table


def _check_names(found: Iterable[str], known: Iterable[str], where: str) -> None:
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Is {near[0]!r} meant?" if near else f"Known are {', '.join(known)}."
            raise Misuse(f"{where} knows no {name!r}.", hint)


def _table(parent: Mapping[str, object], key: str, path: Path) -> Mapping[str, object]:
    value = parent.get(key, {})
    if not isinstance(value, dict):
        raise Misuse(f"{path}: [{key}] must be a table.")
    return value


def _remote(name: str, options: object, path: Path) -> Remote:
    where = f"{path}: [remotes.{name}]"
    if not isinstance(options, dict):
        raise Misuse(f"{where} must be a table.")
    for key, value in options.items():
        if not isinstance(value, str):
            raise Misuse(f"{where}: {key} must be text.", "Write it in quotation marks.")
    options = dict(options)
    service = options.pop("type", name if name in SERVICES else "")
    if service not in SERVICES:
        raise Misuse(
            f"{where} has type {service!r}.", f"Write type = one of {', '.join(SERVICES)}."
        )
    check_options(service, options, where)
    return Remote(name, service, f"{path} [remotes.{name}]", options, {})


def _folder(value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise Misuse(f"{value!r} is not a folder.", "Write it in quotation marks.")
    return Path(value).expanduser()


_MOUNT: Mapping[str, Callable[[Any], object]] = {
    "cache_dir": _folder,
    "cache_size": lambda value: parse_size(str(value)),
    "min_free": lambda value: parse_size(str(value)),
    "refresh": lambda value: parse_span(str(value)),
}
"""What ``[mount]`` may hold, and how each is read."""


def _mount_defaults(table: Mapping[str, object], path: Path) -> MountDefaults:
    given, where = _table(table, "mount", path), f"{path}: [mount]"
    _check_names(given, _MOUNT, where)
    read: dict[str, Any] = {}
    for key, value in given.items():
        try:
            read[key] = _MOUNT[key](value)
        except Misuse as error:
            raise Misuse(f"{where}: {key}: {error.message}", error.hint) from error
    return replace(MountDefaults(Path(platformdirs.user_cache_dir(APP))), **read)


_WATCH = {"local": str, "remote": str, "two_way": bool, "delete": bool}


def _watched(name: str, options: object, path: Path) -> Watched:
    """Return the watched folder that ``[watch.NAME]`` tells of."""
    where = f"{path}: [watch.{name}]"
    if not isinstance(options, dict):
        raise Misuse(f"{where} must be a table.")
    _check_names(options, _WATCH, where)
    for key, value in options.items():
        kind = _WATCH[key]
        if not isinstance(value, kind):
            raise Misuse(f"{where}: {key} must be {'true or false' if kind is bool else 'text'}.")
    if not options.get("local") or not options.get("remote"):
        raise Misuse(f"{where} needs local and remote.")
    return Watched(name, **options)


def _exposed(path: Path, remotes: Mapping[str, Remote]) -> list[str]:
    if not any(remote.options for remote in remotes.values()):
        return []
    if not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    return [f"{path} holds secrets and others can read it. Run: chmod 600 {path}"]
