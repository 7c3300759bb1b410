import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mirrorfs.cache.database import NotKept
from mirrorfs.cache.listings import ListingStore
from mirrorfs.core import paths
from mirrorfs.core.errors import BadAnswer, NotFound, RateLimited, Unavailable
from mirrorfs.core.paths import ROOT
from mirrorfs.vfs.look import Found, Way
from mirrorfs.vfs.refresher import Refresher
from mirrorfs.vfs.tree import Tree
from tests.vfs.fakes import LAZY, FakeClock, FakeSource

Grow = Callable[..., Tree]


def _names(tree: Tree, folder: str = "") -> list[str]:
    return list(tree.children(paths.parse(folder)).entries)


@pytest.fixture
def album(source: FakeSource) -> FakeSource:
    for name in ("c", "a", "b"):
        source.put(f"album/{name}.jpg", name.encode())
    source.put("deep/down/x.jpg", b"x")
    source.mkdir("empty")
    return source


def test_one_scan_lists_everything_however_many_ask(album: FakeSource, grow: Grow) -> None:
    tree = grow()
    album.delay = 0.05
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _names(tree, "album"), range(8)))
    assert found == [["a.jpg", "b.jpg", "c.jpg"]] * 8
    assert _names(tree) == ["album", "deep", "empty"]
    assert _names(tree, "empty") == []
    assert tree.lookup(paths.parse("deep/down/x.jpg")) == album.entry("deep/down/x.jpg")
    assert album.calls == {"scan": 1}


def test_a_restart_asks_nobody(album: FakeSource, grow: Grow) -> None:
    grow().prepare()
    album.down = Unavailable("down")
    tree = grow()
    tree.prepare()
    assert _names(tree, "album") == ["a.jpg", "b.jpg", "c.jpg"]
    assert album.calls == {"scan": 1}
    assert tree.due() > 1_000_000


def test_what_is_not_there(album: FakeSource, grow: Grow) -> None:
    tree = grow()
    for path in ("nope", "album/nope", "nope/nope"):
        with pytest.raises(NotFound):
            tree.lookup(paths.parse(path))
    with pytest.raises(NotFound):
        tree.children(paths.parse("nope"))
    assert tree.lookup(ROOT).is_folder
    assert album.calls == {"scan": 1}


def test_memory_is_bounded_and_the_disk_answers(album: FakeSource, grow: Grow) -> None:
    tree = grow(memory=1)
    for _ in range(3):
        assert _names(tree, "album")
        assert _names(tree, "deep/down")
    assert album.calls == {"scan": 1}


