"""``mirrorfs emulate``: a service on this machine, for trying things out."""

from __future__ import annotations

import errno
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mirrorfs.core.errors import Misuse

PORT = click.IntRange(0, 65535)
NUMBER = click.IntRange(min=0)
SECONDS = click.FloatRange(min=0)
_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})


@click.group()
def emulate() -> None:
    """Run a service's emulator on this machine; it holds nothing of the real service."""


@emulate.command()
@click.option("--port", type=PORT, default=0, help="Port on loopback; 0 takes a free one.")
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
@click.option("--hourly-limit", type=NUMBER, default=500, show_default=True, help="Admin calls.")
@click.option(
    "--search-lag", type=SECONDS, default=0.0, help="Seconds until a change is searchable."
)
@click.option("--delay", type=SECONDS, default=0.0, help="Seconds added to every answer.")
@click.option(
    "--certfile",
    type=click.Path(exists=True, path_type=Path),
    help="Serve TLS with this certificate (PEM).",
)
@click.option(
    "--keyfile",
    type=click.Path(exists=True, path_type=Path),
    help="Its key, where CERTFILE does not hold it.",
)
def cloudinary(certfile: Path | None, keyfile: Path | None, **options: object) -> None:
    """Run a Cloudinary account on loopback.

    It prints its CLOUDINARY_URL.
    """
    try:
        from mirrorfs.emulators import cloudinary as emulator
    except ImportError as error:
        raise _missing(error) from error
    options["api_secret"] = options["api_secret"] or secrets.token_urlsafe(20)
    _check_certificate(certfile, keyfile)
    options |= {"certfile": certfile, "keyfile": keyfile}
    account = emulator.Settings(**options)  # type: ignore[arg-type]  # click checked the types
    with _explained(account.port, account.data):
        emulator.serve(account, lambda url: click.echo(f"CLOUDINARY_URL={url}"))


@emulate.command()
@click.option("--port", type=PORT, default=0, help="Port on loopback; 0 takes a free one.")
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
@click.option("--delay", "latency", type=SECONDS, default=0.0, help="Seconds before every answer.")
@click.option("--processing-time", type=SECONDS, default=0.0, help="Seconds a new video takes.")
@click.option("--quirks", is_flag=True, help="Fill an empty account with what is hard to mirror.")
@click.option(
    "--photos", type=NUMBER, default=0, help="Fill it with so many photos, 20 to an album."
)
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

    with _explained(settings.port, settings.data):
        emulator.serve(settings, announce)


def _check_certificate(certfile: Path | None, keyfile: Path | None) -> None:
    """Raise :class:`Misuse` unless the two are none, or a certificate and its key."""
    if certfile is None:
        if keyfile is not None:
            raise Misuse("--keyfile is the key of a certificate.", "Name that with --certfile.")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certfile, keyfile)
    except OSError as error:
        raise Misuse(
            f"{certfile} and its key cannot be used: {error.strerror}.",
            "Both are PEM; name the key with --keyfile.",
        ) from error


@contextmanager
def _explained(port: int, data: Path | None) -> Iterator[None]:
    """Raise :class:`Misuse` where ``port`` or the folder ``data`` cannot be had."""
    try:
        yield
    except OSError as error:
        if data and error.filename:
            raise Misuse(
                f"{data} cannot hold an account: {error.strerror}.",
                "Name another folder with --data.",
            ) from error
        if error.errno in _TAKEN:
            raise Misuse(
                f"Port {port} cannot be had: {error.strerror}.",
                "Leave --port out for a free one.",
            ) from error
        raise


def _missing(error: ImportError) -> Misuse:
    return Misuse(f"The emulator needs {error.name}.", "Run: pip install 'mirrorfs[demo]'")
