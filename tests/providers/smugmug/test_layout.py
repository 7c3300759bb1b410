"""Directories: whatever the service's names are, each thing has one lawful place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import names, paths
from mirrorfs.providers.smugmug.layout import Inside, Place, picture_files, root_of, unfold
from mirrorfs.providers.smugmug.records import Album, Image, Media, Node, NodeType, Rendition

ROOT_NODE = Node("root", "/api/v2/node/root", NodeType.FOLDER, "", "")
NAMES = st.sampled_from(["a", "A", "a/b", "a/A", "b/a", "..", "", "a//b", "a%2Fb", "é", "e\u0301"])
URL_NAMES = st.sampled_from(["X", "Files-In-This-Folder", "Path-In-Name-1"])


@st.composite
def children(draw: st.DrawFn) -> list[Node]:
    nodes = []
    for number in range(draw(st.integers(0, 8))):
        type_ = draw(st.sampled_from([NodeType.FOLDER, NodeType.ALBUM]))
        album = Album(f"K{number}", f"/api/v2/album/K{number}", 0)
        node = Node(
            f"n{number}",
            f"/api/v2/node/n{number}",
            type_,
            draw(NAMES),
            draw(URL_NAMES),
            added=f"2020-01-0{draw(st.integers(1, 3))}T00:00:00+00:00",
            is_locked=draw(st.booleans()) and draw(st.booleans()),
            album=album if type_ is NodeType.ALBUM else None,
        )
        nodes.append(node)
    return nodes


def everything(nodes: list[Node]) -> list[Inside]:
    found: list[Inside] = []
    waiting = [root_of(ROOT_NODE)]
    while waiting:
        place = waiting.pop()
        found.append(unfold(place, nodes if place.folder is ROOT_NODE else []))
        waiting += found[-1].places.values()
    return found


@given(children(), st.randoms())
def test_each_node_has_one_place_whatever_the_order(nodes: list[Node], random: object) -> None:
    insides = everything(nodes)
    places: list[Place] = [inside.place for inside in insides]
    shown = [one.folder for one in places if one.folder not in (None, ROOT_NODE)]
    shown += [node for inside in insides for node in inside.albums]
    withheld = [path for inside in insides for path in inside.withheld]
    assert len(shown) + len(withheld) == len(nodes)
    found = [place.path for place in places] + withheld
    assert len({names.fold(path) for path in found}) == len(found)
    assert len({place.id for place in places}) == len(places)
    assert all(paths.parse(path) == path for path in found)
    random.shuffle(nodes)  # type: ignore[attr-defined]
    again = {inside.place.path: set(inside.albums) for inside in everything(nodes)}
    assert again == {inside.place.path: set(inside.albums) for inside in insides}


@given(st.lists(st.sampled_from(["a.jpg", "A.JPG", "a", "", "b/c.jpg", ".."]), max_size=8))
def test_files_have_names_of_their_own(file_names: list[str]) -> None:
    media = Media(Rendition.ORIGINAL, "https://x/y", 1, "", "jpg")
    images = [
        Image(f"/i/{number}", "A", f"K{number}", 0, name, "", is_video=False, media=media)
        for number, name in enumerate(file_names)
    ]
    folder = Node("f", "/api/v2/node/f", NodeType.FOLDER, "a.jpg", "A")
    inside = unfold(root_of(ROOT_NODE), [folder])
    files = picture_files(inside, images)
    found = [entry.path for entry in files.entries]
    assert len({names.fold(path) for path in [*found, "a.jpg"]}) == len(images) + 1
    turned = picture_files(inside, images[::-1])
    assert {e.id: e.path for e in turned.entries} == {e.id: e.path for e in files.entries}
