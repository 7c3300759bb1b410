"""Names of one side that differ in case alone, towards a service that takes them for one."""

from __future__ import annotations

import io

import pytest
from cloudinary import uploader

from mirrorfs.emulators import cloudinary
from tests.sync.cli.conftest import Shell, draw
from tests.sync.cli.scene import Scene

COLOURS = {
    "Trip/PIC.JPG": "red", "Trip/Pic.jpg": "green", "Trip/pic.jpg": "blue",
    "Twins/one.jpg": "black", "twins/one.jpg": "white", "twins/two.jpg": "yellow",
}  # fmt: skip
FIRST = {"Trip/PIC.JPG", "Twins/one.jpg"}
OTHERS = {"Trip/Pic.jpg", "Trip/pic.jpg", "twins/one.jpg", "twins/two.jpg"}


@pytest.fixture
def there(shell: Shell, cloud: str) -> str:
    """Return an empty folder of an account; the folder ``one`` of this machine holds twins."""
    for name, colour in COLOURS.items():
        draw(shell.folder / "one" / name, colour)
    shell.done("mkdir", f"{cloud}There")
    return f"{cloud}There"


def local(shell: Shell) -> dict[str, bytes]:
    place = shell.folder / "one"
    files = (one for one in place.rglob("*") if one.is_file())
    return {one.relative_to(place).as_posix(): one.read_bytes() for one in files}


def far(shell: Shell, there: str) -> set[str]:
    return set(shell.done("lsf", "-R", "--files-only", there).splitlines())


def skipped(text: str) -> set[str]:
    return {line.split()[2] for line in text.splitlines() if line.startswith("? skipped")}


@pytest.mark.parametrize("verb", ["copy", "sync", "bisync"])
def test_the_first_by_name_is_served_and_the_others_are_named(
    shell: Shell, there: str, verb: str
) -> None:
    before = local(shell)
    for number in range(3):
        dry = shell.here(verb, "one", there, "-n")
        assert (dry.status, skipped(dry.out + dry.err)) == (6, OTHERS | {"twins"})
        assert (" new " in dry.out) == (number == 0)
        done = shell.here(verb, "one", there)
        assert (done.status, skipped(done.err)) == (6, OTHERS | {"twins"})
        assert ("copied" in done.err) == (number == 0)
        assert local(shell) == before
        assert far(shell, there) == FIRST


def test_what_is_there_already_under_its_plain_name_is_the_one(shell: Shell, there: str) -> None:
    kept = {"Trip/Pic.jpg", "twins/one.jpg", "twins/two.jpg"}
    for name in sorted(kept):
        shell.done("copyto", f"one/{name}", f"{there}/{name}")

    done = shell.here("sync", "one", there)

    assert done.status == 6
    assert skipped(done.err) == {"Trip/PIC.JPG", "Trip/pic.jpg", "Twins", "Twins/one.jpg"}
    assert far(shell, there) == kept


def test_what_is_not_taken_does_not_leave(shell: Shell, there: str) -> None:
    before = local(shell)
    for _ in range(2):
        done = shell.here("move", "one", there)
        assert (done.status, skipped(done.err)) == (6, OTHERS | {"twins"})
        assert local(shell) == {name: before[name] for name in OTHERS}
        assert far(shell, there) == FIRST


def test_check_says_that_they_are_not_there(shell: Shell, there: str) -> None:
    assert shell.here("copy", "one", there).status == 6

    marks = shell.done("check", "one", there, "--combined", "-", status=1)

    assert set(marks.splitlines()) == {f"= {one}" for one in FIRST} | {f"+ {one}" for one in OTHERS}


def test_a_file_can_change_its_name_in_case_alone(shell: Shell) -> None:
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        shell.fill("one", {"Dir/Pic.txt": "text"})
        shell.done("copy", "one", "cloudinary:There")
        shell.done("bisync", "one", "cloudinary:There")
        (shell.folder / "one/Dir/Pic.txt").rename(shell.folder / "one/Dir/pic.txt")

        shell.done("bisync", "one", "cloudinary:There")

        assert far(shell, "cloudinary:There") == {"Dir/pic.txt"}
        assert shell.held("one") == {"Dir/pic.txt": "text"}


def test_twins_that_the_account_held_before_come_by_the_names_that_it_shows(shell: Shell) -> None:
    account = {"cloud_name": "demo", "api_key": "key", "api_secret": "a-very-secret-word"}
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        for name in ("pic.txt", "PIC.txt"):
            uploader.upload(
                io.BytesIO(name.encode()),
                resource_type="raw",
                asset_folder="Twins",
                display_name=name,
                upload_prefix=server.url,
                **account,
            )
        shown = far(shell, "cloudinary:Twins")
        (shell.folder / "one").mkdir()
        for _ in range(2):
            shell.done("bisync", "one", "cloudinary:Twins")
            assert shell.held("one").keys() == shown == far(shell, "cloudinary:Twins")
        assert set(shell.held("one").values()) == {"pic.txt", "PIC.txt"}
        assert len({name.casefold() for name in shown}) == 2


def test_a_watch_serves_one_of_them_and_renames_nothing(shell: Shell) -> None:
    names = {"Pic.txt": "1", "pic.txt": "2", "Twins/x.txt": "3", "twins/y.txt": "4"}
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        scene = Scene(shell)
        shell.fill("pictures", names)
        with scene.watching("pictures", "cloudinary:"):
            shell.fill("pictures", {"new.txt": "5"})
            scene.wait(lambda: "new.txt" in scene.far())
        assert set(scene.far()) == {"Pic.txt", "Twins/x.txt", "new.txt"}

    assert shell.held("pictures") == names | {"new.txt": "5"}
