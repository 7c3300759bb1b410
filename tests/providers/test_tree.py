import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.errors import Unsupported
from mirrorfs.core.names import fold
from mirrorfs.providers.cloudinary.translate import Asset, parse_asset
from mirrorfs.providers.cloudinary.tree import Layout, build_folders, name_files, raw_name
from tests.providers.items import item

SEGMENT = st.text(
    st.sampled_from("aAb.~%2Fé\u0301\n\x7f ßs")
    | st.characters(exclude_characters="/", codec="utf-8"),
    min_size=1,
    max_size=6,
) | st.sampled_from(["..", ".", "x" * 300, "e\u0301", "é", "A", "a"])
RAWS = st.lists(st.lists(SEGMENT, min_size=1, max_size=3).map("/".join), max_size=8)
LAYOUTS = [Layout(dynamic=True), Layout(dynamic=False)]


@pytest.mark.parametrize("layout", LAYOUTS, ids=["dynamic", "fixed"])
@given(raws=RAWS)
def test_each_folder_has_one_lawful_path_that_leads_back(layout: Layout, raws: list[str]) -> None:
    folders = build_folders(layout, raws)
    for raw in raws:
        path = folders.path(raw)
        assert path is not None
        assert paths.parse(path) == path
        assert layout.key(folders.raws[path]) == layout.key(raw)
    assert len({fold(path) for path in folders.raws}) == len(folders.raws)
    for path in folders.raws:
        assert paths.parent(path) in folders.raws


@pytest.mark.parametrize("layout", LAYOUTS, ids=["dynamic", "fixed"])
@given(raws=RAWS, random=st.randoms(use_true_random=False))
def test_order_does_not_matter(layout: Layout, raws: list[str], random: object) -> None:
    if layout.dynamic:
        raws = [raw.casefold() for raw in raws]
    shuffled = list(raws)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert build_folders(layout, raws).raws == build_folders(layout, shuffled).raws


def test_case_is_one_folder_in_dynamic_mode_and_two_in_fixed() -> None:
    dynamic = build_folders(Layout(dynamic=True), ["Trip", "trip/inside"])
    assert set(dynamic.raws) == {"", "Trip", "Trip/inside"}
    assert dynamic.path("TRIP/INSIDE") == "Trip/inside"
    fixed = build_folders(Layout(dynamic=False), ["Trip", "trip/inside"])
    assert fixed.path("Trip") != fixed.path("trip")


def test_a_root_hides_what_is_not_below_it() -> None:
    layout = Layout(dynamic=True, root="Me/Photos")
    folders = build_folders(layout, ["me/photos/2020/summer", "me/photos2", "other"])
    assert set(folders.raws) == {"", "2020", "2020/summer"}
    assert folders.path("Me/Photos") == ""
    assert folders.path("other") is None


def asset(id_: str, name: str, created: str = "2020-01-01T00:00:00Z") -> Asset:
    made = parse_asset(
        item(asset_id=id_, display_name=name, resource_type="raw", created_at=created), dynamic=True
    )
    assert made
    return made


def test_folders_come_before_files_and_the_eldest_before_the_younger() -> None:
    named = name_files(
        ["a"],
        [asset("1", "A"), asset("2", "b", "2021-01-01T00:00:00Z"), asset("3", "b")],
    )
    assert named["1"].startswith("A~")
    assert named["3"] == "b"
    assert named["2"].startswith("b~")


@given(st.lists(SEGMENT, max_size=6, unique=True), st.lists(SEGMENT, max_size=4, unique=True))
def test_files_get_lawful_names_beside_folders(files: list[str], subs: list[str]) -> None:
    folders = build_folders(Layout(dynamic=False), subs)
    names = [paths.name(path) for path in folders.raws if path and "/" not in path]
    assets = [asset(f"id{number}", name) for number, name in enumerate(files)]
    named = name_files(names, assets)
    assert named.keys() == {one.id for one in assets}
    taken = [fold(name) for name in [*names, *named.values()]]
    assert len(set(taken)) == len(taken)
    assert all(paths.is_lawful(name) for name in named.values())
    assert name_files(names, reversed(assets)) == named


@pytest.mark.parametrize("name", ["plain.txt", "100%.txt", "é", "%2E%2E", "%0A", "a%2541"])
def test_names_that_can_be_read_back(name: str) -> None:
    from mirrorfs.core.names import encode

    assert unicodedata.normalize("NFC", encode(raw_name(name))) == name


@pytest.mark.parametrize("name", ["%41", "a%2Fb", "a\nb", "%20", "%00"])
def test_names_that_cannot(name: str) -> None:
    with pytest.raises(Unsupported):
        raw_name(name)
