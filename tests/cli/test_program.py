"""Ctrl-C before a command has begun, as while its modules are imported: one line, no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
