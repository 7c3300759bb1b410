"""A Cloudinary and a SmugMug account in one mount, on which one has signed in."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server as CloudinaryServer
from mirrorfs.emulators.smugmug import Server, Settings
from tests.cli.conftest import Shell

SETTINGS = Settings(
    nick="cmac",
    key="app-key-71",
    secret="app-secret-zq81",
    token="the-token-9c2",
    token_secret="token-secret-5d",
)


@pytest.fixture
def smugmug(shell: Shell) -> Iterator[Server]:
    """An account with one album, set in the environment of ``shell``."""
    with Server(SETTINGS) as server:
        state = server.state
        root = state.user("cmac").root
        folder = state.create_node(root, "Folder", "Travel", privacy="Private")
        album = state.create_node(folder.node_id, "Album", "Norge", privacy="Private")
        assert album.album_key
        picture = b"\xff\xd8\xff\xe0 a fjord"
        state.add_image(
            album.album_key,
            "fjord.jpg",
            picture,
            title="A fjord",
            caption="Seen from Å",
            keywords=("sea", "summer"),
            latitude=67.88,
            longitude=12.98,
            taken="2024-06-24T09:15:00",
        )
        shell.environment |= dict(pair.split("=", 1) for pair in server.environment.split())
        yield server


def fact(path: Path, name: str) -> str:
    return os.getxattr(path, f"user.mirrorfs.{name}").decode()


@pytest.fixture
def mounted(shell: Shell, account: CloudinaryServer, smugmug: Server, point: Path) -> Path:
    shell.must("mount", "-vv", "cloudinary:=Cloudinary", "smugmug:=SmugMug", point)
    return point


def test_both_are_read(mounted: Path) -> None:
    assert (mounted / "Cloudinary/three.txt").read_bytes() == b"third"
    assert (mounted / "SmugMug/Travel/Norge/fjord.jpg").read_bytes() == b"\xff\xd8\xff\xe0 a fjord"


def test_what_people_wrote_is_shown(mounted: Path) -> None:
    picture = mounted / "SmugMug/Travel/Norge/fjord.jpg"
    assert fact(picture, "title") == "A fjord"
    assert fact(picture, "caption") == "Seen from Å"
    assert fact(picture, "keywords") == "sea; summer"
    assert fact(picture, "taken") == "2024-06-24T09:15:00"
    assert float(fact(picture, "latitude")) == pytest.approx(67.88)
    assert float(fact(picture, "longitude")) == pytest.approx(12.98)


def test_cloudinary_is_served_when_smugmug_dies(
    shell: Shell, mounted: Path, smugmug: Server
) -> None:
    smugmug.stop()
    refreshed = shell.run("refresh", mounted)
    assert refreshed.returncode == 5
    assert "cloudinary:=Cloudinary: nothing changed" in refreshed.stdout
    assert (mounted / "Cloudinary/a/b/one.txt").read_bytes() == b"first"
    assert (mounted / "SmugMug/Travel/Norge/fjord.jpg").stat().st_size == 12
    with pytest.raises(OSError, match="Input/output"):
        (mounted / "SmugMug/Travel/Norge/fjord.jpg").read_bytes()


def test_no_secret_is_told_anywhere(
    shell: Shell, mounted: Path, smugmug: Server, tmp_path: Path
) -> None:
    (mounted / "SmugMug/Travel/Norge/fjord.jpg").read_bytes()
    smugmug.stop()
    refreshed = shell.run("refresh", mounted)
    told = refreshed.stdout + refreshed.stderr + shell.must("status", "--json")
    told += shell.must("config") + shell.must("about", "cloudinary:")
    told += "".join(log.read_text() for log in tmp_path.rglob("mirrorfs.log"))
    kept = [path for path in (tmp_path / "cache").rglob("*.sqlite*") if path.is_file()]
    assert kept
    secrets = (SETTINGS.secret, SETTINGS.token, SETTINGS.token_secret, "a-very-secret-word")
    for secret in secrets:
        assert secret not in told
        assert not any(secret.encode() in path.read_bytes() for path in kept)


def test_somebodys_public_account_needs_no_signing_in(
    shell: Shell, smugmug: Server, point: Path
) -> None:
    root = smugmug.state.user("cmac").root
    album = smugmug.state.create_node(root, "Album", "Public", privacy="Public")
    smugmug.state.add_image(album.album_key or "", "seen.jpg", b"\xff\xd8\xff\xe0 seen")
    for name in ("SMUGMUG_API_SECRET", "SMUGMUG_TOKEN", "SMUGMUG_TOKEN_SECRET"):
        del shell.environment[name]
    shell.must("mount", "smugmug:@cmac", point)
    shown = {path.relative_to(point).as_posix() for path in point.rglob("*")}
    assert shown == {"Public", "Public/seen.jpg"}
    assert (point / "Public/seen.jpg").read_bytes() == b"\xff\xd8\xff\xe0 seen"
    assert json.loads(shell.must("about", "smugmug:@cmac", "--json"))["user"] == "cmac"
    assert "smugmug:@cmac: cmac answers, 1 folder and 0 files" in shell.must(
        "doctor", "smugmug:@cmac"
    )


@pytest.mark.parametrize("verb", ["about", "mount"])
@pytest.mark.usefixtures("smugmug")
def test_an_account_that_is_none_is_named(shell: Shell, point: Path, verb: str) -> None:
    run = shell.run(verb, "smugmug:@nobody", *([point] if verb == "mount" else []))
    assert run.returncode == 3
    assert run.stderr == "mirrorfs: SmugMug shows no account 'nobody'.\n"


def test_nothing_set_says_what_is_missing(shell: Shell, point: Path) -> None:
    run = shell.run("mount", "smugmug:", point)
    assert run.returncode == 2
    assert "SMUGMUG_API_KEY" in run.stderr
    assert "mirrorfs login smugmug" in run.stderr
