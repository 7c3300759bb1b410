"""The ``mirrorsync`` command."""

from __future__ import annotations

from mirrorfs.cli.program import run


def main() -> None:
    """Run the command line."""
    run("mirrorsync", "sync.cli.commands")
