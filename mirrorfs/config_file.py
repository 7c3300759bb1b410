"""Changing ``config.toml``: one remote at a time, and nothing else of what the user wrote."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tomlkit

from mirrorfs import settings
from mirrorfs.core.errors import Misuse


def put_remote(name: str, options: Mapping[str, str]) -> Path:
    """Let the remote ``name`` have ``options`` and no others; return the file, mode 0600.

    Raises:
        Misuse: the file holds what makes no sense, or cannot be written.
    """
    with _changing() as (file, document):
        remotes = document.setdefault("remotes", tomlkit.table(is_super_table=True))
        remotes[name] = dict(options)
    return file


def drop_remote(name: str) -> Path:
    """Remove the remote ``name``; return the file.

    Raises:
        Misuse: the file holds no such remote; or as :func:`put_remote`.
    """
    with _changing() as (file, document):
        if name not in document.get("remotes", {}):
            raise Misuse(f"{file} holds no remote {name!r}.")
        del document["remotes"][name]
    return file


@contextmanager
def _changing() -> Iterator[tuple[Path, tomlkit.TOMLDocument]]:
    """Let the document be changed inside, by one process at a time, and write it afterwards."""
    file = settings.config_path()
    with _owned(file.parent, file):
        settings.load(file)
        document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
        yield file, document
        _write(file, document)


@contextmanager
def _owned(folder: Path, file: Path) -> Iterator[None]:
    """Wait until no other process changes what is in ``folder``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(file: Path, document: tomlkit.TOMLDocument) -> None:
    """Write it beside the file, readable to this user alone, and put it in its place.

    A link to the file stays one.
    """
    there = file.resolve()
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=there.parent, prefix=f".{there.name}.", delete=False
        ) as stream:
            try:
                stream.write(tomlkit.dumps(document))
                stream.flush()
                os.fsync(stream.fileno())
                Path(stream.name).replace(there)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> Misuse:
    return Misuse(f"{file} cannot be written: {error.strerror or error}.")
