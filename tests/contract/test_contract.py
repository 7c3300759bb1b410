"""What every provider promises, see ``mirrorfs.core.provider``."""

import io
import unicodedata
from dataclasses import replace

import pytest

from mirrorfs.core import digest, paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    Corrupt,
    MirrorError,
    NotEmpty,
    NotFound,
    Unsupported,
)
from mirrorfs.core.paths import ROOT, RemotePath, parse
from mirrorfs.core.provider import ReadOnly, Target

MTIME = 1_600_000_000_123_456_789
TEXT = b"the quick brown fox" * 100


def put(target: Target, path: str, data: bytes = TEXT, replaces: Entry | None = None) -> Entry:
    body = io.BytesIO(data)
    return target.write(parse(path), body, size=len(data), modified=MTIME, replaces=replaces)


def content(target: Target, entry: Entry, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(target.read(entry, start, length))


def tree(target: Target, folder: RemotePath = ROOT) -> dict[str, Entry]:
    return dict(target.scan(folder).entries)


class TestReading:
    def test_an_empty_root(self, target: Target) -> None:
        assert target.scandir(ROOT) == []
        assert target.scan(ROOT).entries == {}
        assert target.stat(ROOT).is_folder

    def test_what_is_written_is_read_back(self, target: Target) -> None:
        written = put(target, "a/b/c.txt")
        found = target.stat(parse("a/b/c.txt"))
        assert found.path == written.path == "a/b/c.txt"
        assert (found.id, found.revision, found.size) == (written.id, written.revision, len(TEXT))
        assert content(target, found) == TEXT
        assert content(target, written) == TEXT

    def test_parts(self, target: Target) -> None:
        entry = put(target, "f.bin")
        assert content(target, entry, 5, 10) == TEXT[5:15]
        assert content(target, entry, 7) == TEXT[7:]
        assert content(target, entry, 0, 1) == TEXT[:1]
        assert content(target, entry, len(TEXT) - 3, 100) == TEXT[-3:]
        assert content(target, entry, len(TEXT)) == b""
        assert content(target, entry, 3, 0) == b""

    def test_scan_and_scandir_agree(self, target: Target) -> None:
        for path in ("x.txt", "a/x.txt", "a/y.jpg", "a/b/z.mp4", "ü/ß.txt"):
            put(target, path, TEXT + path.encode())
        target.mkdir(parse("empty/inside"))
        everything = tree(target)
        folders = [ROOT, *(path for path, entry in everything.items() if entry.is_folder)]
        assert set(folders) == {"", "a", "a/b", "empty", "empty/inside", "ü"}
        walked = {entry.path: entry for one in folders for entry in target.scandir(one)}
        assert walked.keys() == everything.keys()
        for path, entry in everything.items():
            assert (entry.id, entry.revision) == (walked[path].id, walked[path].revision)
            assert target.stat(path).id == entry.id
            assert paths.parse(path) == path

    def test_scan_of_a_subtree(self, target: Target) -> None:
        for path in ("a/x.txt", "a/b/y.txt", "ab/z.txt"):
            put(target, path)
        assert set(tree(target, parse("a"))) == {"a/x.txt", "a/b", "a/b/y.txt"}

    @pytest.mark.parametrize("path", ["none", "a/none", "none/x.txt"])
    def test_what_is_not_there(self, target: Target, path: str) -> None:
        put(target, "a/x.txt")
        with pytest.raises(NotFound):
            target.stat(parse(path))
        with pytest.raises(NotFound):
            target.scandir(parse(path))
        with pytest.raises(NotFound):
            target.scan(parse(path))

    def test_a_file_is_no_folder(self, target: Target) -> None:
        put(target, "x.txt")
        with pytest.raises(NotFound):
            target.scandir(parse("x.txt"))

    def test_digests_are_those_of_the_bytes(self, target: Target) -> None:
        entry = put(target, "x.txt")
        algorithm = target.traits.digest
        if algorithm is None:
            assert entry.digest is None
        else:
            assert entry.digest == digest.of(TEXT, algorithm)
            assert tree(target)["x.txt"].digest == entry.digest

    def test_modification_times_are_kept(self, target: Target) -> None:
        entry = put(target, "x.txt")
        step = target.traits.modified_step
        assert target.traits.keeps_modified
        assert abs(entry.modified - MTIME) < step
        assert target.stat(parse("x.txt")).modified == entry.modified

    def test_a_mount_gets_no_write_methods(self, target: Target) -> None:
        source = ReadOnly(target)
        assert source.scandir(ROOT) == []
        assert not hasattr(source, "write")
        assert source.traits == target.traits

    def test_changes(self, target: Target) -> None:
        if not target.traits.changes:
            with pytest.raises(Unsupported):
                target.changes("")
            return
        cursor = target.scan(ROOT).cursor
        quiet = target.changes(cursor)
        assert not quiet.touched
        assert not quiet.rescan

    def test_usage_counts_up(self, target: Target) -> None:
        before = target.usage().calls
        target.scan(ROOT)
        assert target.usage().calls >= before


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "photo.jpg", "photo.JPG", "photo.JPEG", "photo.jpeg", "photo.png", "photo.tif",
            "clip.MP4", "doc.pdf", "archive.tar.gz", "no extension", ".hidden", "index.ts",
            "two..dots.txt", "Zoë (1) [x]!.txt", "日本語.txt", "it's.txt", "a~b.txt", "a=b|c,d.txt",
            "emoji 🎈.jpg", "a:b;c*d\"e.txt",
        ],
    )  # fmt: skip
    def test_a_name_is_read_back_as_it_was_written(self, target: Target, name: str) -> None:
        entry = put(target, f"d/{name}")
        assert entry.path == f"d/{name}"
        again = target.stat(parse(f"d/{name}"))
        assert (again.path, again.id) == (f"d/{name}", entry.id)
        assert content(target, again) == TEXT

    @pytest.mark.parametrize(
        "name", ["100%.txt", "a#b.txt", "a&b?.txt", "a+b<c>.txt", "%41.txt", "x" * 251 + ".txt"]
    )
    def test_a_hard_name_is_kept_or_refused(self, target: Target, name: str) -> None:
        try:
            entry = put(target, name)
        except Unsupported:
            assert tree(target) == {}
        else:
            assert target.stat(entry.path).path == name
            assert content(target, entry) == TEXT

    def test_siblings_that_share_a_stem(self, target: Target) -> None:
        wanted = {f"a.{kind}": kind.encode() * 50 for kind in ("jpg", "png", "jpeg", "txt", "mp4")}
        for name, data in wanted.items():
            put(target, name, data)
        assert {path: content(target, entry) for path, entry in tree(target).items()} == wanted

    def test_nfd_is_found_as_nfc(self, target: Target) -> None:
        put(target, unicodedata.normalize("NFD", "é.txt"))
        assert set(tree(target)) == {unicodedata.normalize("NFC", "é.txt")}

    def test_names_that_differ_by_case_are_kept_apart_or_refused(self, target: Target) -> None:
        put(target, "a.txt", b"lower")
        try:
            put(target, "A.txt", b"upper")
        except Unsupported:
            assert set(tree(target)) == {"a.txt"}
        else:
            assert content(target, target.stat(parse("A.txt"))) == b"upper"
        assert content(target, target.stat(parse("a.txt"))) == b"lower"


