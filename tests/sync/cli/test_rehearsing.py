"""Runs into a folder that is not there: made where it was only rehearsed, else missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirrorfs.emulators import smugmug
from tests.sync.cli.conftest import SMUGMUG, Shell, draw, pictures


@pytest.fixture
def local(shell: Shell) -> Path:
    """A folder of pictures."""
    folder = shell.folder / "pictures"
    draw(folder / "Album/red.jpg", "#f00")
    draw(folder / "Album/green.jpg", "#0f0")
    draw(folder / "Other/Ünï.jpg", "#123")
    return folder


@pytest.mark.parametrize("verb", ["copy", "sync", "move"])
@pytest.mark.parametrize("folder", ["Trip", "A/B/C"])
def test_a_folder_that_was_only_rehearsed_is_made_by_the_run(
    shell: Shell, cloud: str, local: Path, verb: str, folder: str
) -> None:
    before = pictures(local)
    for _ in range(2):
        shell.done(verb, local, f"{cloud}{folder}", "-n")
        assert shell.done("lsf", cloud) == ""

    shell.done(verb, local, f"{cloud}{folder}")

    held = shell.done("lsf", "-R", "--files-only", f"{cloud}{folder}").splitlines()
    assert set(held) == set(before)
    assert pictures(local) == ({} if verb == "move" else before)


@pytest.mark.parametrize("verb", ["copy", "copyto", "moveto"])
def test_one_file_that_was_only_rehearsed_is_sent_by_the_run(
    shell: Shell, cloud: str, local: Path, verb: str
) -> None:
    file, folder = local / "Other/Ünï.jpg", f"{cloud}A/B"
    place = folder if verb == "copy" else f"{folder}/{file.name}"
    shell.done(verb, file, place, "-n")
    assert shell.done("lsf", cloud) == ""

    shell.done(verb, file, place)

    assert shell.done("lsf", "-R", folder) == f"{file.name}\n"
    assert file.exists() == (verb != "moveto")


def test_both_ways_a_folder_is_not_made_by_rehearsing(
    shell: Shell, cloud: str, local: Path
) -> None:
    for dry in (["-n"], []):
        assert shell.here("bisync", local, f"{cloud}Trip", *dry).status == 3
    shell.done("mkdir", f"{cloud}Trip")
    shell.done("bisync", local, f"{cloud}Trip", "-n")
    assert shell.done("lsf", f"{cloud}Trip") == ""

    shell.done("bisync", local, f"{cloud}Trip")

    assert shell.here("check", local, f"{cloud}Trip").status == 0


@pytest.mark.parametrize("verb", ["copy", "sync", "bisync"])
def test_a_folder_that_vanished_is_told_of_and_not_made_again(
    shell: Shell, local: Path, verb: str
) -> None:
    with smugmug.Server(SMUGMUG) as server:
        shell.environment.update(pair.split("=", 1) for pair in server.environment.split())
        shell.done("mkdir", "smugmug:Trip")
        shell.done(verb, local, "smugmug:Trip")
        trip = server.state.tree.find("cmac", "/Trip")
        assert trip
        server.state.remove_node(trip.node_id)
        draw(local / "new.jpg", "#ff0")
        before = pictures(local)

        for dry in (["-n"], [], []):
            done = shell.here(verb, local, "smugmug:Trip", *dry)
            assert done.status == 3, done
            assert "There was one at the last run." in done.err

        assert pictures(local) == before
        assert shell.done("lsf", "smugmug:") == ""
