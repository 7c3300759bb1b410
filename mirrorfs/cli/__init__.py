"""The ``mirrorfs`` command."""

from __future__ import annotations

from mirrorfs.cli.program import run


def main() -> None:
    """Run the command line."""
    run("mirrorfs", "mirrorfs.cli.commands")
