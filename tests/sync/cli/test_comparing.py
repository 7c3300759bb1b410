"""What is taken for the same: ``--compare``, ``--checksum``, ``--size-only``, and their like."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

import pytest
from PIL import Image

from mirrorfs.emulators import smugmug
from tests.sync.cli.conftest import SMUGMUG, Shell

THEN, NOW = 1_600_000_000, 1_700_000_000
CONTENT, TIME, SIZE = "content", "time", "size"


def put(shell: Shell, path: str, body: str, moment: int = THEN) -> None:
    """Write a file that was last changed at ``moment``."""
    side, _, name = path.partition("/")
    shell.fill(side, {name: body})
    os.utime(shell.folder / path, (moment, moment))


@pytest.fixture
def pair(shell: Shell) -> Shell:
    """Two folders that agree on three files, with times of long ago."""
    for name in (CONTENT, TIME, SIZE):
        put(shell, f"one/{name}", "abcd")
    shell.fill("two", {})
    return shell


def change(shell: Shell) -> None:
    """Change of one file the content alone, of one the time alone, of one the size alone."""
    put(shell, f"one/{CONTENT}", "efgh")
    put(shell, f"one/{TIME}", "abcd", NOW)
    put(shell, f"one/{SIZE}", "abcdef")


def arrived(shell: Shell) -> set[str]:
    """Return which of the changes the second side has."""
    two = shell.folder / "two"
    came = {
        CONTENT: (two / CONTENT).read_text() == "efgh",
        TIME: (two / TIME).stat().st_mtime == NOW,
        SIZE: (two / SIZE).read_text() == "abcdef",
    }
    return {name for name, is_there in came.items() if is_there}


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        ([], {TIME, SIZE}),
        (["--compare", "size,modtime,checksum"], {CONTENT, TIME, SIZE}),
        (["--compare", "size,modtime"], {TIME, SIZE}),
        (["--compare", "size"], {SIZE}),
        (["--compare", "modtime"], {TIME}),
        (["--compare", "size,checksum"], {CONTENT, SIZE}),
        (["--checksum"], {CONTENT, SIZE}),
        (["--size-only"], {SIZE}),
        (["--compare", "size,modtime", "--ignore-size"], {TIME}),
        (["--ignore-listing-checksum", "--compare", "size,modtime,checksum"], {TIME, SIZE}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_bisync_sees_what_it_is_asked_to_look_at(
    pair: Shell, flags: list[str], seen: set[str]
) -> None:
    pair.done("bisync", "one", "two", *flags)
    change(pair)

    pair.done("bisync", "one", "two", *flags)

    assert arrived(pair) == seen


@pytest.mark.parametrize(
    ("flags", "seen"),
    [
        ([], {CONTENT, SIZE}),
        (["--checksum"], {CONTENT, SIZE}),
        (["--size-only"], {SIZE}),
        (["--ignore-size"], {CONTENT}),
        (["--ignore-size", "--checksum"], {CONTENT, SIZE}),
        (["--ignore-times"], {CONTENT, TIME, SIZE}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
@pytest.mark.parametrize("verb", ["copy", "sync"])
def test_on_first_contact_a_copy_sees_what_it_is_asked_to_look_at(
    pair: Shell, verb: str, flags: list[str], seen: set[str]
) -> None:
    for name in (CONTENT, TIME, SIZE):
        put(pair, f"two/{name}", "abcd")
    change(pair)

    pair.done(verb, "one", "two", *flags)

    assert arrived(pair) == seen


def test_ignoring_times_sends_what_is_the_same(pair: Shell) -> None:
    pair.done("copy", "one", "two")
    assert pair.here("copy", "one", "two", "--error-on-no-transfer").status == 9

    done = pair.here("copy", "one", "two", "--ignore-times", "-v")

    assert done.err.count("→ changed") == 3


@pytest.mark.parametrize("flags", ["--ignore-size", "--ignore-size --checksum", "--size-only"])
def test_sizes_and_times_decide_as_in_rclone(shell: Shell, flags: str) -> None:
    theirs = Shell(shell.folder / "theirs", shell.environment)
    for one in (shell, theirs):
        put(one, "one/f", "longer")
        put(one, "two/f", "short")

    shell.done("copy", "one", "two", *flags.split())
    theirs.rclone("copy", "one", "two", *flags.split())

    assert shell.held("two") == theirs.held("two")


def test_a_word_that_is_not_known_is_refused(pair: Shell) -> None:
    done = pair.here("bisync", "one", "two", "--compare", "size,colour")

    assert done.status == 2
    assert "colour" in done.err


def test_status_looks_at_what_it_is_asked_to(pair: Shell) -> None:
    pair.done("bisync", "one", "two")
    put(pair, f"one/{TIME}", "abcd", NOW)

    assert TIME in pair.done("status", "one", "two")
    assert pair.done("status", "one", "two", "--checksum") == "Both sides are alike.\n"


@pytest.fixture
def untold(shell: Shell) -> Iterator[Shell]:
    """An album with a picture of which SmugMug tells no checksum, and a folder with the same."""
    body = picture("#100")
    with smugmug.Server(SMUGMUG) as server:
        for pair in server.environment.split():
            name, _, value = pair.partition("=")
            shell.environment[name] = value
        state = server.state
        album = state.create_node(state.user("cmac").root, "Album", "Old", privacy="Private")
        assert album.album_key
        state.add_image(album.album_key, "pic.jpg", body, md5="")
        shell.fill("one", {})
        (shell.folder / "one/pic.jpg").write_bytes(body)
        yield shell


def picture(colour: str) -> bytes:
    """Return a picture; all are of one size."""
    body = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(body, "BMP")
    return body.getvalue()


def test_what_tells_no_checksum_is_read_by_check_when_it_is_asked_for(untold: Shell) -> None:
    (untold.folder / "one/pic.jpg").write_bytes(picture("#200"))

    unread = untold.here("check", "one", "smugmug:Old")
    read = untold.here("check", "one", "smugmug:Old", "--download")

    assert (unread.status, read.status) == (0, 1)
    assert "1 of them by size only" in unread.err
    assert "md5 differ" in read.err


@pytest.mark.parametrize("verb", ["copy", "sync", "bisync"])
def test_what_tells_no_checksum_is_read_before_it_is_sent_again(untold: Shell, verb: str) -> None:
    unread = untold.done(verb, "one", "smugmug:Old", "-n")
    read = untold.done(verb, "one", "smugmug:Old", "-n", "--download-hash")

    assert "pic.jpg" in unread
    assert "pic.jpg" not in read
    flags = ("--download-hash", "--error-on-no-transfer")
    assert untold.here(verb, "one", "smugmug:Old", *flags).status == 9


def test_what_tells_no_checksum_is_a_conflict_where_it_is_not_read(untold: Shell) -> None:
    told = untold.done("bisync", "one", "smugmug:Old", "-n")

    assert "! conflict  pic.jpg" in told
    assert "conflict" not in untold.done("bisync", "one", "smugmug:Old", "-n", "--download-hash")
