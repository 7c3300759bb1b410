import contextlib
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
from sync.errors import StateFailed
from sync.manifest import Manifest
from sync.model import Agreed, Fact

DIGEST = md5("0" * 32)
KEYS = ("cloud:album", "local:/pictures")


def agreed(path: str, other: str = "") -> Agreed:
    one = Fact(parse(path), Kind.FILE, f"id-{path}", "r1", 5, 1_600_000_000_123_456_789, DIGEST)
    two = Fact(parse(other or path), Kind.FILE, "asset", "v7", 5, 0, None)
    return Agreed(parse(path), one, two)


def folder(path: str) -> Agreed:
    fact = Fact(parse(path), Kind.FOLDER, f"folder:{path}")
    return Agreed(parse(path), fact, fact)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    return Manifest(tmp_path / "state" / "pair.sqlite", KEYS)


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
    again = Manifest(manifest.path, KEYS)
    assert set(again.rows()) == {"a"}
    assert again.note("filters") == "abc"
    assert again.note("status") == ""


def test_a_killed_process_keeps_each_row_that_it_wrote(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from sync.errors import StateFailed
from sync.manifest import Manifest
from tests.sync.test_manifest import KEYS, agreed
manifest = Manifest(Path(sys.argv[1]), KEYS)
for number in range(50):
    manifest.put(agreed(f"file {number}"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "pair.sqlite"
    run = subprocess.run([sys.executable, "-c", script, path], check=False)
    assert run.returncode == -signal.SIGKILL
    assert set(Manifest(path, KEYS).rows()) == {f"file {number}" for number in range(50)}


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
    flipped = Manifest(manifest.path, KEYS[::-1])
    assert flipped.rows() == {row.path: Agreed(row.path, row.two, row.one)}
    flipped.put(Agreed(RemotePath("b"), row.two, row.one))
    flipped.close()
    assert Manifest(manifest.path, KEYS).rows()[RemotePath("b")].one.id == row.one.id


@pytest.mark.parametrize("spoil", ["garbage", "a page"])
def test_a_damaged_one_is_set_aside(manifest: Manifest, spoil: str) -> None:
    manifest.put_all(agreed(f"file {number}") for number in range(500))
    manifest.close()
    damaged = bytearray(manifest.path.read_bytes())
    damaged[:] = b"garbage" * 100 if spoil == "garbage" else damaged
    damaged[4096:12288] = os.urandom(8192)
    manifest.path.write_bytes(damaged)
    again = Manifest(manifest.path, KEYS)
    assert again.set_aside
    assert again.set_aside.read_bytes() == bytes(damaged)
    assert again.rows() == {}
    again.put(agreed("new"))
    again.close()
    assert Manifest(manifest.path, KEYS).set_aside is None


def test_a_newer_one_is_left_alone(manifest: Manifest) -> None:
    manifest.close()
    with sqlite3.connect(manifest.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = manifest.path.read_bytes()
    with pytest.raises(Misuse, match="newer version"):
        Manifest(manifest.path, KEYS)
    assert manifest.path.read_bytes() == before


def sql(path: Path, *orders: str) -> bytes:
    """Carry out SQL and return the file as it is then."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for order in orders:
            connection.execute(order)
        connection.commit()
    return path.read_bytes()


def test_that_of_another_pair_is_refused(manifest: Manifest) -> None:
    manifest.put(agreed("a"))
    manifest.close()
    before = manifest.path.read_bytes()
    with pytest.raises(Misuse, match="the manifest of cloud:album and local:/pictures") as raised:
        Manifest(manifest.path, ("cloud:album", "local:/\udcff"))
    assert "another pair than cloud:album and local:/" in raised.value.message
    assert "Move it away" in raised.value.hint
    assert manifest.path.read_bytes() == before
    assert set(Manifest(manifest.path, KEYS[::-1]).rows()) == {"a"}


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("kind1", "'link'", "'link' is neither a file nor a folder"),
        ("kind2", "NULL", "None is neither"),
        ("size1", "'5'", None),
        ("size1", "'large'", "'large'"),
        ("modified2", "NULL", "no time"),
        ("id2", "NULL", "no names"),
        ("revision1", "x'00'", "no names"),
        ("digest1", "NULL", "no checksum"),
        ("path2", "x'00'", "no names"),
        ("path", "x'ff'", "no path"),
    ],
)
def test_a_row_that_makes_no_sense(
    manifest: Manifest, column: str, value: str, told: str | None
) -> None:
    manifest.put_all([agreed("a"), agreed("b")])
    manifest.close()
    before = sql(manifest.path, f"UPDATE agreed SET {column} = {value} WHERE path = 'a'")
    again = Manifest(manifest.path, KEYS)
    if told is None:
        assert again.rows()[RemotePath("a")] == agreed("a")
        return
    looks = [again.rows]
    if column != "path":
        looks += [lambda: again.rows_near([parse("a")]), lambda: again.row(parse("a"))]
    for look in looks:
        with pytest.raises(StateFailed, match=f"holds a row that makes no sense.*{told}") as raised:
            look()
        assert str(manifest.path) in raised.value.message
        assert "Move it away" in raised.value.hint
    again.close()
    assert again.set_aside is None
    assert manifest.path.read_bytes() == before


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        (["DROP TABLE agreed"], "'agreed' is missing"),
        (["DROP TABLE notes"], "'notes' is missing"),
        (["ALTER TABLE agreed RENAME digest2 TO hash"], "'agreed' is another one"),
        (["DROP TABLE agreed", "DROP TABLE notes", "PRAGMA user_version = 0",
          "CREATE TABLE pictures (name TEXT)"], "'agreed' is missing"),
    ],
)  # fmt: skip
def test_a_database_of_something_else_is_left_alone(
    manifest: Manifest, orders: list[str], told: str
) -> None:
    manifest.put(agreed("a"))
    manifest.close()
    before = sql(manifest.path, *orders)
    with pytest.raises(StateFailed, match=f"not the database that belongs there.*{told}") as raised:
        Manifest(manifest.path, KEYS)
    assert str(manifest.path) in raised.value.message
    assert "Move it away" in raised.value.hint
    assert manifest.path.read_bytes() == before


def test_who_waits_for_another_program_is_told_so(manifest: Manifest) -> None:
    with contextlib.closing(sqlite3.connect(manifest.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        manifest._database._connection.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(StateFailed, match="locked") as raised:
            manifest.put(agreed("a"))
    assert "Another program" in raised.value.hint


def test_nobody_else_may_read_it(manifest: Manifest) -> None:
    manifest.put(agreed("a"))
    for one in manifest.path.parent.iterdir():
        assert one.stat().st_mode & 0o077 == 0
