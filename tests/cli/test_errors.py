"""Wrong input: one clear sentence, its own exit status, no traceback, no secret."""

from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server
from tests.cli.conftest import Shell


def complaint(shell: Shell, status: int, *args: str) -> str:
    run = shell.run(*args)
    assert run.returncode == status, run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "CLOUDINARY_CLOUD_NAME"),
        ({"CLOUDINARY_CLOUD_NAME": "c", "CLOUDINARY_API_KEY": "k"}, "CLOUDINARY_API_SECRET"),
        ({"CLOUD_NAME": "c", "API_SECRET": "s"}, "API_KEY"),
        ({"CLOUDINARY_URL": "cloudinary://k@c"}, "CLOUDINARY_URL"),
        ({"CLOUDINARY_URL": "https://k:s@c"}, "CLOUDINARY_URL"),
    ],
)
def test_missing_credentials_are_named(
    shell: Shell, tmp_path: Path, environment: dict[str, str], missing: str
) -> None:
    shell.environment |= environment
    (tmp_path / "m").mkdir()
    assert missing in complaint(shell, 2, "mount", "cloudinary:", "m")


def test_wrong_secret_is_told_at_the_first_answer(
    shell: Shell, server: Server, tmp_path: Path
) -> None:
    url = server.cloudinary_url.replace("a-very-secret-word", "another-secret")
    shell.environment["CLOUDINARY_URL"] = url
    (tmp_path / "m").mkdir()
    said = complaint(shell, 7, "mount", "cloudinary:", "m")
    assert "api_secret mismatch" in said
    assert "another-secret" not in said


def test_service_that_is_not_there(shell: Shell, tmp_path: Path) -> None:
    shell.environment["CLOUDINARY_URL"] = "cloudinary://k:s@c?upload_prefix=http://127.0.0.1:9"
    (tmp_path / "m").mkdir()
    complaint(shell, 5, "mount", "cloudinary:", "m")


@pytest.mark.parametrize(
    "args",
    [
        ("mount", "cloudinary", "m"),
        ("mount", "nope:", "m"),
        ("mount", "cloudinary:../x", "m"),
        ("mount", "cloudinary:", "m", "--cache-size", "huge"),
        ("mount", "cloudinary:", "m", "--umask", "9"),
        ("mount", "cloudinary:"),
        ("frobnicate",),
        ("config", "remove", "nope"),
        ("config", "set", "a/b", "--cloud-name=c", "--api-key=k", "--api-secret=s"),
        ("config", "set", "x", "--type=smugmug", "--cloud-name=c", "--api-key=k"),
    ],
)
def test_misuse(shell: Shell, args: tuple[str, ...]) -> None:
    complaint(shell, 2, *args)


def test_a_mount_without_a_mountpoint_says_so(shell: Shell) -> None:
    said = complaint(shell, 2, "mount", "cloudinary:")
    assert "A remote or a mountpoint is missing beside 'cloudinary:'." in said


def test_a_command_that_is_none_names_the_one_that_may_be_meant(shell: Shell) -> None:
    assert "No such command 'mont'. Is 'mount' meant?" in complaint(shell, 2, "mont")


@pytest.mark.parametrize("verb", ["status", "refresh"])
def test_no_such_mount(shell: Shell, verb: str) -> None:
    assert "No mount is running" in complaint(shell, 3, verb, "/nowhere")


def test_unmount_of_nothing(shell: Shell) -> None:
    complaint(shell, 12, "unmount", "/nowhere")
