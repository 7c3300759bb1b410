"""``mirrorfs demo``: see it work on this machine, without an account."""

from __future__ import annotations

import threading
from typing import Literal

import click

from mirrorfs.core.errors import Misuse


@click.command()
@click.option("--once", is_flag=True, help="End by itself instead of staying mounted.")
@click.option(
    "--folder-mode",
    type=click.Choice(["dynamic", "fixed"]),
    default="dynamic",
    show_default=True,
    help="How the embedded Cloudinary account keeps its folders.",
)
def demo(once: bool, folder_mode: Literal["dynamic", "fixed"]) -> None:
    """Fill embedded accounts, mount them side by side, copy all out and prove every byte."""
    try:
        from mirrorfs.demo import show
    except ImportError as error:
        raise Misuse(
            f"The demonstration needs {error.name}.", "Run: pip install 'mirrorfs[demo]'"
        ) from error
    from rich.console import Console

    console = Console(soft_wrap=True)
    with show.performance(console, folder_mode) as stage:
        if once:
            return
        console.print(f"\nExplore it:  ls -R '{stage.mountpoint}'\nCtrl-C ends.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print()
