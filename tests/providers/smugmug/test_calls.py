"""What a large account costs, whatever page sizes and expansions the service grants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mirrorfs.core.paths import ROOT
from mirrorfs.emulators.smugmug import Shape, fill_account
from mirrorfs.providers.smugmug.provider import SmugmugProvider
from tests.providers.smugmug.account import Account, serving

MIDDLING = Shape(folders=12, albums=60, photos=600)


@pytest.fixture(scope="module")
def large() -> Iterator[Account]:
    with serving() as account:
        fill_account(account.state, "demo", Shape())
        yield account


def calls(provider: SmugmugProvider) -> int:
    return provider.usage().calls


def test_a_whole_account_and_a_refresh(large: Account) -> None:
    provider = large.open()
    snapshot = provider.scan(ROOT)
    files = [entry for entry in snapshot.entries.values() if not entry.is_folder]
    assert (len(files), len(snapshot.entries) - len(files)) == (24_000, 1_315)
    assert calls(provider) == len(large.calls) <= 140
    before = calls(provider)
    changes = provider.changes(snapshot.cursor)
    assert (changes.folders, changes.rescan) == (frozenset(), False)
    assert calls(provider) - before == 2
    assert calls(provider) == len(large.calls)


def test_one_new_photo_in_a_large_account_costs_little(large: Account) -> None:
    provider = large.open()
    snapshot = provider.scan(ROOT)
    album = large.state.albums("demo")[700]
    large.later()
    large.state.add_image(album.album_key, "new.jpg", b"\xff\xd8\xffnew")
    before = calls(provider)
    (folder,) = provider.changes(snapshot.cursor).folders
    assert any(entry.path.endswith("/new.jpg") for entry in provider.scandir(folder))
    assert calls(provider) - before <= 10


@pytest.mark.parametrize(
    "settings",
    [
        {"largest_expansion": 0},
        {"largest_expansion": 0, "longest_multi_get": 1},
        {"largest_expansion": 7},
        {"inline_expansions": False},
        {"largest_counts": {"AlbumImages": 3}},
        {"largest_counts": {"ChildNodes": 2, "UserAlbums": 7}},
        {"shuffle_ties": True, "largest_counts": {"AlbumImages": 4}},
        {"largest_count": 5000},
    ],
)
def test_whatever_is_granted_the_tree_is_whole(settings: dict[str, object]) -> None:
    with serving() as plain, serving(**settings) as other:
        for account in (plain, other):
            fill_account(account.state, "demo", MIDDLING)
        expected = plain.open().scan(ROOT).entries
        found = other.open().scan(ROOT).entries
        assert found.keys() == expected.keys()
        assert len(found) == 672
        sizes = {path: entry.size for path, entry in expected.items()}
        assert {path: entry.size for path, entry in found.items()} == sizes


def test_without_expansions_many_albums_are_asked_for_at_once() -> None:
    with serving(largest_expansion=0) as account:
        fill_account(account.state, "demo", MIDDLING)
        provider = account.open()
        assert len(provider.scan(ROOT).entries) == 672
        assert calls(provider) <= 40


def test_many_videos_cost_a_call_an_album_not_one_each() -> None:
    with serving(largest_expansion=20) as account:
        for number in range(3):
            album = account.album(f"Films {number}")
            for film in range(8):
                account.film(album, f"{film}.mov")
        provider = account.open()
        files = [one for one in provider.scan(ROOT).entries.values() if not one.is_folder]
        assert [one.facts["rendition"] for one in files] == ["video"] * 24
        assert calls(provider) <= 8
