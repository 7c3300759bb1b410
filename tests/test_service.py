"""Units of systemd, judged by systemd itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mirrorfs import service
from mirrorfs.core.errors import Misuse, NotFound, Unsupported
from mirrorfs.service import Unit

LINGER = "show-user --property=Linger --value"
ODD = "a b%n $HOME \"q\" 'x' \\ é;x"


def unit_at(folder: Path) -> Unit:
    program = service.program("mirrorfs")
    return Unit(
        f"mirrorfs-{service.path_name(folder)}",
        f"mirrorfs: cloudinary: on {folder}",
        (*program, "mount", "--foreground", "cloudinary:", str(folder)),
        folder,
        before=(*program, "unmount", str(folder)),
        variables={"MIRRORFS_CONFIG": str(folder / "config.toml")},
    )


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    folder = tmp_path / ODD
    folder.mkdir()
    return folder


def tool(path: Path, name: str, text: str) -> None:
    """Put a program of that name into ``path``."""
    path.mkdir(exist_ok=True)
    (path / name).write_text(f"#!/bin/sh\n{text}\n")
    (path / name).chmod(0o755)


def test_systemd_accepts_a_unit_with_odd_names(odd: Path, tmp_path: Path) -> None:
    unit = unit_at(odd)
    path = tmp_path / f"{unit.name}.service"
    path.write_text(service.text_of(unit))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", path],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", ["/", "/home/u/My Pictures", f"/x/{ODD}", "/.hidden", "/a-b//c"])
def test_names_are_escaped_as_systemd_does(path: str) -> None:
    done = subprocess.run(
        ["systemd-escape", "--path", path], capture_output=True, text=True, check=True
    )
    assert service.path_name(Path(path)) == done.stdout.rstrip("\n")


def test_words_stay_whole() -> None:
    text = service.text_of(unit_at(Path("/p") / ODD))
    (line,) = (line for line in text.splitlines() if line.startswith("ExecStart="))
    assert line.endswith('"cloudinary:" "/p/a b%%n $$HOME \\"q\\" \'x\' \\\\ é;x"')
    assert "Type=notify" in text
    with pytest.raises(Misuse):
        service.text_of(unit_at(Path("/p/two\nlines")))


def test_a_unit_is_written_enabled_shown_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    tool(
        tmp_path / "bin", "systemctl", f'echo "$@" >> {said}; [ "$2" != is-active ] || echo active'
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    unit = unit_at(Path("/p"))
    assert "run: loginctl enable-linger" in service.install(unit)
    path = tmp_path / "config/systemd/user/mirrorfs-p.service"
    assert path.read_text() == service.text_of(unit)
    assert said.read_text().splitlines()[1:] == [
        "--user daemon-reload",
        "--user enable mirrorfs-p.service",
        "--user restart mirrorfs-p.service",
    ]
    assert service.installed("mirrorfs-") == [service.Installed("mirrorfs-p", "active")]
    service.uninstall("mirrorfs-p")
    assert "--user disable --now mirrorfs-p.service" in said.read_text()
    assert service.installed("mirrorfs-") == []
    with pytest.raises(NotFound):
        service.uninstall("mirrorfs-p")
    with pytest.raises(Misuse):
        service.uninstall("../../x")


def test_a_user_whose_services_linger_is_told_that_they_start_with_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path / "bin", "systemctl", "")
    tool(tmp_path / "bin", "loginctl", f'[ "$*" != "{LINGER} {os.getuid()}" ] || echo yes')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert service.install(unit_at(Path("/p"))).endswith("starts with the machine.")


def test_what_systemd_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path / "bin", "systemctl", '[ "$2" != enable ] || { echo no such luck >&2; exit 1; }')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(Misuse, match="no such luck"):
        service.install(unit_at(Path("/p")))


def test_without_a_running_manager_the_next_step_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool(tmp_path / "bin", "systemctl", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert "systemctl --user enable --now 'mirrorfs-p.service'" in service.install(
        unit_at(Path("/p"))
    )
    assert service.installed("mirrorfs-") == [service.Installed("mirrorfs-p", "unknown")]


def test_without_systemd_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(Unsupported, match="no systemd"):
        service.install(unit_at(Path("/p")))
    assert not service.folder().exists()