class TestRefresh:
    def test_nothing_new_costs_one_call(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        tree.prepare()
        found = tree.refresh()
        assert (found.way, found.changed) == (Way.CHANGES, frozenset())
        assert album.calls == {"scan": 1, "changes": 1}

    def test_only_the_folder_touched_is_listed(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        heard: list[Found] = []
        tree.listen(heard.append)
        tree.prepare()
        album.put("album/d.jpg", b"d")
        album.put("album/a.jpg", b"another a")
        found = tree.refresh()
        assert found.changed == {"album/d.jpg", "album/a.jpg"}
        assert heard[-1] == found
        assert _names(tree, "album") == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
        assert tree.lookup(paths.parse("album/a.jpg")).size == 9
        assert album.calls == {"scan": 1, "changes": 1, "scandir": 1}

    def test_a_new_folder_shows_with_what_is_in_it(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        tree.prepare()
        for n in range(3000):
            album.put(f"many/{n}.jpg", b"n")
        tree.refresh()
        album.put("album/new/sub/x.jpg", b"x")
        found = tree.refresh()
        assert found.way is Way.CHANGES
        assert "album/new" in found.changed
        assert _names(tree, "album/new/sub") == ["x.jpg"]

    def test_a_moved_file_leaves_its_old_folder(self, album: FakeSource, grow: Grow) -> None:
        for n in range(2000):
            album.put(f"many/{n}.jpg", b"n")
        tree = grow()
        tree.prepare()
        album.move("album/a.jpg", "deep/down/z.jpg")
        found = tree.refresh()
        assert found.way is Way.CHANGES
        assert found.changed == {"album/a.jpg", "deep/down/z.jpg"}
        assert _names(tree, "album") == ["b.jpg", "c.jpg"]
        assert _names(tree, "deep/down") == ["x.jpg", "z.jpg"]

    def test_a_removal_is_found_by_a_scan(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        tree.prepare()
        album.remove("album/b.jpg")
        found = tree.refresh()
        assert (found.way, found.changed) == (Way.SCAN, {"album/b.jpg"})
        assert _names(tree, "album") == ["a.jpg", "c.jpg"]

    def test_folders_that_are_told_of_vanish_without_a_scan(
        self, album: FakeSource, grow: Grow
    ) -> None:
        tree = grow()
        tree.prepare()
        album.remove("album/b.jpg")
        album.remove("deep/down/x.jpg")
        album.rmdir("deep/down")
        album.rescan = False
        album.told = {paths.parse(path) for path in ("album", "deep", "deep/down")}
        found = tree.refresh()
        assert (found.way, found.changed) == (Way.CHANGES, {"album/b.jpg", "deep/down"})
        assert _names(tree, "deep") == []
        with pytest.raises(NotFound):
            tree.children(paths.parse("deep/down"))
        assert album.calls == {"scan": 1, "changes": 1, "scandir": 2}

    def test_a_folder_that_is_gone_without_a_word_costs_a_scan(
        self, album: FakeSource, grow: Grow
    ) -> None:
        tree = grow()
        tree.prepare()
        album.remove("deep/down/x.jpg")
        album.rmdir("deep/down")
        album.rescan = False
        album.told = {paths.parse("deep/down")}
        assert tree.refresh().way is Way.SCAN

    def test_many_dirty_folders_cost_a_scan_instead(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        tree.prepare()
        for n in range(20):
            album.put(f"f{n}/x.jpg", b"x")
        assert tree.refresh().way is Way.SCAN
        assert album.calls == {"scan": 2, "changes": 1}

    @pytest.mark.parametrize("error", [BadAnswer("page 2"), Unavailable("down")])
    def test_a_failed_scan_leaves_the_old_tree(
        self, error: Exception, album: FakeSource, grow: Grow
    ) -> None:
        tree = grow()
        tree.prepare()
        album.remove("album/b.jpg")
        album.fail_scan = error  # type: ignore[assignment]
        with pytest.raises(type(error)):
            tree.refresh()
        assert _names(tree, "album") == ["a.jpg", "b.jpg", "c.jpg"]
        assert tree.status().error
        album.fail_scan = None
        tree.refresh()
        assert _names(tree, "album") == ["a.jpg", "c.jpg"]
        assert not tree.status().error

    def test_a_limit_is_waited_for_without_a_call(
        self, album: FakeSource, grow: Grow, clock: FakeClock
    ) -> None:
        tree = grow()
        tree.prepare()
        album.down = RateLimited("used up", clock.now() + 1000)
        depths = []
        for _ in range(3):
            with pytest.raises(RateLimited) as caught:
                tree.refresh()
            depths.append(len(list(traceback.walk_tb(caught.value.__traceback__))))
        assert depths[1] == depths[2]
        assert album.calls["changes"] == 1
        assert tree.due() == clock.now() + 1000
        clock.sleep(1001)
        album.down = None
        tree.refresh()
        assert tree.status().retry_at == 0

    def test_pauses_grow_while_the_service_is_down(
        self, album: FakeSource, grow: Grow, clock: FakeClock
    ) -> None:
        tree = grow()
        tree.prepare()
        album.down = Unavailable("down")
        pauses = []
        for _ in range(4):
            with pytest.raises(Unavailable):
                tree.refresh()
            pauses.append(tree.status().retry_at - clock.now())
        assert pauses == sorted(set(pauses))
        assert _names(tree, "album")

    def test_a_disk_that_refuses_the_end_of_it_keeps_nothing_of_it(
        self, album: FakeSource, grow: Grow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tree = grow()
        heard: list[Found] = []
        tree.listen(heard.append)
        tree.prepare()
        album.put("album/a.jpg", b"longer than before")

        def refuse(*_: object) -> None:
            raise NotKept("The disk is full.")

        with monkeypatch.context() as patched:
            patched.setattr(ListingStore, "advance", refuse)
            with pytest.raises(NotKept):
                tree.refresh()
        tree.forget()
        assert tree.lookup(paths.parse("album/a.jpg")).size == 1
        assert tree.refresh().changed == {"album/a.jpg"}
        assert heard[-1].changed == {"album/a.jpg"}
        assert tree.lookup(paths.parse("album/a.jpg")).size == 18

    def test_a_scan_can_be_asked_for(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        tree.prepare()
        album.mkdir("made empty")
        assert not tree.refresh().changed
        found = tree.rescan()
        assert (found.way, found.changed) == (Way.SCAN, {"made empty"})
        assert album.calls == {"scan": 2, "changes": 1}

    def test_a_scan_is_made_also_while_a_look_is_under_way(
        self, album: FakeSource, grow: Grow
    ) -> None:
        tree = grow()
        tree.prepare()
        album.delay = 0.2
        with ThreadPoolExecutor(2) as pool:
            look = pool.submit(tree.refresh)
            while not tree.status().refreshing:
                time.sleep(0.01)
            assert pool.submit(tree.rescan).result().way is Way.SCAN
        assert look.result().way is Way.CHANGES

    def test_a_look_that_was_made_in_the_future_is_due(
        self, album: FakeSource, grow: Grow, clock: FakeClock
    ) -> None:
        clock.sleep(30 * 86_400)
        grow().prepare()
        clock.sleep(-30 * 86_400)
        tree = grow()
        assert tree.due() <= clock.now()
        Refresher(tree, clock).step()
        assert album.calls["changes"] == 1
        assert tree.due() == clock.now() + 300

    def test_the_refresher_looks_when_it_is_due(
        self, album: FakeSource, grow: Grow, clock: FakeClock
    ) -> None:
        tree = grow()
        tree.prepare()
        refresher = Refresher(tree, clock)
        refresher.step()
        assert album.calls["changes"] == 0
        clock.sleep(301)
        refresher.step()
        refresher.step()
        assert album.calls["changes"] == 1
        clock.sleep(301)
        album.down = Unavailable("down")
        refresher.step()
        refresher.step()
        assert album.calls["changes"] == 2


class TestOffline:
    def test_what_is_known_is_served_and_nobody_is_asked(
        self, album: FakeSource, grow: Grow, clock: FakeClock
    ) -> None:
        grow().prepare()
        tree = grow(offline=True)
        tree.prepare()
        clock.sleep(10_000)
        Refresher(tree, clock).step()
        assert _names(tree, "album")
        with pytest.raises(Unavailable):
            tree.refresh()
        assert album.calls == {"scan": 1}

    def test_nothing_is_known(self, album: FakeSource, grow: Grow) -> None:
        tree = grow(offline=True)
        with pytest.raises(Unavailable, match="Offline, and nothing is known of 'cloud:'"):
            tree.prepare()
        with pytest.raises(Unavailable, match="Offline, and nothing is known of 'a/b' in 'cloud:'"):
            tree.children(paths.parse("a/b"))
        assert not album.calls


class TestFolderByFolder:
    @pytest.fixture(autouse=True)
    def _lazy(self, album: FakeSource) -> None:
        album.traits = LAZY

    def test_only_what_is_looked_at_is_listed_and_once(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        tree.prepare()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: tree.lookup(paths.parse("album/a.jpg")), range(4)))
        assert album.calls["scandir"] <= 3
        tree = grow()
        album.down = Unavailable("down")
        assert _names(tree, "album")
        with pytest.raises(Unavailable):
            _names(tree, "deep")

    def test_a_refresh_lists_what_was_looked_at(self, album: FakeSource, grow: Grow) -> None:
        tree = grow()
        _names(tree)
        _names(tree, "album")
        album.put("album/d.jpg", b"d")
        album.remove("deep/down/x.jpg")
        assert tree.refresh().changed == {"album/d.jpg"}
        assert _names(tree, "album")[-1] == "d.jpg"
        assert album.calls["scandir"] == 4

    def test_an_old_listing_is_served_and_then_renewed(
        self, album: FakeSource, grow: Grow, clock: FakeClock
    ) -> None:
        tree = grow()
        _names(tree, "album")
        clock.sleep(1000)
        tree = grow()
        album.put("album/d.jpg", b"d")
        assert "d.jpg" not in _names(tree, "album")
        Refresher(tree, clock).step()
        assert "d.jpg" in _names(tree, "album")
