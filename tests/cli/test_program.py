"""How a program ends: by Ctrl-C while its modules are imported, and where its words
are not read or cannot be written.

One line or none, no traceback.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

INTERRUPTED_AT = """
import os, signal, sys
from {package} import main

class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Impatient())
sys.argv = ["program", *{args!r}]
main()
"""


@pytest.mark.parametrize(
    ("package", "module", "args"),
    [
        ("mirrorfs.cli", "click", ["--help"]),
        ("mirrorfs.cli", "mirrorfs.cli.commands", ["--help"]),
        ("mirrorfs.cli", "mirrorfs.cli.doctor", ["doctor"]),
        ("sync.cli", "click", ["--help"]),
        ("sync.cli", "sync.cli.looking", ["ls", "."]),
        ("sync.cli", "mirrorfs.providers.local", ["ls", "."]),
    ],
)
def test_ctrl_c_while_modules_are_imported_ends_cleanly(
    package: str, module: str, args: list[str]
) -> None:
    code = INTERRUPTED_AT.format(package=package, module=module, args=args)

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr.strip()) == (130, "", "Stopped.")


@pytest.mark.parametrize("package", ["mirrorfs.cli", "sync.cli"])
def test_nothing_much_is_imported_before_ctrl_c_is_heeded(package: str) -> None:
    code = f"import sys; import {package}; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()

    assert package in loaded
    assert not {"click", "dataclasses", "mirrorfs.core", "sync.model"} & set(loaded)


@pytest.mark.parametrize("both", [False, True], ids=["stdout", "both"])
@pytest.mark.parametrize(
    ("package", "args"),
    [
        ("mirrorfs.cli", ["--help"]),
        ("mirrorfs.cli", ["--version"]),
        ("mirrorfs.cli", ["mount", "--help"]),
        ("mirrorfs.cli", ["doctor"]),
        ("sync.cli", ["--help"]),
        ("sync.cli", ["--version"]),
        ("sync.cli", ["copy", "--help"]),
        ("sync.cli", ["ls", "."]),
        ("sync.cli", ["cat", "file"]),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_where_nobody_reads_it_ends_without_a_word(
    tmp_path: Path, package: str, args: list[str], both: bool
) -> None:
    (tmp_path / "file").write_text("text")

    assert unread(tmp_path, package, args, "both" if both else "stdout") == (141, "", "")


@pytest.mark.parametrize("args", [["nonsense"], ["ls", "none"], ["ls", "--nonsense"]], ids=" ".join)
@pytest.mark.parametrize("package", ["mirrorfs.cli", "sync.cli"])
def test_where_nobody_reads_errors_there_is_no_error_more(
    tmp_path: Path, package: str, args: list[str]
) -> None:
    assert unread(tmp_path, package, args, "stderr") == (141, "", "")


@pytest.mark.parametrize("args", [["--version"], ["ls", "."], ["cat", "file"]], ids=" ".join)
def test_a_full_disk_behind_its_words_is_one_sentence(tmp_path: Path, args: list[str]) -> None:
    (tmp_path / "file").write_text("text")

    with Path("/dev/full").open("w") as full:
        status, _, said = ran(tmp_path, "sync.cli", args, stdout=full, stderr=subprocess.PIPE)

    assert status == 1
    assert said == "mirrorsync: What it says cannot be written: No space left on device.\n"


def unread(folder: Path, package: str, args: list[str], closed: str) -> tuple[int, str, str]:
    """Run a program of which nobody reads ``closed``; return its status and its other words."""
    reading, writing = os.pipe()
    os.close(reading)
    streams = {
        name: writing if closed in {name, "both"} else subprocess.PIPE
        for name in ("stdout", "stderr")
    }
    try:
        return ran(folder, package, args, **streams)
    finally:
        os.close(writing)


def ran(folder: Path, package: str, args: list[str], **streams: Any) -> tuple[int, str, str]:
    code = f"import sys; from {package} import main; sys.argv = ['program', *{args!r}]; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True, timeout=60, check=False, **streams,
    )  # fmt: skip
    return ended.returncode, ended.stdout or "", ended.stderr or ""
