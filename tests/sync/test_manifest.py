import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Kind
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath, parse
from sync.manifest import Manifest
from sync.model import Agreed, Fact

DIGEST = md5("0" * 32)


def agreed(path: str, other: str = "") -> Agreed:
    one = Fact(parse(path), Kind.FILE, f"id-{path}", "r1", 5, 1_600_000_000_123_456_789, DIGEST)
    two = Fact(parse(other or path), Kind.FILE, "asset", "v7", 5, 0, None)
    return Agreed(parse(path), one, two)


def folder(path: str) -> Agreed:
    fact = Fact(parse(path), Kind.FOLDER, f"folder:{path}")
    return Agreed(parse(path), fact, fact)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return Manifest(tmp_path / "state" / "pair.sqlite")


def test_rows_are_what_was_written(manifest: Manifest) -> None:
    rows = [agreed("a/é.heic", "a/é.jpg"), agreed("b"), folder("a")]
    manifest.put_all(rows)
    assert manifest.rows() == {row.path: row for row in rows}
    manifest.put(agreed("b", "c"))
    manifest.forget([parse("a"), parse("never")])
    assert manifest.rows() == {row.path: row for row in (rows[0], agreed("b", "c"))}


def test_it_outlives_its_process(manifest: Manifest) -> None:
    manifest.put(agreed("a"))
    manifest.set_note("filters", "abc")
    manifest.close()
    again = Manifest(manifest.path)
    assert set(again.rows()) == {"a"}
    assert again.note("filters") == "abc"
    assert again.note("status") == ""


def test_a_killed_process_keeps_each_row_that_it_wrote(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from sync.manifest import Manifest
from tests.sync.test_manifest import agreed
manifest = Manifest(Path(sys.argv[1]))
for number in range(50):
    manifest.put(agreed(f"file {number}"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "pair.sqlite"
    run = subprocess.run([sys.executable, "-c", script, path], check=False)
    assert run.returncode == -signal.SIGKILL
    assert set(Manifest(path).rows()) == {f"file {number}" for number in range(50)}


def test_all_rows_or_none(manifest: Manifest) -> None:
    manifest.put(agreed("old"))

    def rows():
        yield agreed("new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        manifest.replace_all(rows())
    assert set(manifest.rows()) == {"old"}


def test_the_two_sides_may_be_given_in_either_order(manifest: Manifest) -> None:
    row = agreed("a.heic", "a.jpg")
    manifest.put(row)
    manifest.close()
    flipped = Manifest(manifest.path, is_flipped=True)
    assert flipped.rows() == {row.path: Agreed(row.path, row.two, row.one)}
    flipped.put(Agreed(RemotePath("b"), row.two, row.one))
    flipped.close()
    assert Manifest(manifest.path).rows()[RemotePath("b")].one.id == row.one.id


@pytest.mark.parametrize("spoil", ["garbage", "a page"])
def test_a_damaged_one_is_set_aside(manifest: Manifest, spoil: str) -> None:
    manifest.put_all(agreed(f"file {number}") for number in range(500))
    manifest.close()
    damaged = bytearray(manifest.path.read_bytes())
    damaged[:] = b"garbage" * 100 if spoil == "garbage" else damaged
    damaged[4096:12288] = os.urandom(8192)
    manifest.path.write_bytes(damaged)
    again = Manifest(manifest.path)
    assert again.set_aside
    assert again.set_aside.read_bytes() == bytes(damaged)
    assert again.rows() == {}
    again.put(agreed("new"))
    again.close()
    assert Manifest(manifest.path).set_aside is None


def test_a_newer_one_is_left_alone(manifest: Manifest) -> None:
    manifest.close()
    with sqlite3.connect(manifest.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = manifest.path.read_bytes()
    with pytest.raises(Misuse, match="newer version"):
        Manifest(manifest.path)
    assert manifest.path.read_bytes() == before


def test_nobody_else_may_read_it(manifest: Manifest) -> None:
    manifest.put(agreed("a"))
    for one in manifest.path.parent.iterdir():
        assert one.stat().st_mode & 0o077 == 0
