"""Units for schedules, watches and mounts, judged by systemd itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sync.cli.conftest import Shell


def judge(shell: Shell, shown: str) -> None:
    """Have systemd say that it accepts a unit."""
    (shell.folder / "home").mkdir(exist_ok=True)
    path = shell.folder / "shown.service"
    path.write_text(shown)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", path],
        env={**shell.environment, "XDG_RUNTIME_DIR": str(shell.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "args", [("schedule",), ("watch",), ("watch", "--two-way", "My %n Pictures", "./copy of it")]
)
def test_systemd_accepts_what_is_printed(shell: Shell, args: tuple[str, ...]) -> None:
    shown = shell.must("service", "install", args[0], "--print", *args[1:])
    judge(shell, shown)
    for word in args[1:]:
        assert f'"{word.replace("%", "%%")}"' in shown


def test_what_is_wrong_is_said_before_anything_is_written(shell: Shell) -> None:
    install = ("service", "install", "watch")
    shell.environment["CLOUDINARY_URL"] = "cloudinary://k:s@demo"
    assert shell.sync(*install, "pictures", "cloudinary:").returncode == 2
    assert shell.sync(*install, "--whole", "often", "pictures", "x").returncode == 2
    assert not Path(shell.folder, "home/.config").exists()


def test_a_mount_is_the_unit_that_mirrorfs_writes(shell: Shell) -> None:
    config = shell.folder / "config.toml"
    config.write_text(
        '[remotes.family]\ntype = "cloudinary"\ncloud_name = "demo"\n'
        'api_key = "key"\napi_secret = "a-very-secret-word"\n'
    )
    config.chmod(0o600)
    args = ("service", "install", "mount", "--print", "--umask", "077", "family:x y", "My Drive")
    shown = shell.must(*args)
    theirs = subprocess.run(
        [sys.executable, "-m", "mirrorfs", *args],
        cwd=shell.folder,
        env={**shell.environment, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown == theirs.stdout
    assert '"-m" "mirrorfs" "mount" "--foreground" "--umask" "077" "family:x y" "My Drive"' in shown
    assert "secret" not in shown
    judge(shell, shown)
    assert shell.sync("service", "install", "mount", "nobody:", "x").returncode == 2


def test_what_either_program_installed_is_shown_and_removed(shell: Shell) -> None:
    units = shell.folder / "home/.config/systemd/user"
    units.mkdir(parents=True)
    shell.environment["XDG_CONFIG_HOME"] = str(units.parents[1])
    for name in ("mirrorfs-drive", "mirrorsync-schedule", "other"):
        (units / f"{name}.service").write_text("[Service]\nExecStart=/bin/true\n")
    shell.environment["PATH"] = str(shell.folder)  # no systemctl there
    shown = shell.must("service", "status").split()
    assert shown == ["unknown", "mirrorsync-schedule", "unknown", "mirrorfs-drive"]
    shell.must("service", "uninstall", "mirrorfs-drive")
    shell.must("service", "uninstall", "mirrorsync-schedule.service")
    assert shell.sync("service", "uninstall", "other").returncode == 2
    assert [path.name for path in units.iterdir()] == ["other.service"]
