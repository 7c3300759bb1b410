"""Going into the background, with an honest answer to whoever asked for it."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from typing import IO, NoReturn

from mirrorfs.control import decode_error, encode_error
from mirrorfs.core.errors import MirrorError, MountFailed

_log = logging.getLogger(__name__)
_READY = b"ready"


def start(serve: Callable[[Callable[[], None]], None]) -> None:
    """Run ``serve`` in a process of its own; return when it calls what it is given.

    The process is no child of this one, has no terminal, and ends with ``serve``.

    Raises:
        MirrorError: what ``serve`` raised before it was ready.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _detach(serve, writing)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    if said != _READY:
        raise decode_error(said.decode()) if said else MountFailed("It ended without a word.")


def _detach(serve: Callable[[Callable[[], None]], None], pipe: int) -> NoReturn:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    with tempfile.TemporaryFile() as complaints:
        _redirect(complaints)
        _run(serve, pipe, complaints)


def _run(serve: Callable[[Callable[[], None]], None], pipe: int, complaints: IO[bytes]) -> NoReturn:
    def ready() -> None:
        _redirect(None)
        os.write(pipe, _READY)
        os.close(pipe)

    try:
        serve(ready)
    except MirrorError as error:
        said = _with_complaints(error, complaints)
        _log.error("%s", said)
        _report(pipe, said)
    except BaseException as error:
        _log.exception("The mount failed.")
        _report(pipe, MountFailed(f"It failed: {error!r}"))
    finally:
        logging.shutdown()
        os._exit(0)


def _redirect(output: IO[bytes] | None) -> None:
    """Let standard input be empty, and send both outputs to ``output`` or nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    for descriptor in (1, 2):
        os.dup2(output.fileno() if output else nowhere, descriptor)
    os.close(nowhere)


def _with_complaints(error: MirrorError, complaints: IO[bytes]) -> MirrorError:
    """Add what the C library wrote to standard error: it says why nowhere else."""
    if not isinstance(error, MountFailed):
        return error
    complaints.seek(0)
    said = complaints.read().decode("utf-8", "replace").strip()
    return MountFailed(f"{error.message} {said}".strip(), error.hint)


def _report(pipe: int, error: MirrorError) -> None:
    try:
        os.write(pipe, encode_error(error).encode())
    except OSError:
        _log.debug("Nobody is waiting for this any more.")
