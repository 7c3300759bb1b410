"""What every provider promises, see ``mirrorfs.core.provider``."""

import io
import unicodedata
from dataclasses import replace
from functools import partial

import pytest

from mirrorfs.core import digest, facts, paths
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    Corrupt,
    MirrorError,
    NotEmpty,
    NotFound,
    Unsupported,
)
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.core.provider import ReadOnly
from tests.contract.harness import MTIME, TEXT, Subject

WORDS = {
    facts.TITLE: "A title",
    facts.CAPTION: 'Zoë\'s "cat"; it = 1 | 2, 100%',
    facts.KEYWORDS: "größer; one; two words",
    facts.LATITUDE: "47.5",
    facts.LONGITUDE: "-8.25",
}


class TestReading:
    def test_an_empty_root(self, on: Subject) -> None:
        assert on.target.scandir(ROOT) == []
        assert on.target.scan(ROOT).entries == {}
        assert on.target.stat(ROOT).is_folder

    def test_what_is_written_is_read_back(self, on: Subject) -> None:
        written = on.put("a/b/c.txt")
        found = on.stat("a/b/c.txt")
        assert found.path == written.path == on.at("a/b/c.txt")
        assert (found.id, found.revision) == (written.id, written.revision)
        assert found.size == len(on.data(TEXT))
        assert on.content(found) == on.data(TEXT)
        assert on.content(written) == on.data(TEXT)

    def test_parts(self, on: Subject) -> None:
        entry, data = on.put("f.bin"), on.data(TEXT)
        assert on.content(entry, 5, 10) == data[5:15]
        assert on.content(entry, 7) == data[7:]
        assert on.content(entry, 0, 1) == data[:1]
        assert on.content(entry, len(data) - 3, 100) == data[-3:]
        assert on.content(entry, len(data)) == b""
        assert on.content(entry, 3, 0) == b""

    def test_what_is_said_of_the_account(self, on: Subject) -> None:
        written = [on.put("x.txt"), on.put("a/y.txt")]
        about = on.target.about()
        assert about.user
        assert about.size is None or about.size >= sum(entry.size for entry in written)
        assert about.files is None or about.files >= len(written)
        assert about.room is None or about.size is None or about.room >= about.size
        assert ReadOnly(on.target).about().user == about.user

    def test_scan_and_scandir_agree(self, on: Subject) -> None:
        for path in ("x.txt", "a/x.txt", "a/y.jpg", "a/b/z.mp4", "ü/ß.txt"):
            on.put(path, TEXT + path.encode())
        on.target.mkdir(parse("empty/inside"))
        everything = on.tree()
        folders = [ROOT, *(path for path, entry in everything.items() if entry.is_folder)]
        assert set(folders) == {"", "a", "a/b", "empty", "empty/inside", "ü"}
        walked = {entry.path: entry for one in folders for entry in on.target.scandir(one)}
        assert walked.keys() == everything.keys()
        for path, entry in everything.items():
            assert (entry.id, entry.revision) == (walked[path].id, walked[path].revision)
            assert on.target.stat(path).id == entry.id
            assert paths.parse(path) == path

    def test_scan_of_a_subtree(self, on: Subject) -> None:
        for path in ("a/x.txt", "a/b/y.txt", "ab/z.txt"):
            on.put(path)
        assert set(on.tree(parse("a"))) == {on.at("a/x.txt"), "a/b", on.at("a/b/y.txt")}

    @pytest.mark.parametrize("path", ["none", "a/none", "none/x.txt"])
    def test_what_is_not_there(self, on: Subject, path: str) -> None:
        on.put("a/x.txt")
        with pytest.raises(NotFound):
            on.stat(path)
        with pytest.raises(NotFound):
            on.target.scandir(parse(path))
        with pytest.raises(NotFound):
            on.target.scan(parse(path))

    def test_a_file_is_no_folder(self, on: Subject) -> None:
        on.put("x.txt")
        with pytest.raises(NotFound):
            on.target.scandir(on.at("x.txt"))

    def test_digests_are_those_of_the_bytes(self, on: Subject) -> None:
        entry = on.put("x.txt")
        algorithm = on.target.traits.digest
        if algorithm is None:
            assert entry.digest is None
        else:
            assert entry.digest == digest.of(on.data(TEXT), algorithm)
            assert on.tree()[on.at("x.txt")].digest == entry.digest

    def test_modification_times_are_kept_or_at_least_steady(self, on: Subject) -> None:
        entry = on.put("x.txt")
        traits = on.target.traits
        if traits.keeps_modified:
            assert abs(entry.modified - MTIME) < traits.modified_step
        assert on.stat("x.txt").modified == entry.modified

    def test_a_mount_gets_no_write_methods(self, on: Subject) -> None:
        source = ReadOnly(on.target)
        assert source.scandir(ROOT) == []
        assert not hasattr(source, "write")
        assert source.traits == on.target.traits

    def test_changes(self, on: Subject) -> None:
        if not on.target.traits.changes:
            with pytest.raises(Unsupported):
                on.target.changes("")
            return
        cursor = on.target.scan(ROOT).cursor
        quiet = on.target.changes(cursor)
        assert not quiet.touched
        assert not quiet.rescan

    def test_changes_lead_to_what_is_new(self, on: Subject) -> None:
        if not on.target.traits.changes:
            return
        on.put("old/a.jpg")
        cursor = on.target.scan(ROOT).cursor
        on.put("old/b.jpg")
        on.put("new/c.jpg")
        changes = on.target.changes(cursor)
        told = {*changes.touched.values(), *changes.folders}
        is_late = not told  # the service may tell of it in a moment only
        assert changes.rescan or is_late or ("old" in told and told & {"new", ROOT})

    def test_usage_counts_up(self, on: Subject) -> None:
        before = on.target.usage().calls
        on.target.scan(ROOT)
        assert on.target.usage().calls >= before


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
    def test_a_name_is_read_back_as_it_was_written(self, on: Subject, name: str) -> None:
        entry = on.put(f"d/{name}")
        assert entry.path == on.at(f"d/{name}")
        again = on.stat(f"d/{name}")
        assert (again.path, again.id) == (entry.path, entry.id)
        assert on.content(again) == on.data(TEXT)

    @pytest.mark.parametrize(
        "name", ["100%.txt", "a#b.txt", "a&b?.txt", "a+b<c>.txt", "%41.txt", "x" * 251 + ".txt"]
    )
    def test_a_hard_name_is_kept_or_refused(self, on: Subject, name: str) -> None:
        try:
            entry = on.put(name)
        except Unsupported:
            assert on.tree() == {}
        else:
            assert on.target.stat(entry.path).path == entry.path == on.at(name)
            assert on.content(entry) == on.data(TEXT)

    def test_siblings_that_share_a_stem(self, on: Subject) -> None:
        kinds = ("jpg", "png", "jpeg", "txt", "mp4")
        names = {on.at(f"a.{kind}"): f"a.{kind}" for kind in kinds}
        for name in names.values():
            on.put(name, name.encode() * 50)
        wanted = {path: on.data(name.encode() * 50) for path, name in names.items()}
        assert {path: on.content(entry) for path, entry in on.tree().items()} == wanted

    def test_nfd_is_found_as_nfc(self, on: Subject) -> None:
        on.put(unicodedata.normalize("NFD", "é.txt"))
        assert set(on.tree()) == {unicodedata.normalize("NFC", on.at("é.txt"))}

    def test_names_that_differ_by_case_are_kept_apart_or_refused(self, on: Subject) -> None:
        on.put("a.txt", b"lower")
        try:
            on.put("A.txt", b"upper")
        except Unsupported:
            assert set(on.tree()) == {on.at("a.txt")}
        else:
            assert on.content(on.stat("A.txt")) == on.data(b"upper")
        assert on.content(on.stat("a.txt")) == on.data(b"lower")


