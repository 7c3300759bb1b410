"""Folders of this machine and accounts of both services, in both directions."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from cloudinary import uploader
from PIL import Image

from mirrorfs.emulators import cloudinary, smugmug
from tests.sync.cli.conftest import SMUGMUG, Shell, draw, pictures

SECRETS = ("a-very-secret-word", "app-secret-zq81", "token-secret-5d")


@pytest.fixture
def local(shell: Shell) -> Path:
    """A folder of pictures."""
    folder = shell.folder / "pictures"
    for name, colour in (("red", "#f00"), ("green", "#0f0"), ("blue", "#00f"), ("grey", "#888")):
        draw(folder / "Album" / f"{name}.jpg", colour)
    draw(folder / "Other/Ünï.jpg", "#123")
    return folder


def test_pictures_go_there_and_back(shell: Shell, cloud: str, local: Path) -> None:
    shell.done("copy", local, f"{cloud}Trip")

    assert shell.done("check", local, f"{cloud}Trip", "--combined", "-").count("= ") == 5
    assert set(shell.done("lsf", "-R", "--files-only", f"{cloud}Trip").splitlines()) == set(
        pictures(shell.folder / "pictures")
    )
    shell.done("sync", f"{cloud}Trip", "back")
    assert pictures(shell.folder / "back") == pictures(shell.folder / "pictures")
    for verb in (["copy", local, f"{cloud}Trip"], ["sync", f"{cloud}Trip", "back"]):
        again = shell.here(*verb, "-v", "--error-on-no-transfer")
        assert again.status == 9, again


def test_both_ways(shell: Shell, cloud: str, local: Path) -> None:
    shell.done("mkdir", f"{cloud}Trip")
    shell.done("bisync", local, f"{cloud}Trip")
    shell.done("sync", f"{cloud}Trip", "elsewhere")

    draw(local / "Album/new.jpg", "#ff0")
    draw(local / "Album/red.jpg", "#f0f")
    (local / "Album/green.jpg").unlink()
    draw(shell.folder / "elsewhere/Album/blue.jpg", "#0ff")
    draw(shell.folder / "elsewhere/Album/theirs.jpg", "#fff")
    shell.done("copy", "elsewhere", f"{cloud}Trip", "--include", "{blue,theirs}.jpg")
    shell.done("bisync", local, f"{cloud}Trip")

    assert shell.done("status", local, f"{cloud}Trip") == "Both sides are alike.\n"
    assert shell.here("check", local, f"{cloud}Trip").status == 0
    names = {Path(name).name for name in pictures(shell.folder / "pictures")}
    assert names == {"new.jpg", "red.jpg", "blue.jpg", "theirs.jpg", "grey.jpg", "Ünï.jpg"}
    theirs = (shell.folder / "elsewhere/Album/blue.jpg").read_bytes()
    assert (local / "Album/blue.jpg").read_bytes() == theirs


def test_a_conflict_keeps_both_and_is_shown_side_by_side(
    shell: Shell, cloud: str, local: Path
) -> None:
    shell.done("mkdir", f"{cloud}Trip")
    shell.done("bisync", local, f"{cloud}Trip")
    shell.done("copy", f"{cloud}Trip", "elsewhere")
    draw(shell.folder / "elsewhere/Album/red.jpg", "#111")
    shell.done("copy", "elsewhere", f"{cloud}Trip")
    draw(local / "Album/red.jpg", "#222")
    mine = (local / "Album/red.jpg").read_bytes()
    theirs = (shell.folder / "elsewhere/Album/red.jpg").read_bytes()

    shell.done("bisync", local, f"{cloud}Trip", "--report", "run.html")

    held = pictures(shell.folder / "pictures")
    assert held["Album/red.jpg"] == theirs
    assert mine in held.values()
    assert shell.here("check", local, f"{cloud}Trip").status == 0
    page = (shell.folder / "run.html").read_text()
    (card,) = page.split('<article class="conflict">')[1:]
    assert card.split("</article>")[0].count("<img src=") == 2


def test_what_the_cloud_loses_is_in_the_trash_and_comes_back(
    shell: Shell, cloud: str, local: Path
) -> None:
    shell.done("sync", local, f"{cloud}Trip")
    gone = (local / "Album/red.jpg").read_bytes()
    (local / "Album/red.jpg").unlink()

    shell.done("sync", local, f"{cloud}Trip")
    assert "red.jpg" not in shell.done("lsf", "-R", f"{cloud}Trip")
    shell.done("trash", "restore", "red.jpg")

    shell.done("copyto", f"{cloud}Trip/Album/red.jpg", "one.jpg")
    assert (shell.folder / "one.jpg").read_bytes() == gone


def test_one_file_there_and_back(shell: Shell, cloud: str, local: Path) -> None:
    shell.done("copyto", local / "Album/red.jpg", f"{cloud}Trip/Deep/other.jpg")
    shell.done("moveto", f"{cloud}Trip/Deep/other.jpg", "back/red.jpg")

    assert (shell.folder / "back/red.jpg").read_bytes() == (local / "Album/red.jpg").read_bytes()
    assert shell.done("lsf", "-R", "--files-only", f"{cloud}Trip") == ""


def test_a_rename_sends_no_bytes(shell: Shell, cloud: str, local: Path) -> None:
    shell.done("sync", local, f"{cloud}Trip")
    (local / "Album/red.jpg").rename(local / "Other/red.jpg")

    shell.done("sync", local, f"{cloud}Trip", "--report", "run.json")
    told = json.loads((shell.folder / "run.json").read_text())

    assert [one["kind"] for one in told["actions"] if one["kind"] != "adopted"] == ["moved"]
    assert told["figures"]["bytes_to_path2"] == 0
    assert shell.here("check", local, f"{cloud}Trip").status == 0


def test_listings_of_a_cloud(shell: Shell, cloud: str, local: Path) -> None:
    shell.done("copy", local, f"{cloud}Trip")

    items = json.loads(shell.done("lsjson", "-R", "--hash", f"{cloud}Trip"))
    files = {item["Path"]: item for item in items if not item["IsDir"]}
    assert set(files) == set(pictures(shell.folder / "pictures"))
    assert all(len(item["Hashes"]["md5"]) == 32 and item["ID"] for item in files.values())
    assert json.loads(shell.done("size", "--json", f"{cloud}Trip"))["count"] == 5
    assert "Total objects: 5" in shell.done("size", f"{cloud}Trip")
    assert shell.done("lsf", f"{cloud}Trip").splitlines() == ["Album/", "Other/"]
    assert shell.here("about", cloud).status == 0
    assert shell.here("ls", f"{cloud}None").status == 3
    assert shell.done("dedupe", f"{cloud}Trip") == ""


def test_no_secret_is_ever_said(shell: Shell, cloud: str, local: Path) -> None:
    for args in (
        ["copy", local, f"{cloud}Trip", "-vv", "--json", "--report", "run.json"],
        ["bisync", local, f"{cloud}Trip", "-vv", "--log-file", "run.log", "--report", "run.html"],
        ["ls", f"{cloud}None"],
    ):
        done = shell.here(*args)
        for secret in SECRETS:
            assert secret not in done.out + done.err
    for name in ("run.json", "run.log", "run.html"):
        text = (shell.folder / name).read_text()
        assert not any(secret in text for secret in SECRETS)


def test_from_one_cloud_to_the_other(shell: Shell, local: Path) -> None:
    with (
        cloudinary.Server(cloudinary.Settings(cloud_name="demo", api_secret="x" * 20)) as one,
        smugmug.Server(SMUGMUG) as two,
    ):
        shell.environment["CLOUDINARY_URL"] = one.cloudinary_url
        shell.environment.update(pair.split("=", 1) for pair in two.environment.split())
        shell.done("copy", local, "cloudinary:Trip")
        shell.done("copy", "cloudinary:Trip", "smugmug:Trip")
        shell.done("check", "cloudinary:Trip", "smugmug:Trip")
        shell.done("copy", "smugmug:Trip", "back")

    assert pictures(shell.folder / "back") == pictures(shell.folder / "pictures")


def test_a_service_that_is_down_changes_nothing(shell: Shell, local: Path) -> None:
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        shell.done("sync", local, "cloudinary:Trip")
    before = pictures(shell.folder / "pictures")

    done = shell.here("sync", "cloudinary:Trip", local, "--retries", "1")

    assert done.status == 5
    assert pictures(shell.folder / "pictures") == before


@pytest.mark.parametrize("limit", [2, 12])
def test_a_used_up_quota_ends_with_its_own_status_when_nobody_waits(
    shell: Shell, local: Path, limit: int
) -> None:
    settings = cloudinary.Settings(
        cloud_name="demo", api_secret="a-very-secret-word", hourly_limit=limit
    )
    before = pictures(shell.folder / "pictures")
    with cloudinary.Server(settings) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        up = shell.here("sync", local, "cloudinary:Trip", "--no-wait")
        down = shell.here("sync", "cloudinary:", local, "--no-wait", "--force")

    for done in (up, down):
        assert done.status == 11
        assert "The quota is there again at 20" in done.err
    assert pictures(shell.folder / "pictures") == before


def test_what_is_too_large_for_the_trash_is_not_deleted(shell: Shell, local: Path) -> None:
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        shell.done("sync", local, "cloudinary:Trip")
        (local / "Album/red.jpg").unlink()

        done = shell.here("sync", local, "cloudinary:Trip", "--trash-max-size", "10b")
        assert done.status == 1
        assert "too large for the trash" in done.err
        assert "red.jpg" in shell.done("lsf", "-R", "cloudinary:Trip")
        shell.done("sync", local, "cloudinary:Trip", "--no-trash")
        assert "red.jpg" not in shell.done("lsf", "-R", "cloudinary:Trip")
        assert shell.done("trash", "list") == ""


def test_twins_get_names_of_their_own(shell: Shell) -> None:
    account = {"cloud_name": "demo", "api_key": "key", "api_secret": "a-very-secret-word"}
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        for body in (b"first", b"second"):
            uploader.upload(
                io.BytesIO(body),
                resource_type="raw",
                asset_folder="Twins",
                display_name="pic.txt",
                upload_prefix=server.url,
                **account,
            )

        told = shell.done("dedupe", "cloudinary:Twins")
        assert told.startswith("2 × pic.txt\n    pic.txt")
        would = shell.done("dedupe", "cloudinary:Twins", "--dedupe-mode", "rename", "-n")
        assert "would become pic-1.txt" in would
        shell.done("dedupe", "cloudinary:Twins", "--dedupe-mode", "rename")

        assert shell.done("lsf", "cloudinary:Twins").splitlines() == ["pic-1.txt", "pic.txt"]
        assert shell.done("dedupe", "cloudinary:Twins") == ""
        assert shell.done("dedupe", "--by-hash", "cloudinary:") == ""


def test_where_names_cannot_change_twins_stay_as_they_are(shell: Shell) -> None:
    with smugmug.Server(SMUGMUG) as server:
        shell.environment.update(pair.split("=", 1) for pair in server.environment.split())
        state = server.state
        album = state.create_node(state.user("cmac").root, "Album", "Twins", privacy="Private")
        assert album.album_key
        for colour in ("#100", "#200"):
            body = io.BytesIO()
            Image.new("RGB", (8, 8), colour).save(body, "JPEG")
            state.add_image(album.album_key, "pic.jpg", body.getvalue())

        done = shell.here("dedupe", "smugmug:Twins", "--dedupe-mode", "rename")

        assert done.status == 1
        assert "SmugMug cannot change the name" in done.err
        assert len(shell.done("lsf", "smugmug:Twins").splitlines()) == 2


def test_notes_of_an_upload_tool_are_taken_over(shell: Shell, local: Path) -> None:
    with cloudinary.Server(
        cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
    ) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        shell.done("copy", local, "cloudinary:Trip")
        items = json.loads(shell.done("lsjson", "-R", "--files-only", "cloudinary:Trip"))
        notes = {
            "source_path": str(local),
            "successful_uploads": {
                str(local / "Album/red.jpg"): {"public_id": "none", "cloudinary_url": ""},
            },
        }
        (shell.folder / "cache.json").write_text(json.dumps(notes))
        done = shell.here("manifest", "import", "cache.json", local, "cloudinary:Trip")

    assert len(items) == 5
    assert done.status == 0
    assert "There is no single asset 'none'." in done.err
    assert "0 paths" in done.err