class TestWriting:
    def test_nothing_is_overwritten_unasked(self, target: Target) -> None:
        put(target, "a/x.txt", b"old")
        with pytest.raises(AlreadyExists):
            put(target, "a/x.txt", b"new")
        with pytest.raises(AlreadyExists):
            put(target, "a", b"new")
        with pytest.raises(MirrorError):
            put(target, "a/x.txt/y.txt", b"new")
        assert content(target, target.stat(parse("a/x.txt"))) == b"old"
        assert set(tree(target)) == {"a", "a/x.txt"}

    @pytest.mark.parametrize("path", ["x.txt", "a/x.jpg"])
    def test_replacing(self, target: Target, path: str) -> None:
        old = put(target, path, b"old bytes")
        new = put(target, path, b"new, longer bytes", replaces=old)
        assert new.revision != old.revision
        assert new.path == path
        found = target.stat(parse(path))
        assert (found.id, found.revision) == (new.id, new.revision)
        assert content(target, found) == b"new, longer bytes"
        assert [path for path, entry in tree(target).items() if not entry.is_folder] == [path]
        with pytest.raises(Changed):
            content(target, old)

    def test_replacing_what_has_changed(self, target: Target) -> None:
        old = put(target, "x.txt", b"one")
        put(target, "x.txt", b"two, longer", replaces=old)
        with pytest.raises(Changed):
            put(target, "x.txt", b"three", replaces=old)
        assert content(target, target.stat(parse("x.txt"))) == b"two, longer"

    def test_replacing_what_is_gone(self, target: Target) -> None:
        old = put(target, "x.txt")
        target.remove(old)
        with pytest.raises(Changed):
            put(target, "x.txt", b"new", replaces=old)
        assert tree(target) == {}

    @pytest.mark.parametrize("promised", [len(TEXT) - 1, len(TEXT) + 1])
    def test_a_body_of_another_length_is_not_stored(self, target: Target, promised: int) -> None:
        with pytest.raises(Corrupt):
            target.write(parse("x.txt"), io.BytesIO(TEXT), size=promised, modified=MTIME)
        assert [path for path in tree(target) if path == "x.txt"] == []

    def test_a_body_of_another_length_leaves_the_old_one(self, target: Target) -> None:
        old = put(target, "x.txt", b"old")
        with pytest.raises(Corrupt):
            target.write(parse("x.txt"), io.BytesIO(TEXT), size=5, modified=MTIME, replaces=old)
        assert content(target, target.stat(parse("x.txt"))) == b"old"

    def test_empty_files(self, target: Target) -> None:
        if target.traits.holds_empty_files:
            entry = put(target, "x.txt", b"")
            assert content(target, entry) == b""
        else:
            with pytest.raises(Unsupported):
                put(target, "x.txt", b"")
            assert tree(target) == {}

    def test_a_large_file(self, target: Target) -> None:
        data = bytes(range(256)) * 4 * 2300
        entry = put(target, "big.bin", data)
        assert content(target, entry) == data
        assert content(target, entry, 2_000_000, 10) == data[2_000_000:2_000_010]

    def test_mkdir(self, target: Target) -> None:
        assert target.mkdir(parse("a/b/c")).is_folder
        assert target.mkdir(parse("a/b")).path == "a/b"
        assert set(tree(target)) == {"a", "a/b", "a/b/c"}
        assert target.scandir(parse("a/b/c")) == []
        put(target, "f.txt")
        with pytest.raises(AlreadyExists):
            target.mkdir(parse("f.txt"))