class TestWriting:
    def test_nothing_is_overwritten_unasked(self, on: Subject) -> None:
        old = on.put("a.jpg/x.txt", b"old")
        with pytest.raises(AlreadyExists):
            on.put("a.jpg/x.txt", b"new")
        with pytest.raises(AlreadyExists):
            on.put("a.jpg", b"new")
        with pytest.raises(MirrorError):
            on.put(f"{old.path}/y.txt", b"new")
        assert on.content(on.stat("a.jpg/x.txt")) == on.data(b"old")
        assert set(on.tree()) == {"a.jpg", old.path}

    @pytest.mark.parametrize("path", ["x.txt", "a/x.jpg"])
    def test_replacing(self, on: Subject, path: str) -> None:
        old = on.put(path, b"old bytes")
        new = on.put(path, b"new, longer bytes", replaces=old)
        assert new.revision != old.revision
        assert new.path == on.at(path)
        found = on.stat(path)
        assert (found.id, found.revision) == (new.id, new.revision)
        assert on.content(found) == on.data(b"new, longer bytes")
        assert [one.path for one in on.tree().values() if not one.is_folder] == [new.path]
        with pytest.raises(Changed):
            on.content(old)

    def test_replacing_what_has_changed(self, on: Subject) -> None:
        old = on.put("x.txt", b"one")
        on.put("x.txt", b"two, longer", replaces=old)
        with pytest.raises(Changed):
            on.put("x.txt", b"three", replaces=old)
        assert on.content(on.stat("x.txt")) == on.data(b"two, longer")

    def test_replacing_what_is_gone(self, on: Subject) -> None:
        old = on.put("x.txt")
        on.target.remove(old)
        with pytest.raises(Changed):
            on.put("x.txt", b"new", replaces=old)
        assert on.tree() == {}

    @pytest.mark.parametrize("more", [-1, 1])
    def test_a_body_of_another_length_is_not_stored(self, on: Subject, more: int) -> None:
        data = on.data(TEXT)
        body, size = io.BytesIO(data), len(data) + more
        with pytest.raises(Corrupt):
            on.target.write(on.at("x.txt"), body, size=size, modified=MTIME)
        assert [path for path, entry in on.tree().items() if not entry.is_folder] == []

    def test_a_body_of_another_length_leaves_the_old_one(self, on: Subject) -> None:
        old = on.put("x.txt", b"old")
        body = io.BytesIO(on.data(TEXT))
        with pytest.raises(Corrupt):
            on.target.write(old.path, body, size=5, modified=MTIME, replaces=old)
        assert on.content(on.stat("x.txt")) == on.data(b"old")

    def test_empty_files(self, on: Subject) -> None:
        write = partial(on.target.write, on.at("x.txt"), io.BytesIO(), size=0, modified=MTIME)
        if on.target.traits.holds_empty_files:
            assert on.content(write()) == b""
        else:
            with pytest.raises(Unsupported):
                write()
            assert on.tree() == {}

    def test_what_it_cannot_hold_is_refused_before_anything_is_made(self, on: Subject) -> None:
        holds = on.target.traits.holds
        write = partial(on.target.write, size=len(TEXT), modified=MTIME)
        if holds is None:
            path = parse("new/x.any")
            assert write(path, io.BytesIO(TEXT)).path == path
            return
        for extension in ("any", min(holds)):
            with pytest.raises(Unsupported):
                write(parse(f"new/x.{extension}"), io.BytesIO(TEXT))
        assert on.tree() == {}

    def test_a_large_file(self, on: Subject) -> None:
        text = bytes(range(256)) * 4 * 2300
        entry, data = on.put("big.bin", text), on.data(text)
        assert on.content(entry) == data
        assert on.content(entry, 2_000_000, 10) == data[2_000_000:2_000_010]

    def test_mkdir(self, on: Subject) -> None:
        assert on.target.mkdir(parse("a/b/c")).is_folder
        assert on.target.mkdir(parse("a/b")).path == "a/b"
        assert set(on.tree()) == {"a", "a/b", "a/b/c"}
        assert on.target.scandir(parse("a/b/c")) == []
        with pytest.raises(AlreadyExists):
            on.target.mkdir(on.put("f.txt").path)


