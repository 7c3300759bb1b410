"""Moves that are killed at a step, and what must hold after the next one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mirrorfs.core.paths import parse
from sync.ends import End
from sync.model import Result
from sync.oneway import Rules
from sync.single import single
from tests.sync.crashes import Scene, kept, killed_at
from tests.sync.emulated import Service, edit, memory_folder, put, remove, seen, serve
from tests.sync.sides import left_over, local, state_of

COPY, MOVE = Rules(), Rules(tells_equal=True)
COPIED = ("agreed.jpg", "edited here.jpg", "edited there.jpg", "dir/edited both.jpg", "gone.jpg")
NEW = ("new.jpg", "dir/new.jpg", "dir/deep/er/new.jpg", "other/new.jpg")
EQUAL = ("equal.jpg", "dir/equal.jpg", "both/equal.jpg")
DIFFERENT = ("different.jpg", "dir/different.jpg", "both/different.jpg")
TWIN, SINGLE = 90, 91
"""Shades: of two new files that are the same, and of what the second side alone has."""


def begin(verb: str, service: Service, place: Path) -> Scene:
    """Copy some files, then have on both sides whatever a move may find there."""
    service.end("").target.mkdir(parse(place.name))
    one, state = local(place / "one"), state_of(place)
    scene = Scene(verb, one, lambda: service.end(place.name), state, COPY)
    source, dest = scene.ends()
    for shade, path in enumerate(COPIED):
        put(source, path, shade)
    scene.run()
    source, dest = scene.ends()
    for end, more, path in ((source, 10, "edited here.jpg"), (dest, 20, "edited there.jpg")):
        edit(end, path, more)
        edit(end, "dir/edited both.jpg", more + 1)
    remove(dest, "gone.jpg")
    for shade, path in enumerate(NEW + EQUAL + DIFFERENT, 30):
        put(source, path, shade)
    for shade, path in enumerate(EQUAL, 30 + len(NEW)):
        put(dest, path, shade)
    for shade, path in enumerate(DIFFERENT, 70):
        put(dest, path, shade)
    put(source, "twin 1.jpg", TWIN)
    put(source, "dir/twin 2.jpg", TWIN)
    put(dest, "dir/single.jpg", SINGLE)
    return replace(scene, rules=MOVE)


def begin_file(verb: str, service: Service, place: Path) -> Scene:
    """Have one file alone on both sides, in two versions, and others around it."""
    service.end("").target.mkdir(parse(place.name))
    one, state = local(place / "one"), state_of(place)
    for shade, end in enumerate((one, service.end(place.name))):
        put(end, "file.jpg", shade)
        put(end, "other.jpg", 10 + shade)
    return Scene(verb, alone(one), lambda: alone(service.end(place.name)), state, MOVE)


def alone(end: End) -> End:
    """Return the file of a folder as a side of its own."""
    path = parse("file.jpg")
    return replace(end, target=single(end.target, path, path), key=f"{end.key}//{path}")


Begin = Callable[[str, Service, Path], Scene]


def kill(begin: Begin, name: str, verb: str, first: int, stride: int) -> int:
    """Kill a move at each ``stride``-th of its steps; return how often that was."""
    with serve(name) as service, memory_folder() as folder:
        for done in itertools.count():
            service.clear()
            last = first + done * stride
            place = folder / f"killed at {last}"
            was_killed = check_killed(begin(verb, service, place), last)
            there = files(service.end(place.name))
            assert service.held() == len(there), f"step {last}: something else is there"
            assert left_over(folder) == [], f"step {last}: {left_over(folder)} are left"
            if not was_killed:
                return done
    raise AssertionError


def check_killed(scene: Scene, last: int) -> bool:
    """Kill a move at a step, have the next one go on, and look whether anything is lost or left.

    Return ``False`` when the move had fewer steps.
    """
    had, there = map(files, scene.ends())
    before, wanted = {*had.values(), *there.values()}, there | had

    def lost() -> set[bytes]:
        held = (data for end in scene.ends() for data in files(end).values())
        return before - {*held} - kept(scene.state)

    was_killed = killed_at(last, scene.run) is None
    assert not lost(), f"step {last}: the crash lost something"
    report = scene.run()
    failed = [str(one) for one in report.outcomes if one.result is not Result.DONE]
    assert not failed, f"step {last}: the next move says {failed}"
    assert report.plan.skips == (), f"step {last}: the next move says {report.plan.skips}"
    left, moved = map(files, scene.ends())
    assert left == {}, f"step {last}: {sorted(left)} did not leave"
    assert moved == wanted, f"step {last}: {sorted(moved)} is not {sorted(wanted)}"
    assert not lost(), f"step {last}: the next move lost something"
    more = scene.run().plan.actions
    assert more == (), f"step {last}: a further move does {more}"
    return was_killed


def files(end: End) -> dict[str, bytes]:
    """Return path → picture."""
    return {path: data for path, data in seen(end).items() if path[-1] != "/"}
