"""Which names are free in a folder that many write into."""

import unicodedata
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import AlreadyExists, Unsupported
from mirrorfs.core.names import encode, fold
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary.neighbours import Neighbours
from mirrorfs.providers.cloudinary.translate import Asset, parse_asset
from mirrorfs.providers.cloudinary.tree import name_files
from tests.providers.items import item

FOLDER = RemotePath("a/b")
RAW = st.text(st.sampled_from("aAb.~%2F\u0301é\n ßs"), min_size=1, max_size=4)
RAWS = RAW | st.sampled_from(["x" * 300, "é.txt", "e\u0301.txt"])


def asset(id_: str, name: str) -> Asset:
    told = item(asset_id=id_, display_name=name, resource_type="raw", format=None)
    made = parse_asset(told, dynamic=True)
    assert made
    return made


@dataclass
class Folders:
    """A catalogue of one folder; ``asked`` is how often it was listed."""

    assets: list[Asset]
    subs: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def atlas(self) -> "Folders":
        return self

    def names_in(self, _: RemotePath) -> list[str]:
        return self.subs

    def inside(self, _: RemotePath) -> tuple[list[str], list[Asset]]:
        self.asked += 1
        return [], list(self.assets)


def verdict(neighbours: Neighbours, name: str, but: str) -> type[Exception] | None:
    try:
        neighbours.check_free(FOLDER, name, but)
    except (AlreadyExists, Unsupported) as error:
        return type(error)
    return None


@given(
    st.lists(RAWS, max_size=6),
    st.lists(RAWS, max_size=4),
    st.lists(RAW.map(encode).filter(paths.is_lawful), max_size=2, unique_by=fold),
    RAW,
    st.sampled_from(["", "0", "5", "6"]),
)
def test_a_name_is_free_as_the_names_of_all_tell(
    first: list[str], later: list[str], subs: list[str], raw: str, but: str
) -> None:
    assets = [asset(str(number), name) for number, name in enumerate([*first, *later])]
    subs = [unicodedata.normalize("NFC", sub) for sub in subs]
    catalogue = Folders(assets[: len(first)], subs)
    neighbours = Neighbours(catalogue, SystemClock())  # type: ignore[arg-type]
    neighbours.public_ids(FOLDER)
    for one in assets[len(first) :]:
        neighbours.wrote(FOLDER, one)
    neighbours.removed(FOLDER, "1")
    there = name_files(subs, [one for one in assets if one.id != "1"])
    marked = [name for name in there.values() if "~" in name]
    for name in (unicodedata.normalize("NFC", encode(raw)), raw.upper(), *marked):
        taken = [*subs, *(one for id_, one in there.items() if id_ != but)]
        wanted: type[Exception] | None = None
        if fold(name) in map(fold, taken):
            wanted = AlreadyExists if name in taken else Unsupported
        assert verdict(neighbours, name, but) is wanted
    assert catalogue.asked == 1


def test_a_name_beside_many_is_checked_without_naming_them_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    neighbours = Neighbours(Folders([asset("1", "a.jpg")], ["sub"]), SystemClock())  # type: ignore[arg-type]
    named: list[int] = []

    def count(subs: list[str], assets: list[Asset]) -> dict[str, str]:
        named.append(len(assets))
        return name_files(subs, assets)

    monkeypatch.setattr("mirrorfs.providers.cloudinary.neighbours.name_files", count)
    neighbours.check_free(FOLDER, "b.jpg")
    assert named == []
    with pytest.raises(Unsupported):
        neighbours.check_free(FOLDER, "A.JPG")
    with pytest.raises(Unsupported):
        neighbours.check_free(FOLDER, "Sub")
    assert named == [1, 1]
