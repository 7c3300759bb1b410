"""What accounts hold and how they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.naming import check_url_name, free_url_name, make_url_name

if TYPE_CHECKING:
    from tests.emulators.smugmug.conftest import Caller


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hoary marmots, 2019", "Hoary-marmots-2019"),
        ("wp", "Wp"),
        ("C & A ^ B", "C-A-B"),
        ("თბილისი", "თბილისი"),
        ("🙂", "Untitled"),
        ("x" * 80, "X" + "x" * 59),
    ],
)
def test_url_names_are_made_of_names(name: str, expected: str) -> None:
    made = make_url_name(name)
    assert made == expected
    assert check_url_name(made) == made


@pytest.mark.parametrize("name", ["", "wp-1", "a b", "-A", "X" * 61, "A/B"])
def test_url_names_that_are_refused(name: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_url_name(name)
    assert caught.value.status == 400
    assert "UrlName" in caught.value.problems


def test_free_url_names() -> None:
    assert free_url_name("Trip", {"Other"}) == "Trip"
    assert free_url_name("Trip", {"Trip", "Trip-1"}) == "Trip-2"


def test_url_names_are_unique_below_a_node(owner: Caller) -> None:
    owner.add_node("Folder", "Trip")
    with pytest.raises(ApiError) as caught:
        owner.add_node("Album", "trip")
    assert caught.value.status == 409
    renamed = owner.state.create_node(owner.user.root, "Album", "Trip", auto_rename=True)
    assert (renamed.name, renamed.url_name) == ("Trip", "Trip-1")
    assert owner.add_node("Album", "Trip", parent=owner.add_node(name="Else").node_id)


def test_folders_nest_five_deep(owner: Caller) -> None:
    at = owner.user.root
    for number in range(5):
        at = owner.add_node("Folder", f"F{number}", parent=at).node_id
    with pytest.raises(ApiError) as caught:
        owner.add_node("Folder", "F5", parent=at)
    assert caught.value.status == 400
    assert owner.add_album("Album", parent=at)  # albums do not count
    with pytest.raises(ApiError):
        owner.state.move_node(owner.add_node("Folder", "Top").node_id, at)


def test_nothing_moves_into_itself(owner: Caller) -> None:
    outer = owner.add_node("Folder", "Outer")
    inner = owner.add_node("Folder", "Inner", parent=outer.node_id)
    with pytest.raises(ApiError) as caught:
        owner.state.move_node(outer.node_id, inner.node_id)
    assert caught.value.status == 400


def test_changes_below_move_the_date_of_all_above(owner: Caller) -> None:
    outer = owner.add_node("Folder", "Outer")
    album = owner.add_album("Album", parent=outer.node_id)
    before = owner.state.node(outer.node_id)
    owner.add_image(album)
    after = owner.state.node(outer.node_id)
    assert after.date_modified > before.date_modified
    assert after.date_added == before.date_added
    changed = owner.state.album(album.album_key)
    assert changed.images_last_updated > album.images_last_updated
    assert changed.last_updated == album.last_updated


def test_deleting_the_home_album_ends_an_image(owner: Caller) -> None:
    home, other = owner.add_album("Home"), owner.add_album("Other")
    kept, gone = owner.add_image(other, "kept.jpg"), owner.add_image(home, "gone.jpg")
    owner.state.collect_image(gone.image_key, other.album_key)
    owner.state.collect_image(kept.image_key, home.album_key)
    owner.state.remove_node(home.node_id)
    assert [one.file_name for one in owner.state.images(other.album_key)] == ["kept.jpg"]
    with pytest.raises(ApiError):
        owner.state.image(gone.image_key)
    assert [one.album_key for one in owner.state.albums_of(kept.image_key)] == [other.album_key]


def test_taking_a_collected_image_out_leaves_it_at_home(owner: Caller) -> None:
    home, other = owner.add_album("Home"), owner.add_album("Other")
    image = owner.add_image(home)
    owner.state.collect_image(image.image_key, other.album_key)
    owner.state.remove_image(other.album_key, image.image_key)
    assert owner.state.images(other.album_key) == []
    assert owner.state.images(home.album_key) == [image]


def test_a_moved_image_is_at_home_elsewhere(owner: Caller) -> None:
    home, other = owner.add_album("Home"), owner.add_album("Other")
    image = owner.add_image(home)
    moved = owner.state.move_image(image.image_key, home.album_key, other.album_key)
    assert moved.album_key == other.album_key
    assert owner.state.images(home.album_key) == []
    assert [one.album_key for one in owner.state.albums_of(image.image_key)] == [other.album_key]


def test_renamed_paths_are_remembered_until_they_are_used_again(owner: Caller) -> None:
    folder = owner.add_node("Folder", "Old")
    tree = owner.state.tree
    owner.state.change_node(folder.node_id, url_name="New")
    assert tree.find("demo", "/Old") is None
    moved = tree.moved("demo", "/Old")
    assert moved
    assert tree.path(moved) == "/New"
    again = owner.add_node("Folder", "Old")
    assert tree.find("demo", "/old") == owner.state.node(again.node_id)
