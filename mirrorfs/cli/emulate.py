"""``mirrorfs emulate``: a service on this machine, for trying things out."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from mirrorfs.core.errors import Misuse


@click.group()
def emulate() -> None:
    """Run a service's emulator on this machine; it holds nothing of the real service."""


@emulate.command()
@click.option("--port", type=int, default=0, help="Port on loopback; 0 takes a free one.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the account in this folder; without it, it ends with the emulator.",
)
@click.option(
    "--folder-mode", type=click.Choice(["dynamic", "fixed"]), default="dynamic", show_default=True
)
@click.option("--cloud-name", default="demo", show_default=True)
@click.option("--api-key", default="key", show_default=True)
@click.option("--api-secret", help="Made up when left out.")
@click.option("--hourly-limit", type=int, default=500, show_default=True, help="Admin calls.")
@click.option("--search-lag", type=float, default=0.0, help="Seconds until a change is searchable.")
@click.option("--delay", type=float, default=0.0, help="Seconds added to every answer.")
@click.option("--certfile", type=click.Path(exists=True, path_type=Path), help="Serve TLS.")
@click.option("--keyfile", type=click.Path(exists=True, path_type=Path))
def cloudinary(**options: object) -> None:
    """Run a Cloudinary account on loopback.

    It prints its CLOUDINARY_URL.
    """
    try:
        from mirrorfs.emulators import cloudinary as emulator
    except ImportError as error:
        raise _missing(error) from error
    options["api_secret"] = options["api_secret"] or secrets.token_urlsafe(20)
    account = emulator.Settings(**options)  # type: ignore[arg-type]  # click checked the types
    emulator.serve(account, lambda url: click.echo(f"CLOUDINARY_URL={url}"))


@emulate.command()
@click.option("--port", type=int, default=0, help="Port on loopback; 0 takes a free one.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the account in this folder; without it, it ends with the emulator.",
)
@click.option("--nick", default="demo", show_default=True, help="Nickname of the account.")
@click.option(
    "--api-key", "key", default="key", show_default=True, help="API key of the application."
)
@click.option("--api-secret", "secret", help="Its secret; made up when left out.")
@click.option("--token", default="token", show_default=True, help="An access token it has.")
@click.option("--token-secret", help="Its secret; made up when left out.")
@click.option("--delay", "latency", type=float, default=0.0, help="Seconds before every answer.")
@click.option("--processing-time", type=float, default=0.0, help="Seconds a new video takes.")
@click.option("--quirks", is_flag=True, help="Fill an empty account with what is hard to mirror.")
@click.option("--photos", type=int, default=0, help="Fill it with so many photos, 20 to an album.")
def smugmug(*, quirks: bool, photos: int, **options: object) -> None:
    """Run a SmugMug account on loopback.

    It prints the variables that lead to it.
    """
    try:
        from mirrorfs.emulators import smugmug as emulator
    except ImportError as error:
        raise _missing(error) from error
    for name in ("secret", "token_secret"):
        options[name] = options[name] or secrets.token_urlsafe(20)
    settings = emulator.Settings(**options)  # type: ignore[arg-type]  # click checked the types

    def announce(server: emulator.Server) -> None:
        empty = not server.state.albums(settings.nick)
        if quirks and empty:
            emulator.add_quirks(server.state, settings.nick)
        if photos and empty:
            shape = emulator.Shape(photos // 200, photos // 20 + 1, photos)
            emulator.fill_account(server.state, settings.nick, shape)
        click.echo(server.environment)

    emulator.serve(settings, announce)


def _missing(error: ImportError) -> Misuse:
    return Misuse(f"The emulator needs {error.name}.", "Run: pip install 'mirrorfs[demo]'")
