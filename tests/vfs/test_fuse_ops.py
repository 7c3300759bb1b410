"""The translation of calls and errors, without a kernel."""

import errno
import logging
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mirrorfs.core import errors, facts
from mirrorfs.core.paths import RemotePath
from mirrorfs.fuse_ops import Operations, Ownership, answer
from mirrorfs.vfs import globs
from mirrorfs.vfs.branch import Branch
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.tree import Tree
from mirrorfs.vfs.view import View
from tests.vfs.fakes import FakeSource


@pytest.fixture
def tree(source: FakeSource, grow: Callable[..., Tree]) -> Tree:
    source.put("a/é.jpg", b"body", modified=1_500_000_000_123_456_789)
    return grow()


@pytest.fixture
def operations(tree: Tree, reader: Reader) -> Operations:
    view = View(tree, globs.parse([], []))
    return Operations(Branch(tree, view, reader), Ownership(1, 2, 0o027))


def _info(flags: int = os.O_RDONLY) -> Any:
    return SimpleNamespace(fh=0, flags=flags, keep_cache=0, direct_io=0)


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (errors.NotFound("x"), errno.ENOENT),
        (errors.Denied("x"), errno.EACCES),
        (errors.Changed("x"), errno.EIO),
        (errors.Corrupt("x"), errno.EIO),
        (errors.Unavailable("x"), errno.EIO),
        (errors.RateLimited("x", 0.0), errno.EIO),
        (errors.BadAnswer("x"), errno.EIO),
        (OSError(errno.EROFS, "x"), errno.EROFS),
        (OSError("no number"), errno.EIO),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "x"), errno.ENOENT),
        (ZeroDivisionError(), errno.EIO),
    ],
)
def test_every_error_becomes_a_number(
    error: Exception, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error

    with caplog.at_level(logging.WARNING):
        assert answer(fail) == -number
    unexpected = isinstance(error, ZeroDivisionError)
    assert ("Traceback" in caplog.text) is unexpected


def test_what_a_call_returns_is_returned() -> None:
    assert answer(lambda: None) == 0
    assert answer(lambda a, b: a + b, 3, 4) == 7


def test_attributes(operations: Operations) -> None:
    found = operations.getattr("/a/é.jpg")
    assert found["st_mode"] == stat.S_IFREG | 0o640
    assert (found["st_uid"], found["st_gid"], found["st_nlink"]) == (1, 2, 1)
    assert (found["st_size"], found["st_blocks"]) == (4, 1)
    assert found["st_mtime"] == 1_500_000_000_123_456_789
    assert operations.getattr("/")["st_mode"] == stat.S_IFDIR | 0o750
    root = operations.getattr("/")
    assert (root["st_ino"], root["st_nlink"]) == (1, 3)


def test_a_decomposed_name_is_not_there(operations: Operations) -> None:
    with pytest.raises(errors.NotFound):
        operations.getattr("/a/e\u0301.jpg")
    assert operations.getattr("/a/\u00e9.jpg")["st_size"] == 4


def test_a_folder_is_held_as_it_was(operations: Operations, source: FakeSource, tree: Tree) -> None:
    handle = operations.opendir("/a")
    source.put("a/new.jpg", b"new")
    tree.refresh()
    assert [seen.name for seen in operations.listed(handle)] == ["é.jpg"]
    assert [name for name, _, _ in operations.readdir(None, handle)] == [".", "..", "é.jpg"]
    operations.releasedir(None, handle)
    assert len(operations.listed(operations.opendir("/a"))) == 2


def test_a_file_that_is_gone_but_open_still_has_attributes(
    operations: Operations, source: FakeSource, tree: Tree
) -> None:
    info = _info()
    operations.open("/a/é.jpg", info)
    source.remove("a/é.jpg")
    tree.refresh()
    assert operations.getattr(None, info)["st_size"] == 4
    with pytest.raises(errors.NotFound):
        operations.getattr("/a/é.jpg")
    assert operations.release(None, info) == 0
    assert operations.release(None, info) == 0


def test_reading(operations: Operations) -> None:
    info = _info()
    operations.open("/a/é.jpg", info)
    assert operations.read(None, 100, 1, info) == b"ody"
    assert operations.flush(None, info) == 0
    assert (info.keep_cache, info.direct_io) == (0, 0)
    again = _info()
    operations.open("/a/é.jpg", again)
    assert (again.keep_cache, again.direct_io) == (1, 0)


def test_another_size_is_an_error_for_who_has_the_old_one(
    operations: Operations, source: FakeSource, tree: Tree
) -> None:
    info, other = _info(), _info()
    operations.open("/a/é.jpg", info)
    operations.read(None, 2, 0, info)
    source.put("a/é.jpg", b"a longer body")
    tree.refresh()
    assert operations.read(None, 2, 0, info) == b"bo"
    assert answer(operations.read, None, 100, 0, info) == -errno.EIO
    assert operations.flush(None, info) == -errno.EIO
    operations.open("/a/é.jpg", other)
    assert (other.keep_cache, other.direct_io) == (0, 1)
    assert operations.read(None, 100, 0, other) == b"a longer body"


def test_opening_what_the_kernel_knows_an_older_size_of(
    operations: Operations, source: FakeSource, tree: Tree
) -> None:
    operations.getattr("/a/é.jpg")
    tree.listen_before(operations.expect)
    source.put("a/é.jpg", b"a longer body")
    operations.open("/a/é.jpg", _info())
    changed = tree.refresh().changed
    assert answer(operations.open, "/a/é.jpg", _info()) == -errno.ESTALE
    assert answer(operations.open, "/a/é.jpg", _info()) == -errno.ESTALE
    assert operations.getattr("/a/é.jpg")["st_size"] == 13
    assert answer(operations.open, "/a/é.jpg", _info()) == 0
    source.put("a/é.jpg", b"an even longer body")
    tree.refresh()
    assert answer(operations.open, "/a/é.jpg", _info()) == -errno.ESTALE
    operations.settle(changed)
    assert answer(operations.open, "/a/é.jpg", _info()) == 0


def test_the_old_attributes_told_just_before_a_change_do_not_count(
    operations: Operations, source: FakeSource, tree: Tree
) -> None:
    def ask(changed: frozenset[RemotePath]) -> None:
        operations.expect(changed)
        operations.getattr("/a/é.jpg")

    operations.getattr("/a/é.jpg")
    tree.listen_before(ask)
    source.put("a/é.jpg", b"a longer body")
    tree.refresh()
    assert answer(operations.open, "/a/é.jpg", _info()) == -errno.ESTALE


@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDWR, os.O_TRUNC, os.O_APPEND])
def test_opening_for_writing(operations: Operations, flags: int) -> None:
    assert answer(operations.open, "/a/é.jpg", _info(flags)) == -errno.EROFS


