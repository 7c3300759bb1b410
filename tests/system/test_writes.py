"""Every way to write there is, and none of them works."""

import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.conftest import Drive, both, names

LIBC = ctypes.CDLL(None, use_errno=True)


def _call(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


WAYS: dict[str, Callable[[Path, Path], object]] = {
    "create": lambda _, d: (d / "new").open("x"),
    "open for writing": lambda f, _: os.open(f, os.O_WRONLY),
    "open for both": lambda f, _: os.open(f, os.O_RDWR),
    "open and cut": lambda f, _: os.open(f, os.O_RDONLY | os.O_TRUNC),
    "append": lambda f, _: os.open(f, os.O_WRONLY | os.O_APPEND),
    "temporary file": lambda _, d: os.open(d, os.O_TMPFILE | os.O_RDWR),
    "truncate": lambda f, _: os.truncate(f, 0),
    "unlink": lambda f, _: f.unlink(),
    "rmdir": lambda _, d: d.rmdir(),
    "mkdir": lambda _, d: (d / "new").mkdir(),
    "mknod": lambda _, d: os.mknod(d / "new"),
    "mkfifo": lambda _, d: os.mkfifo(d / "new"),
    "symlink": lambda f, d: (d / "new").symlink_to(f),
    "link": lambda f, d: (d / "new").hardlink_to(f),
    "rename": lambda f, d: f.rename(d / "new"),
    "replace a folder": lambda _, d: d.rename(d.parent / "other"),
    "chmod": lambda f, _: f.chmod(0o777),
    "chown": lambda f, _: os.chown(f, 1, 1),
    "utime": lambda f, _: os.utime(f),
    "setxattr": lambda f, _: os.setxattr(f, "user.mirrorfs.id", b"x"),
    "removexattr": lambda f, _: os.removexattr(f, "user.mirrorfs.id"),
    "fallocate": lambda f, _: _call(LIBC.fallocate(os.open(f, os.O_RDWR), 0, 0, 10)),
}


@both
def test_every_write_ends_with_read_only(drive: Drive) -> None:
    body = drive.put("folder/file.jpg", b"as it was")
    mounted = drive.mount()
    for way, write in WAYS.items():
        with pytest.raises(OSError) as caught:  # noqa: PT011 - the number says it
            write(mounted / "folder/file.jpg", mounted / "folder")
        assert caught.value.errno == errno.EROFS, way
    assert not os.access(mounted / "folder/file.jpg", os.W_OK)
    assert not os.access(mounted, os.W_OK)
    assert (mounted / "folder/file.jpg").read_bytes() == body
    assert names(mounted / "folder") == ["file.jpg"]
    with pytest.raises(OSError, match="Invalid argument"):
        (mounted / "folder/file.jpg").readlink()
