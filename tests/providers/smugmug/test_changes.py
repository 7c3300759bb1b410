"""Changes: what is looked at again after each, and that a look finds what a new scan finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.cache.listings import ListingStore
from mirrorfs.core.errors import BadAnswer, Changed, NotFound
from mirrorfs.core.paths import ROOT
from mirrorfs.providers.smugmug import ledger
from mirrorfs.vfs import look
from mirrorfs.vfs.look import Found, Ledger, Way
from tests.providers.smugmug.account import Account, content, serving, today, tree

JPEG = b"\xff\xd8\xff"


@pytest.fixture
def filled(account: Account) -> Account:
    """Folders with albums, one that holds its own pictures, and one deeper than it may be."""
    for name in ("Alps", "Sea"):
        folder = account.folder(name)
        for album in ("One", "Two"):
            node = account.album(album, folder)
            account.photo(node, "a.jpg", JPEG + f"{name}{album}".encode())
            account.photo(node, "b.jpg")
        account.album("Files-In-This-Folder", folder, url_name="Files-In-This-Folder")
        account.album("x/y", folder, url_name="Path-In-Name-1")
    account.folder("Empty")
    for number in range(30):
        account.folder(f"Filler {number}")
    account.later()
    return account


class Mirror:
    """A tree kept by changes, as a mount keeps it."""

    def __init__(self, account: Account, path: Path) -> None:
        self.account = account
        self.source = account.open()
        self.listings = ListingStore(path)
        self.ledger = Ledger(self.listings, 0.0, lambda _: None)
        look.scan(self.source, self.ledger)

    def follow(self) -> Found:
        self.source.scandir(ROOT)  # whatever is remembered of folders must not matter
        return look.follow(self.source, self.ledger, self.listings.state())

    def tree(self) -> dict[str, object]:
        found: dict[str, object] = {}
        waiting = [ROOT]
        while waiting:
            listing = self.listings.folder(waiting.pop())
            assert listing is not None
            for entry in listing.entries.values():
                found[entry.path] = entry
                if entry.is_folder:
                    waiting.append(entry.path)
        return found


@pytest.fixture
def mirror(filled: Account, tmp_path: Path) -> Mirror:
    return Mirror(filled, tmp_path / "listings")


def album_of(account: Account, path: str) -> str:
    snapshot = account.open().scan(ROOT)
    seen = ledger.decode(snapshot.cursor)
    assert seen
    return next(key for key, home in seen.map.homes.items() if home == path)


def node_of(account: Account, path: str) -> str:
    snapshot = account.open().scan(ROOT)
    return snapshot.entries[path].id.removeprefix("node:")  # type: ignore[index]


def add_photo(account: Account) -> None:
    account.state.add_image(album_of(account, "Alps/One"), "new.jpg", JPEG)


def replace_photo(account: Account) -> None:
    album = account.state.images(album_of(account, "Alps/One"))
    account.state.replace_image(album[0].image_key, JPEG + b"turned")


def remove_photo(account: Account) -> None:
    key = album_of(account, "Sea/Two")
    account.state.remove_image(key, account.state.images(key)[0].image_key)


def move_photo(account: Account) -> None:
    source, target = album_of(account, "Sea/Two"), album_of(account, "Alps/Two")
    account.state.move_image(account.state.images(source)[0].image_key, source, target)


def put_beside_folders(account: Account) -> None:
    account.state.add_image(album_of(account, "Sea"), "beside.jpg", JPEG)


def put_deep(account: Account) -> None:
    account.state.add_image(album_of(account, "Sea/x/y"), "deep.jpg", JPEG)


def new_album(account: Account) -> None:
    account.state.create_node(node_of(account, "Sea"), "Album", "New")


def new_twin(account: Account) -> None:
    account.state.create_node(node_of(account, "Sea"), "Album", "One", url_name="Other")


def new_deep_album(account: Account) -> None:
    folder = node_of(account, "Sea")
    account.state.create_node(folder, "Album", "x/z", url_name="Path-In-Name-2")


def new_empty_folder(account: Account) -> None:
    account.state.create_node(node_of(account, "Sea"), "Folder", "New")


def new_folders_with_albums(account: Account) -> None:
    outer = account.state.create_node(node_of(account, "Sea"), "Folder", "Outer")
    inner = account.state.create_node(outer.node_id, "Folder", "Inner")
    album = account.state.create_node(inner.node_id, "Album", "Deep")
    account.state.add_image(album.album_key or "", "a.jpg", JPEG)


def rename_album(account: Account) -> None:
    account.state.change_node(node_of(account, "Sea/One"), name="Uno")


def rename_album_in_addresses(account: Account) -> None:
    account.state.change_node(node_of(account, "Sea/One"), name="Uno", url_name="Uno")


def rename_folder(account: Account) -> None:
    account.state.change_node(node_of(account, "Sea"), name="Ocean", url_name="Ocean")


def rename_folder_by_name(account: Account) -> None:
    account.state.change_node(node_of(account, "Sea"), name="Ocean")


def swap_albums(account: Account) -> None:
    one, two = node_of(account, "Sea/One"), node_of(account, "Sea/Two")
    account.state.change_node(one, name="Two")
    account.state.change_node(two, name="One")


def remove_album(account: Account) -> None:
    account.state.remove_node(node_of(account, "Sea/One"))


def remove_deep_album(account: Account) -> None:
    key = album_of(account, "Sea/x/y")
    account.state.remove_node(account.state.album(key).node_id)


def remove_folder(account: Account) -> None:
    account.state.remove_node(node_of(account, "Sea"))


def remove_empty_folder(account: Account) -> None:
    account.state.remove_node(node_of(account, "Empty"))


def move_album(account: Account) -> None:
    account.state.move_node(node_of(account, "Empty"), node_of(account, "Alps"))


def move_folder(account: Account) -> None:
    account.state.move_node(node_of(account, "Sea"), node_of(account, "Alps"))


EVENTS = [
    *(add_photo, replace_photo, remove_photo, move_photo, put_beside_folders, put_deep),
    *(new_album, new_twin, new_deep_album, new_empty_folder, new_folders_with_albums),
    *(rename_album, rename_album_in_addresses, rename_folder, rename_folder_by_name),
    *(swap_albums, remove_album, remove_deep_album, remove_folder, remove_empty_folder),
    *(move_album, move_folder),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_look_finds_what_a_scan_finds(mirror: Mirror, event: Callable[[Account], None]) -> None:
    event(mirror.account)
    mirror.account.later()
    found = mirror.follow()
    expected = mirror.account.open().scan(ROOT).entries
    assert mirror.tree() == expected
    assert found.way is Way.CHANGES
    quiet = mirror.source.changes(mirror.listings.state().cursor)
    assert (quiet.folders, quiet.rescan) == (frozenset(), False)


def test_one_thing_after_the_other(mirror: Mirror) -> None:
    for event in (new_album, add_photo, new_twin, rename_album, new_deep_album, remove_folder):
        event(mirror.account)
        mirror.account.later()
        mirror.follow()
        assert mirror.tree() == mirror.account.open().scan(ROOT).entries


def test_two_changes_in_one_second_are_both_found(mirror: Mirror) -> None:
    mirror.account.now = today()
    replace_photo(mirror.account)
    mirror.follow()
    replaced = mirror.account.state.images(album_of(mirror.account, "Alps/One"))[0]
    mirror.account.state.replace_image(replaced.image_key, JPEG + b"turned again")
    mirror.follow()
    assert mirror.tree() == mirror.account.open().scan(ROOT).entries


def test_everything_is_looked_at_once_a_day(filled: Account) -> None:
    source = filled.open()
    cursor = source.scan(ROOT).cursor
    seen = ledger.decode(cursor)
    assert seen
    old = dataclasses.replace(seen, scanned_at=seen.scanned_at - 86401)
    assert source.changes(ledger.encode(old)).rescan
    assert not source.changes(cursor).rescan


@pytest.mark.parametrize("cursor", ["", "nonsense", "1", ledger.encode.__name__])
def test_an_unknown_cursor_is_a_rescan(filled: Account, cursor: str) -> None:
    assert filled.open().changes(cursor).rescan


def test_all_albums_are_listed_once_an_hour(filled: Account) -> None:
    source = filled.open()
    seen = ledger.decode(source.scan(ROOT).cursor)
    assert seen
    key = next(iter(seen.albums))
    late = dataclasses.replace(seen, counted_at=seen.counted_at - 3601)
    changes = source.changes(ledger.encode(late))
    after = ledger.decode(changes.cursor)
    assert after
    assert after.counted_at >= seen.counted_at
    assert key in after.albums


def test_without_a_list_of_folders_everything_is_looked_at_every_hour(filled: Account) -> None:
    filled.fail("!folderlist", {"status": 404, "body": {"Code": 404}}, times=None)
    source = filled.open()
    seen = ledger.decode(source.scan(ROOT).cursor)
    assert seen
    assert seen.tree is None
    assert not source.changes(ledger.encode(seen)).rescan
    old = dataclasses.replace(seen, scanned_at=seen.scanned_at - 3601)
    assert source.changes(ledger.encode(old)).rescan


def test_a_picture_that_was_replaced_unseen_is_found_when_it_is_read() -> None:
    with serving(replacing_touches_album=False) as account:
        image = account.photo(account.album("One"), "a.jpg", JPEG + b"one")
        for number in range(9):
            account.folder(f"Filler {number}")
        source = account.open()
        snapshot = source.scan(ROOT)
        account.later()
        account.state.replace_image(image.image_key, JPEG + b"two")
        assert source.changes(snapshot.cursor).folders == frozenset()
        with pytest.raises(Changed):
            content(source, snapshot.entries["One/a.jpg"])  # type: ignore[index]
        assert source.changes(snapshot.cursor).folders == {"One"}


def test_what_is_still_processed_is_waited_for(mirror: Mirror) -> None:
    account = mirror.account
    video = account.film(account.album("Films"), "a.mov")
    account.state.change_image(video.image_key, processing=True, film=None)
    account.later()
    mirror.follow()
    assert "Films/a.mp4" not in mirror.tree()
    gone = account.album("Gone")
    account.photo(gone, "b.mov", is_video=True, processing=True)
    mirror.follow()
    account.state.remove_node(gone.node_id)
    mirror.follow()
    assert mirror.follow().folders == {"Films"}
    account.state.change_image(video.image_key, processing=False, film=video.film)
    restarted = account.open()
    look.follow(restarted, mirror.ledger, mirror.listings.state())
    assert "Films/a.mp4" in mirror.tree()
    changes = restarted.changes(mirror.listings.state().cursor)
    assert changes.folders == frozenset()


def test_a_folder_of_the_account_as_the_root(filled: Account) -> None:
    sea = filled.state.node(node_of(filled, "Sea"))
    for number in range(20):
        filled.folder(f"Bay {number}", sea)
    source = filled.open(root="Sea")
    assert {"One", "One/a.jpg", "x", "x/y"} <= tree(source).keys()
    cursor = source.scan(ROOT).cursor
    new_album(filled)
    add_photo(filled)
    filled.later()
    assert source.changes(cursor).folders == {ROOT, "New", "x"}
    with pytest.raises(NotFound):
        filled.open(root="Sea/Nothing").scan(ROOT)


def test_a_page_of_albums_without_them_is_no_news(filled: Account) -> None:
    source = filled.open()
    cursor = source.scan(ROOT).cursor
    count = len(filled.state.albums(filled.server.settings.nick))
    pages = {"Total": count, "Start": 1, "Count": count}
    body = {"Response": {"Locator": "Album", "Pages": pages}, "Code": 200}
    filled.fail("/user/[^/]*!albums", {"status": 200, "body": body}, times=None)
    with pytest.raises(BadAnswer, match="0 objects"):
        source.changes(cursor)


def test_an_account_of_the_future_is_not_looked_at_each_time(account: Account) -> None:
    account.now = today() + 7200
    for number in range(20):
        account.photo(account.album(f"Album {number}"), "a.jpg")
    source = account.open()
    cursor, before = source.scan(ROOT).cursor, source.usage().calls
    changes = source.changes(cursor)
    assert not changes.rescan
    assert not changes.folders
    assert source.usage().calls - before == 2
