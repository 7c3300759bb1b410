"""Folders and albums that are made, and how they are read back."""

import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from mirrorfs.core.errors import AlreadyExists, Changed, NotFound, Unsupported
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.emulators.smugmug.values import Node
from mirrorfs.net.patience import Patience
from mirrorfs.providers.smugmug.provider import SmugmugProvider
from tests.providers.smugmug.account import Account, serving, tree
from tests.providers.smugmug.files import jpeg

DATA = jpeg(50)


def put(provider: SmugmugProvider, path: str) -> None:
    written = provider.write(parse(path), BytesIO(DATA), size=len(DATA), modified=0)
    assert written.path == parse(path)


def nodes(account: Account) -> dict[str, Node]:
    """Return UrlPath → node."""
    state = account.state
    below = state.tree.below(account.root)
    return {state.tree.path(one): one for one in below}


class TestWhatIsMade:
    def test_parents_are_folders_and_the_last_is_an_album(self, account: Account) -> None:
        put(account.open(), "2020/Été à Paris/x.jpg")
        made = {path: (one.type, one.name) for path, one in nodes(account).items()}
        assert made == {
            "/2020": ("Folder", "2020"),
            "/2020/Ete-a-Paris": ("Album", "Été à Paris"),
        }

    def test_files_in_folders(self, account: Account) -> None:
        provider = account.open()
        provider.mkdir(parse("F"))
        put(provider, "F/x.jpg")
        put(provider, "y.jpg")
        assert set(nodes(account)) == {"/F", "/F/Files-In-This-Folder", "/Files-In-This-Folder"}
        assert set(tree(account.open())) == {"F", "F/x.jpg", "y.jpg"}

    def test_below_an_album(self, account: Account) -> None:
        provider = account.open()
        put(provider, "A/B/x.jpg")
        put(provider, "A/B/C/D/y.jpg")
        assert provider.mkdir(parse("A/B/E")).path == "A/B/E"
        put(provider, "A/B/C/z.jpg")
        names = {one.name for one in nodes(account).values() if one.type == "Album"}
        assert names == {"B", "B/C/D", "B/E", "B/C"}
        assert set(tree(account.open())) == {
            *("A", "A/B", "A/B/C", "A/B/C/D", "A/B/E"),
            *("A/B/x.jpg", "A/B/C/D/y.jpg", "A/B/C/z.jpg"),
        }

    @pytest.mark.parametrize("depth", [5, 6, 7, 9])
    def test_deeper_than_folders_nest(self, account: Account, depth: int) -> None:
        folder = "/".join("abcdefghi"[:depth])
        provider = account.open()
        put(provider, f"{folder}/x.jpg")
        provider.mkdir(parse(f"{folder}2/y/z"))
        levels = [path.count("/") for path, one in nodes(account).items() if one.type == "Folder"]
        assert max(levels) <= 5
        assert {f"{folder}/x.jpg", f"{folder}2/y/z"} < set(tree(account.open()))

    def test_deeper_below_another_root(self, account: Account) -> None:
        account.open().mkdir(parse("r/s"))
        provider = account.open(root="r/s")
        put(provider, "a/b/c/d/e/x.jpg")
        levels = [path.count("/") for path, one in nodes(account).items() if one.type == "Folder"]
        assert max(levels) == 5
        assert "r/s/a/b/c/d/e/x.jpg" in tree(account.open())
        assert "a/b/c/d/e/x.jpg" in tree(account.open(root="r/s"))

    @pytest.mark.parametrize("root", ["r", "r/s", "a/b/c/d/e/f/g"])
    def test_the_root_is_made_by_asking_for_it_alone(self, account: Account, root: str) -> None:
        provider = account.open(root=root)
        with pytest.raises(NotFound):
            provider.scan(ROOT)
        with pytest.raises(NotFound):
            provider.mkdir(parse("x"))
        with pytest.raises(NotFound):
            put(provider, "x.jpg")
        assert nodes(account) == {}

        made = provider.mkdir(ROOT)

        assert (made.path, made.is_folder) == (ROOT, True)
        assert tree(provider) == {}
        assert root in tree(account.open())
        put(provider, "y.jpg")
        assert f"{root}/y.jpg" in tree(account.open())
        assert provider.mkdir(ROOT).path == ROOT

    def test_no_root_is_made_where_a_file_is(self, account: Account) -> None:
        put(account.open(), "r/s.jpg")
        with pytest.raises(AlreadyExists):
            account.open(root="r/s.jpg").mkdir(ROOT)

    @pytest.mark.parametrize(
        "name", ["Files In This Folder", "Path In Name x", "日本", "é", "...x", "a" * 200, "A: b?"]
    )
    def test_names_are_kept(self, account: Account, name: str) -> None:
        provider = account.open()
        provider.mkdir(parse(name))
        put(provider, f"{name}/{name}/x.jpg")
        assert set(tree(account.open())) == {name, f"{name}/{name}", f"{name}/{name}/x.jpg"}

    def test_names_that_cannot_be_kept(self, account: Account) -> None:
        with pytest.raises(Unsupported):
            account.open().mkdir(parse("%41"))
        assert nodes(account) == {}

    def test_names_that_share_a_url_name(self, account: Account) -> None:
        provider = account.open()
        for name in ("a b", "a-b", "a_b"):
            provider.mkdir(parse(name))
        assert {"a b", "a-b", "a_b"} == set(tree(account.open()))
        assert len(nodes(account)) == 3


