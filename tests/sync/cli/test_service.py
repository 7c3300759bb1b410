"""Units for schedules and watches, judged by systemd itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.sync.cli.conftest import Shell


@pytest.mark.parametrize(
    "args", [("schedule",), ("watch",), ("watch", "--two-way", "My %n Pictures", "./copy of it")]
)
def test_systemd_accepts_what_is_printed(shell: Shell, args: tuple[str, ...]) -> None:
    (shell.folder / "home").mkdir()
    shown = shell.must("service", "install", args[0], "--print", *args[1:])
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
    for word in args[1:]:
        assert f'"{word.replace("%", "%%")}"' in shown


def test_what_is_wrong_is_said_before_anything_is_written(shell: Shell) -> None:
    install = ("service", "install", "watch")
    shell.environment["CLOUDINARY_URL"] = "cloudinary://k:s@demo"
    assert shell.sync(*install, "pictures", "cloudinary:").returncode == 2
    assert shell.sync(*install, "--whole", "often", "pictures", "x").returncode == 2
    assert not Path(shell.folder, "home/.config").exists()
