"""The helper of mount(8): what its options mean, and real mounts through mount(8)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorfs.cli.fstab import translate
from mirrorfs.core.errors import Misuse
from mirrorfs.emulators.cloudinary import Server
from tests.cli.conftest import Shell

HELPER = Path("/sbin/mount.mirrorfs")


def test_what_the_options_of_fstab_mean() -> None:
    options = "rw,_netdev,nofail,noauto,x-systemd.automount,allow_other,uid=1000,umask=077,"
    options += 'cache-dir=/var/a b,cache_size=20G,config=/etc/m.toml,env.TZ=UTC,exclude="*.a,b"'
    call = translate(["cloudinary:", "/mnt/p", "-o", options, "-n", "-t", "mirrorfs"])
    assert call.args == (
        "--no-wait",
        "--allow-other",
        "--uid=1000",
        "--umask=077",
        "--cache-dir=/var/a b",
        "--cache-size=20G",
        "--exclude=*.a,b",
        "--",
        "cloudinary:",
        "/mnt/p",
    )
    assert call.variables == {"MIRRORFS_CONFIG": "/etc/m.toml", "TZ": "UTC"}
    assert not call.is_fake


def test_several_remotes_are_told_apart_by_their_colons() -> None:
    call = translate(["a:My Trip=One b:=Two", "/mnt/p", "-o", "wait,offline", "-v", "-f"])
    assert call.args == ("--verbose", "--offline", "--", "a:My Trip=One", "b:=Two", "/mnt/p")
    assert call.is_fake


@pytest.mark.parametrize("option", ["colour=red", "uid", "offline=yes", "foreground", "remount"])
def test_an_option_that_is_not_known_is_said_unless_asked_to_be_sloppy(option: str) -> None:
    with pytest.raises(Misuse):
        translate(["a:", "/p", "-o", option])
    assert translate(["a:", "/p", "-o", option, "-s"]).args == ("--no-wait", "--", "a:", "/p")


@pytest.fixture
def helper() -> Iterator[Path]:
    """mount(8) looks for its helpers in /sbin alone."""
    if os.geteuid() or HELPER.is_symlink() or not os.access(HELPER.parent, os.W_OK):
        pytest.skip("a link in /sbin is needed")
    HELPER.symlink_to(Path(sys.executable).with_name("mount.mirrorfs"))
    yield HELPER
    HELPER.unlink()


def mount(shell: Shell, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["mount", *args],
        cwd=shell.folder,
        env=shell.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_mount_itself_mounts_and_unmounts(
    shell: Shell, account: Server, point: Path, helper: Path
) -> None:
    del shell.environment["CLOUDINARY_URL"]
    options = f"uid=1234,_netdev,x-systemd.automount,env.CLOUDINARY_URL={account.cloudinary_url}"
    done = mount(shell, "-t", "mirrorfs", "cloudinary:a", str(point), "-o", options)
    assert (done.returncode, done.stderr) == (0, "")
    assert (point / "b/one.txt").read_bytes() == b"first"
    assert (point / "two.txt").stat().st_uid == 1234
    subprocess.run(["umount", point], check=True)
    assert not point.is_mount()


def test_a_line_of_fstab_mounts(shell: Shell, account: Server, point: Path, helper: Path) -> None:
    config = shell.folder / "my config.toml"
    config.write_text(
        '[remotes.family]\ntype = "cloudinary"\ncloud_name = "demo"\napi_key = "key"\n'
        f'api_secret = "a-very-secret-word"\nupload_prefix = "{account.url}"\n'
    )
    config.chmod(0o600)
    del shell.environment["CLOUDINARY_URL"]
    fstab = shell.folder / "fstab"
    spaced = str(config).replace(" ", r"\040")
    fstab.write_text(f"family:a=A\\040family:a/b=B {point} mirrorfs config={spaced},nofail 0 0\n")
    done = mount(shell, "--fstab", str(fstab), str(point))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in point.iterdir()) == ["A", "B"]
    assert (point / "B/one.txt").read_bytes() == b"first"


def test_what_goes_wrong_is_told_through_mount(shell: Shell, helper: Path, point: Path) -> None:
    done = mount(shell, "-t", "mirrorfs", "nobody:", str(point))
    assert done.returncode == 1
    assert "mount.mirrorfs: There is no remote 'nobody'." in done.stderr