class TestRemoving:
    def test_a_file(self, target: Target) -> None:
        entry = put(target, "a/x.txt")
        target.remove(entry)
        assert set(tree(target)) == {"a"}
        with pytest.raises(NotFound):
            target.stat(entry.path)
        with pytest.raises(NotFound):
            target.remove(entry)
        with pytest.raises(NotFound):
            content(target, entry)

    def test_only_the_revision_asked_for(self, target: Target) -> None:
        old = put(target, "x.txt", b"old")
        put(target, "x.txt", b"new, longer", replaces=old)
        with pytest.raises((Changed, NotFound)):
            target.remove(old)
        assert content(target, target.stat(parse("x.txt"))) == b"new, longer"

    def test_folders(self, target: Target) -> None:
        entry = put(target, "a/b/x.txt")
        folder = target.stat(parse("a/b"))
        with pytest.raises(NotEmpty):
            target.remove(folder)
        with pytest.raises(NotEmpty):
            target.remove(target.stat(parse("a")))
        target.remove(entry)
        target.mkdir(parse("a/b/deeper"))
        with pytest.raises(NotEmpty):
            target.remove(folder)
        target.remove(target.stat(parse("a/b/deeper")))
        target.remove(folder)
        assert set(tree(target)) == {"a"}
        with pytest.raises(NotFound):
            target.remove(folder)


class TestRenaming:
    @pytest.mark.parametrize(
        ("source", "destination"),
        [
            ("x.txt", "y.txt"),
            ("x.jpg", "new/folder/x.jpg"),
            ("a/x.jpg", "x.JPG"),
            ("x.txt", "X.txt"),
            ("x.jpg", "x"),
        ],
    )
    def test_a_file(self, target: Target, source: str, destination: str) -> None:
        entry = put(target, source)
        try:
            moved = target.rename(entry, parse(destination))
        except Unsupported:
            assert content(target, target.stat(parse(source))) == TEXT
            return
        assert moved.path == destination
        assert (moved.id, moved.revision) == (entry.id, entry.revision)
        files = {path for path, one in tree(target).items() if not one.is_folder}
        assert files == {destination}
        found = target.stat(parse(destination))
        assert (found.id, found.modified) == (moved.id, entry.modified)
        assert content(target, found) == TEXT

    def test_nothing_is_overwritten(self, target: Target) -> None:
        one, two = put(target, "x.txt", b"one"), put(target, "y.txt", b"two!")
        with pytest.raises(AlreadyExists):
            target.rename(one, two.path)
        assert content(target, target.stat(two.path)) == b"two!"
        assert content(target, target.stat(one.path)) == b"one"

    def test_only_the_revision_asked_for(self, target: Target) -> None:
        old = put(target, "x.txt", b"one")
        with pytest.raises(Changed):
            target.rename(replace(old, revision="another"), parse("y.txt"))
        target.remove(old)
        with pytest.raises(NotFound):
            target.rename(old, parse("y.txt"))
        assert tree(target) == {}
