from __future__ import annotations

from itertools import pairwise

from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.paths import RemotePath, parse
from sync.aside import aside, is_aside
from sync.model import Action, Copy, MakeFolder, Move, Remove, Side
from sync.ordering import order, stages


def file(path: str) -> Entry:
    return Entry(parse(path), Kind.FILE, path, "1", 1)


def move(path: str, to: str, side: Side = Side.TWO) -> Move:
    return Move(side, file(path), parse(to), file(to), parse(to))


def copy(path: str, side: Side = Side.TWO) -> Copy:
    return Copy(side, file(path), parse(path), None, parse(path))


def remove(path: str, side: Side = Side.TWO) -> Remove:
    return Remove(side, file(path), parse(path))


def told(actions: tuple[Action, ...]) -> list[str]:
    return [f"{type(one).__name__} {_path(one)}" for one in actions]


def _path(action: Action) -> str:
    match action:
        case Move(entry=entry, path=path):
            return f"{entry.path} {path}"
        case Remove(entry=entry):
            return entry.path
        case Copy(path=path) | MakeFolder(path=path):
            return path
    raise AssertionError(action)


def test_folders_moves_copies_removals_deepest_last() -> None:
    given = [
        Remove(Side.TWO, folder(parse("old")), parse("old")),
        Remove(Side.TWO, folder(parse("old/deep")), parse("old/deep")),
        remove("old/deep/a.jpg"),
        copy("new/deep/b.jpg"),
        move("c.jpg", "new/c.jpg"),
        MakeFolder(Side.TWO, parse("new/deep")),
        MakeFolder(Side.TWO, parse("new")),
    ]
    assert told(order(given)) == [
        "MakeFolder new",
        "MakeFolder new/deep",
        "Move c.jpg new/c.jpg",
        "Copy new/deep/b.jpg",
        "Remove old/deep/a.jpg",
        "Remove old/deep",
        "Remove old",
    ]


def test_moves_wait_for_their_place() -> None:
    done = told(order([move("a", "b"), move("b", "c"), move("c", "d")]))
    assert done == ["Move c d", "Move b c", "Move a b"]


def test_chain_of_20_000_moves() -> None:
    names = [f"{number:05}" for number in range(20_000)]
    done = order([move(old, new) for old, new in pairwise(names)])
    assert [one.path for one in done if isinstance(one, Move)] == names[:0:-1]


def test_ring_of_moves_is_broken_by_one_step_aside() -> None:
    done = order([move("a", "b"), move("b", "c"), move("c", "a")])
    place = aside(parse("a"), RemotePath(""))
    assert told(done) == [f"Move a {place}", "Move c a", "Move b c", f"Move {place} b", "Move a a"]
    assert [one.partner is None for one in done if isinstance(one, Move)] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_what_a_move_takes_the_place_of_goes_first() -> None:
    assert told(order([move("a", "b"), remove("b")])) == ["Remove b", "Move a b"]


def test_file_steps_aside_for_a_folder() -> None:
    partner = folder(parse("x"))
    given = [remove("x"), MakeFolder(Side.TWO, parse("x"), partner), copy("x/a.jpg")]
    done = order(given)
    place = aside(parse("x"), RemotePath(""))
    assert told(done) == [
        f"Move x {place}",
        "MakeFolder x",
        "Copy x/a.jpg",
        f"Remove {place}",
        "MakeFolder x",
    ]
    assert [one.partner for one in done if isinstance(one, MakeFolder)] == [None, partner]


def test_folder_gives_way_to_a_file() -> None:
    given = [
        Remove(Side.TWO, folder(parse("x")), parse("x")),
        remove("x/a.jpg"),
        move("x/b.jpg", "b.jpg"),
        copy("x"),
    ]
    first, second = (aside(parse(path), RemotePath("")) for path in ("x/b.jpg", "x/a.jpg"))
    assert told(order(given)) == [
        f"Move x/b.jpg {first}",
        f"Move x/a.jpg {second}",
        "Remove x",
        f"Move {first} b.jpg",
        "Copy x",
        f"Remove {second}",
    ]


def test_stages_hold_what_may_be_done_at_once() -> None:
    given = (
        MakeFolder(Side.ONE, parse("a")),
        MakeFolder(Side.ONE, parse("b")),
        MakeFolder(Side.ONE, parse("a/c")),
        move("3", "4"),
        move("1", "2"),
        move("2", "3"),
        move("2", "3", Side.ONE),
        copy("p"),
        copy("q"),
        remove("r"),
    )
    assert [len(stage) for stage in stages(given)] == [2, 1, 2, 2, 2, 1]
    assert [one for stage in stages(given) for one in stage] == list(given)
    assert list(stages(())) == []


def test_names_aside() -> None:
    for path in ("a.jpg", "d/none", "d/.hidden", f"{'ü' * 127}", f"{'x' * 200}.{'y' * 54}"):
        place = aside(parse(path), parse("where"))
        assert is_aside(place)
        assert not is_aside(parse(path))
        assert parse(place) == place
        assert place.startswith("where/")
    assert aside(parse("a/x.jpg"), RemotePath("")) != aside(parse("b/x.jpg"), RemotePath(""))
    assert aside(parse("x.jpg"), RemotePath("")).endswith(".jpg")