@pytest.mark.parametrize(
    "call",
    [
        "chmod",
        "chown",
        "create",
        "fallocate",
        "link",
        "mkdir",
        "mknod",
        "removexattr",
        "rename",
        "rmdir",
        "setxattr",
        "symlink",
        "truncate",
        "unlink",
        "utimens",
        "write",
    ],
)
def test_every_change_is_refused(operations: Operations, call: str) -> None:
    assert answer(getattr(operations, call), "/a/é.jpg", 0, 0) == -errno.EROFS


def test_kinds_are_not_confused(operations: Operations) -> None:
    assert answer(operations.open, "/a", _info()) == -errno.EISDIR
    assert answer(operations.opendir, "/a/é.jpg") == -errno.ENOTDIR
    assert answer(operations.readlink, "/a/é.jpg") == -errno.EINVAL  # type: ignore[arg-type]
    assert answer(operations.readlink, "/nope") == -errno.ENOENT  # type: ignore[arg-type]


def test_access(operations: Operations) -> None:
    assert answer(operations.access, "/a", os.R_OK | os.X_OK) == 0
    assert answer(operations.access, "/a", os.W_OK) == -errno.EROFS
    assert answer(operations.access, "/nope", os.W_OK) == -errno.ENOENT


def test_facts(operations: Operations, source: FakeSource) -> None:
    names = operations.listxattr("/a/é.jpg")
    assert set(names) >= {f"user.mirrorfs.{name}" for name in ("id", "md5", "public_id")}
    digest = source.entry("a/é.jpg").digest
    assert digest
    assert operations.getxattr("/a/é.jpg", "user.mirrorfs.md5") == digest.value.encode()
    for name in ("user.mirrorfs.nope", "security.capability", "user.x"):
        assert (
            answer(operations.getxattr, "/a/é.jpg", name) == -errno.ENODATA  # type: ignore[arg-type]
        )


def test_facts_that_no_attribute_holds(
    source: FakeSource, grow: Callable[..., Tree], reader: Reader
) -> None:
    entry = source.put("a.jpg", b"body")
    told = {"title": "half \ud83d", "caption": "\u00fc" * 40_000, "line": "a\r\n\0b"}
    told[facts.PRIVATE_URL] = "https://example.org/s--AbCdEfGh--/a.jpg"
    source._entries[entry.path] = replace(entry, facts=told)
    tree = grow()
    operations = Operations(Branch(tree, View(tree, globs.parse([], [])), reader), Ownership(1, 2))
    assert {"user.mirrorfs.title", "user.mirrorfs.line"} <= set(operations.listxattr("/a.jpg"))
    assert "user.mirrorfs.caption" not in operations.listxattr("/a.jpg")
    assert not [name for name in operations.listxattr("/a.jpg") if name.endswith("url")]
    assert (
        answer(operations.getxattr, "/a.jpg", "user.mirrorfs.private.url") == -errno.ENODATA  # type: ignore[arg-type]
    )
    assert operations.getxattr("/a.jpg", "user.mirrorfs.title") == b"half ?"
    assert operations.getxattr("/a.jpg", "user.mirrorfs.line") == b"a\r\n\0b"


def test_the_file_system_as_a_whole(operations: Operations) -> None:
    operations.opendir("/")
    found = operations.statfs("/")
    assert (found["f_blocks"], found["f_bfree"], found["f_files"]) == (1, 0, 2)