class TestDescribing:
    @pytest.fixture
    def told(self, on: Subject) -> dict[str, str]:
        return {name: WORDS[name] for name in WORDS if name in on.target.traits.describes}

    def test_what_is_sent_along_with_a_file(self, on: Subject, told: dict[str, str]) -> None:
        entry = on.put("a/x.jpg", facts=WORDS)
        assert {**entry.facts, **told} == entry.facts
        found = on.stat("a/x.jpg")
        assert {**found.facts, **told} == found.facts
        assert on.content(found) == on.data(TEXT)

    def test_what_is_said_later(self, on: Subject, told: dict[str, str]) -> None:
        entry = on.put("x.jpg")
        described = on.target.describe(entry, told)
        assert (described.path, described.id, described.revision) == (
            *(entry.path, entry.id, entry.revision),
        )
        for found in (described, on.stat("x.jpg")):
            assert {**found.facts, **told} == found.facts
            assert (found.revision, found.modified) == (entry.revision, entry.modified)
        assert on.content(entry) == on.content(described) == on.data(TEXT)

    def test_one_is_taken_away_and_the_others_stay(self, on: Subject, told: dict[str, str]) -> None:
        entry = on.put("x.jpg", facts=told)
        place = {facts.LATITUDE, facts.LONGITUDE}
        for names in ({facts.TITLE}, {facts.CAPTION}, {facts.KEYWORDS}, place):
            part = {name: text for name, text in told.items() if name in names}
            on.target.describe(entry, dict.fromkeys(part, ""))
            found = on.stat("x.jpg").facts
            assert told.keys() & found.keys() == told.keys() - part.keys()
            on.target.describe(entry, part)
            assert {**on.stat("x.jpg").facts, **told} == on.stat("x.jpg").facts

    def test_what_was_said_of_a_file_that_is_replaced(
        self, on: Subject, told: dict[str, str]
    ) -> None:
        old = on.put("x.jpg", b"old", facts=told)
        other = {name: text for name, text in {facts.TITLE: "Other"}.items() if name in told}
        new = on.put("x.jpg", b"new, longer", old, other)
        wanted = {**told, **other}
        assert {**new.facts, **wanted} == new.facts
        assert {**on.stat("x.jpg").facts, **wanted} == on.stat("x.jpg").facts

    def test_what_it_does_not_keep(self, on: Subject) -> None:
        entry = on.put("x.jpg")
        lost = {name: "1" for name in facts.DESCRIPTION if name not in on.target.traits.describes}
        for name, text in lost.items():
            with pytest.raises(Unsupported, match=name):
                on.target.describe(entry, {name: text})
        assert on.put("y.jpg", facts=lost).facts.keys().isdisjoint(lost)

    def test_only_the_revision_asked_for(self, on: Subject, told: dict[str, str]) -> None:
        entry = on.put("x.jpg")
        with pytest.raises(Changed):
            on.target.describe(replace(entry, revision="another"), told)
        on.target.remove(entry)
        with pytest.raises(NotFound):
            on.target.describe(entry, told)


