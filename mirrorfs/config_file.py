"""Changing ``config.toml``: one remote at a time, and nothing else of what the user wrote."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import tomlkit

from mirrorfs import settings
from mirrorfs.core.errors import Misuse


def put_remote(name: str, options: Mapping[str, str]) -> Path:
    """Let the remote ``name`` have ``options`` and no others; return the file, mode 0600.

    Raises:
        Misuse: the file holds what makes no sense, or cannot be written.
    """
    file = settings.config_path()
    document = _read(file)
    remotes = document.setdefault("remotes", tomlkit.table(is_super_table=True))
    remotes[name] = dict(options)
    _write(file, document)
    return file


def drop_remote(name: str) -> Path:
    """Remove the remote ``name``; return the file.

    Raises:
        Misuse: the file holds no such remote; or as :func:`put_remote`.
    """
    file = settings.config_path()
    document = _read(file)
    if name not in document.get("remotes", {}):
        raise Misuse(f"{file} holds no remote {name!r}.")
    del document["remotes"][name]
    _write(file, document)
    return file


def _read(file: Path) -> tomlkit.TOMLDocument:
    settings.load(file)
    return tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()


def _write(file: Path, document: tomlkit.TOMLDocument) -> None:
    """Write it beside the file, readable to this user alone, and put it in its place."""
    new = file.with_suffix(".new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(tomlkit.dumps(document))
        new.replace(file)
    except OSError as error:
        raise Misuse(f"{file} cannot be written: {error.strerror or error}.") from error