class TestPrivacy:
    def test_nobody_is_shown_what_was_not_asked_for(self, account: Account) -> None:
        put(account.open(), "a/b/x.jpg")
        assert {one.privacy for one in nodes(account).values()} == {"Unlisted"}

    def test_as_the_folder_above(self, account: Account) -> None:
        account.folder("Open", privacy="Public")
        account.folder("Shut", privacy="Private")
        provider = account.open()
        put(provider, "Open/a/x.jpg")
        put(provider, "Shut/a/x.jpg")
        made = {path: one.privacy for path, one in nodes(account).items() if path.count("/") == 2}
        assert made == {"/Open/A": "Public", "/Shut/A": "Private"}


class TestTwice:
    def test_by_two_at_once(self, account: Account) -> None:
        one, two = account.open(), account.open()
        assert two.scandir(ROOT) == []
        one.mkdir(parse("a/b"))
        two.mkdir(parse("a/b"))
        put(two, "a/b/x.jpg")
        assert set(tree(account.open())) == {"a", "a/b", "a/b/x.jpg"}

    @pytest.mark.parametrize("action", [{"truncate_body_to": 0}, {"status": 200, "html": "?"}])
    def test_when_the_answer_is_lost(self, account: Account, action: dict[str, object]) -> None:
        lost = action.keys() == {"truncate_body_to"}
        account.fail("!children", action, method="POST")
        provider = account.open()
        if lost:
            provider.mkdir(parse("a"))
        assert len(nodes(account)) == lost

    def test_by_threads_while_the_service_does_not_show_it_yet(self) -> None:
        with serving(visible_after=0.05) as account:
            account.state.clock = time.time
            provider = account.open(patience=Patience(tries=3, pause=0.02))

            def write(number: int) -> None:
                put(provider, f"a/b/{number}.jpg")

            with ThreadPoolExecutor(4) as pool:
                list(pool.map(write, range(8)))
            time.sleep(0.05)
            assert len(nodes(account)) == 2
            assert len(tree(account.open())) == 10

    def test_a_folder_and_an_album_of_one_name(self, account: Account) -> None:
        one, two = account.open(), account.open()
        assert two.scandir(ROOT) == []
        one.mkdir(parse("a"))
        with pytest.raises(Changed):
            put(two, "a/x.jpg")
        two = account.open()
        put(two, "a/x.jpg")
        assert set(tree(account.open())) == {"a", "a/x.jpg"}

    def test_a_file_is_in_the_way(self, account: Account) -> None:
        provider = account.open()
        put(provider, "a/x.jpg")
        with pytest.raises(AlreadyExists):
            provider.mkdir(parse("a/x.jpg/b"))
        with pytest.raises(AlreadyExists):
            put(provider, "a/x.jpg/b/y.jpg")
