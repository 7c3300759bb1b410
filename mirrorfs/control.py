"""Talking to a running mount: a socket for its owner alone, one line of JSON each way.

Beside each socket lies a file that says who listens there, for when the mount does not answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirrorfs.core import errors
from mirrorfs.core.errors import MirrorError, MountFailed, NotFound, RateLimited, Unavailable
from mirrorfs.mountpoint import resolved

_log = logging.getLogger(__name__)
_LONGEST = 1 << 20
_PATIENCE = 10.0
_QUICK = frozenset({"status", "hello", "forget"})
Verb = Callable[[str], Any]
"""Answers a question about its argument, which may be empty, with what JSON can hold."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """A running mount, also one that does not answer."""

    mountpoint: Path
    remote: str
    pid: int


class NotAnswering(Unavailable):
    """The process of a mount is there, and says nothing: it is stopped, or hangs."""

    def __init__(self, mounted: Mounted) -> None:
        where = mounted.mountpoint
        super().__init__(
            f"The mount on {where} (process {mounted.pid}) does not answer.",
            f"End it with: mirrorfs unmount '{where}'",
        )
        self.mounted = mounted


def mounts() -> list[Mounted]:
    """Return the running mounts of this user, by mountpoint, also those that do not answer."""
    found = []
    for path in _folder().glob("*.sock"):
        with contextlib.suppress(OSError):
            _listens(path)
            found.append(_noted(path))
    return sorted(found, key=lambda mounted: mounted.mountpoint)


def ask(mountpoint: Path, verb: str, about: str = "") -> dict[str, Any]:
    """Return what the mount on ``mountpoint`` answers to ``verb``.

    Raises:
        NotFound: no mount of ours is running there.
        NotAnswering: one is, and does not answer in time.
        MirrorError: what the mount answered with.
    """
    try:
        return _answered(_socket_path(mountpoint), verb, about)
    except OSError as error:
        raise NotFound(
            f"No mount is running on {mountpoint}.", "See which there are: mirrorfs status"
        ) from error


@contextlib.contextmanager
def serving(mountpoint: Path, verbs: Mapping[str, Verb]) -> Iterator[None]:
    """Answer ``verbs``, of which one is ``hello``, for ``mountpoint`` while inside."""
    path = _socket_path(mountpoint)
    path.unlink(missing_ok=True)
    note = _note(path)
    try:
        note.write_text(json.dumps(verbs["hello"]("")))
    except OSError as error:
        raise MountFailed(
            f"{note} cannot be written: {error.strerror}.", "Set XDG_RUNTIME_DIR to another folder."
        ) from error
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        path.chmod(0o600)
        server.listen()
        threading.Thread(target=_accept, args=(server, verbs), name="control", daemon=True).start()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            note.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


def encode_error(error: MirrorError) -> str:
    """Return ``error`` as one line."""
    fields = {"kind": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, RateLimited):
        fields["retry_at"] = str(error.retry_at)
    return json.dumps(fields)


def decode_error(line: str) -> MirrorError:
    """Return what :func:`encode_error` was given."""
    fields = json.loads(line)
    kind = getattr(errors, fields["kind"], MirrorError)
    if kind is RateLimited:
        return RateLimited(fields["message"], float(fields["retry_at"]))
    error = kind(fields["message"], fields["hint"])
    assert isinstance(error, MirrorError)
    return error


def _accept(server: socket.socket, verbs: Mapping[str, Verb]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(
            target=_answer, args=(connection, verbs), name="control-answer", daemon=True
        ).start()


def _answer(connection: socket.socket, verbs: Mapping[str, Verb]) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(_PATIENCE)
        line = connection.makefile("r", encoding="utf-8").readline(_LONGEST)
        verb, about = "", ""
        try:
            verb, about = json.loads(line)
            if verb not in verbs:
                raise errors.Misuse(f"This mount knows no {verb!r}.")
            reply = json.dumps({"answer": verbs[verb](about)})
        except MirrorError as error:
            reply = json.dumps({"error": encode_error(error)})
        except Exception as error:
            _log.exception("%s failed.", verb)
            reply = json.dumps({"error": encode_error(MirrorError(f"{verb} failed: {error!r}"))})
        connection.sendall(reply.encode() + b"\n")


def _answered(path: Path, verb: str, about: str) -> dict[str, Any]:
    try:
        if verb not in _QUICK:
            _exchange(path, "hello")  # others may take their time, where the mount answers at all
        return _exchange(path, verb, about)
    except (TimeoutError, BlockingIOError) as error:
        raise NotAnswering(_noted(path)) from error


def _exchange(path: Path, verb: str, about: str = "") -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_PATIENCE if verb in _QUICK else None)
        client.connect(str(path))
        client.sendall(json.dumps([verb, about]).encode() + b"\n")
        line = client.makefile("r", encoding="utf-8").readline()
    if not line:
        raise ConnectionResetError(str(path))
    said = json.loads(line)
    if "error" in said:
        raise decode_error(said["error"])
    answer = said["answer"]
    assert isinstance(answer, dict)
    return answer


def _listens(path: Path) -> None:
    """Make sure that somebody listens, also if nobody answers.

    Raises:
        OSError: nobody does.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(_PATIENCE)
        with contextlib.suppress(BlockingIOError):  # so many have asked that none can wait there
            client.connect(str(path))


def _noted(path: Path) -> Mounted:
    """Return who listens, as noted when it began."""
    said = json.loads(_note(path).read_text())
    return Mounted(Path(said["mountpoint"]), said["remote"], said["pid"])


def _note(path: Path) -> Path:
    return path.with_suffix(".json")


def _socket_path(mountpoint: Path) -> Path:
    where = os.fsencode(resolved(mountpoint))
    return _folder() / f"{hashlib.blake2b(where, digest_size=8).hexdigest()}.sock"


def _folder() -> Path:
    """Return the folder of this user's sockets, made if need be."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        folder = Path(runtime) / "mirrorfs"
    elif os.geteuid() == 0:
        folder = Path("/run/mirrorfs")
    else:
        folder = Path(tempfile.gettempdir()) / f"mirrorfs-{os.geteuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o077 or folder.is_symlink():
        raise MountFailed(f"{folder} is not yours alone.", "Remove it, or set XDG_RUNTIME_DIR.")
    return folder