class TestRemoving:
    def test_a_file(self, on: Subject) -> None:
        entry = on.put("a/x.txt")
        on.target.remove(entry)
        assert set(on.tree()) == {"a"}
        with pytest.raises(NotFound):
            on.target.stat(entry.path)
        with pytest.raises(NotFound):
            on.target.remove(entry)
        with pytest.raises(NotFound):
            on.content(entry)

    def test_only_the_revision_asked_for(self, on: Subject) -> None:
        old = on.put("x.txt", b"old")
        on.put("x.txt", b"new, longer", replaces=old)
        with pytest.raises((Changed, NotFound)):
            on.target.remove(old)
        assert on.content(on.stat("x.txt")) == on.data(b"new, longer")

    def test_folders(self, on: Subject) -> None:
        entry = on.put("a/b/x.txt")
        folder = on.target.stat(parse("a/b"))
        with pytest.raises(NotEmpty):
            on.target.remove(folder)
        with pytest.raises(NotEmpty):
            on.target.remove(on.target.stat(parse("a")))
        on.target.remove(entry)
        on.target.mkdir(parse("a/b/deeper"))
        with pytest.raises(NotEmpty):
            on.target.remove(folder)
        on.target.remove(on.target.stat(parse("a/b/deeper")))
        on.target.remove(folder)
        assert set(on.tree()) == {"a"}
        with pytest.raises(NotFound):
            on.target.remove(folder)


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
    def test_a_file(self, on: Subject, source: str, destination: str) -> None:
        entry = on.put(source)
        try:
            moved = on.target.rename(entry, on.at(destination))
        except Unsupported:
            assert on.content(on.stat(source)) == on.data(TEXT)
            return
        assert moved.path == on.at(destination)
        assert moved.content or moved.id == entry.id
        assert (moved.content, moved.revision) == (entry.content, entry.revision)
        files = {path for path, one in on.tree().items() if not one.is_folder}
        assert files == {moved.path}
        found = on.stat(destination)
        assert (found.id, found.modified) == (moved.id, entry.modified)
        assert on.content(found) == on.data(TEXT)

    def test_to_another_folder(self, on: Subject) -> None:
        entry = on.put("a/x.jpg")
        moved = on.target.rename(entry, on.at("b/x.jpg"))
        assert set(on.tree()) == {"a", "b", moved.path}
        assert on.content(moved) == on.data(TEXT)

    def test_a_new_name(self, on: Subject) -> None:
        entry = on.put("x.txt")
        if on.target.traits.renames_files:
            kept = on.target.rename(entry, on.at("y.txt"))
        else:
            with pytest.raises(Unsupported):
                on.target.rename(entry, on.at("y.txt"))
            kept = entry
        assert set(on.tree()) == {kept.path}

    def test_nothing_is_overwritten(self, on: Subject) -> None:
        one, two = on.put("x.txt", b"one"), on.put("y.txt", b"two!")
        with pytest.raises(AlreadyExists):
            on.target.rename(one, two.path)
        assert on.content(on.target.stat(two.path)) == on.data(b"two!")
        assert on.content(on.target.stat(one.path)) == on.data(b"one")

    def test_only_the_revision_asked_for(self, on: Subject) -> None:
        old = on.put("x.txt", b"one")
        with pytest.raises(Changed):
            on.target.rename(replace(old, revision="another"), on.at("y.txt"))
        on.target.remove(old)
        with pytest.raises(NotFound):
            on.target.rename(old, on.at("y.txt"))
        assert on.tree() == {}
