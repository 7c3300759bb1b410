"""What is said of mounts that run, and of those that do not answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mirrorfs import control
from mirrorfs.cli.commands import cli

HUNG = control.Mounted(Path("/a"), "cloud:", 17)
FINE = control.Mounted(Path("/b"), "cloud:x", 18)
SAID = "The mount on /a (process 17) does not answer. End it with: mirrorfs unmount '/a'"


@pytest.fixture(autouse=True)
def mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(folder: Path, verb: str, about: str = "") -> dict[str, Any]:
        if folder == HUNG.mountpoint:
            raise control.NotAnswering(HUNG)
        return {"mountpoint": "/b", "remote": "cloud:x", "pid": 18, "offline": False, "remotes": []}

    monkeypatch.setattr(control, "mounts", lambda: [HUNG, FINE])
    monkeypatch.setattr(control, "ask", ask)


def test_one_that_hangs_is_shown_beside_the_others() -> None:
    done = CliRunner().invoke(cli, ["status"])
    assert done.exit_code == 5
    assert done.stdout == f"{SAID}\n\ncloud:x on /b (process 18)\n"


def test_one_that_is_named() -> None:
    done = CliRunner().invoke(cli, ["status", "/a"])
    assert done.exit_code == 5
    assert done.stdout == f"{SAID}\n"


def test_programs_are_told_the_same() -> None:
    done = CliRunner().invoke(cli, ["status", "--json"])
    assert done.exit_code == 5
    hung, fine = json.loads(done.stdout)
    assert hung == {
        "mountpoint": "/a", "remote": "cloud:", "pid": 17, "remotes": [], "error": SAID
    }  # fmt: skip
    assert fine["pid"] == 18
    assert fine["error"] == ""


def test_all_is_well() -> None:
    assert CliRunner().invoke(cli, ["status", "/b"]).exit_code == 0


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "tree   0 files, 0 folders, 0 B"), (1, "tree   1 file, 1 folder, 1 B"),
     (2, "tree   2 files, 2 folders, 2 B"), (0, "0 files, 0 hits, 0 misses"),
     (1, "1 file, 1 hit, 1 miss"), (2, "2 files, 2 hits, 2 misses")],
)  # fmt: skip
def test_one_is_not_several(monkeypatch: pytest.MonkeyPatch, count: int, said: str) -> None:
    tree = {"files": count, "folders": count, "bytes": count, "listed_at": 0, "error": ""}
    cache = {"files": count, "bytes": 0, "hits": count, "misses": count}
    remote = {
        "name": "",
        "remote": "cloud:x",
        "tree": tree | {"retry_at": 0},
        "cache": cache | {"limits": {"max_bytes": 1}},
        "usage": {"calls": 0, "remaining": None},
    }
    fine = {"mountpoint": "/b", "remote": "cloud:x", "pid": 18, "offline": False}
    monkeypatch.setattr(control, "ask", lambda *_: fine | {"remotes": [remote]})
    lines = CliRunner().invoke(cli, ["status", "/b"]).stdout.splitlines()
    assert any(line.endswith(said) for line in lines)
