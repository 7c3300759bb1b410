"""Changing config.toml: by several at once, through a link, on a disk that takes nothing."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mirrorfs import config_file
from mirrorfs.core.errors import Misuse

_WRITER = """
import sys
from mirrorfs import config_file
for number in range(25):
    config_file.put_remote(sys.argv[1], {"type": "smugmug", "token": f"{number}"})
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "config.toml"
    monkeypatch.setenv("MIRRORFS_CONFIG", str(path))
    return path


def test_of_several_processes_each_keeps_what_it_wrote(file: Path) -> None:
    names = ["one", "two", "three"]
    running = [subprocess.Popen([sys.executable, "-c", _WRITER, name]) for name in names]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    remotes = tomllib.loads(file.read_text())["remotes"]
    assert {name: remotes[name]["token"] for name in names} == dict.fromkeys(names, "24")
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_link_stays_one_and_only_the_user_reads_the_file(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.toml"
    kept.write_text("# mine\n")
    kept.chmod(0o644)
    file.parent.mkdir()
    file.symlink_to(kept)
    config_file.put_remote("one", {"type": "smugmug", "token": "t"})
    assert file.is_symlink()
    assert kept.read_text().startswith("# mine\n")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_cannot_be_written_stays_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_file.put_remote("one", {"type": "smugmug", "token": "t"})
    before = file.read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Misuse, match="No space left"):
        config_file.put_remote("one", {"type": "smugmug", "token": "other"})
    assert file.read_text() == before
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]
