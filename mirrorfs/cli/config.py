"""``mirrorfs config``: what is set, where it came from, and named remotes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import tomlkit

from mirrorfs import settings
from mirrorfs.cli.output import size
from mirrorfs.core.errors import Misuse

SECRETS = frozenset({"api_secret", "url", "oauth_token"})
"""Options whose values are never shown."""


@click.group(invoke_without_command=True)
@click.pass_context
def config(ctx: click.Context) -> None:
    """Show the settings in force, and add or remove named remotes."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@config.command()
def show() -> None:
    """Show the settings in force and where each comes from."""
    loaded = settings.load()
    exists = "" if loaded.path.exists() else " (does not exist yet)"
    click.echo(f"file          {loaded.path}{exists}")
    for name, remote in sorted(loaded.remotes.items()):
        found = remote.options or settings.has_variables(remote.service, remote.environment)
        click.echo(
            f"remote        {name}: ({remote.service}) "
            + (f"from {remote.origin}" if found else "not set up")
        )
        for key, value in remote.options.items():
            click.echo(f"  {key:<12}{'(secret)' if key in SECRETS else value}")
    click.echo(f"cache folder  {loaded.mount.cache_dir}")
    click.echo(
        f"cache size    {size(loaded.mount.cache_size)}, {size(loaded.mount.min_free)} left free"
    )
    click.echo(f"refresh       every {loaded.mount.refresh:g} s")
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)


@config.command()
def path() -> None:
    """Print where config.toml is."""
    click.echo(settings.config_path())


@config.command("set")
@click.argument("name")
@click.option("--type", "service", type=click.Choice(settings.SERVICES), default="cloudinary")
@click.option("--cloud-name", prompt=True, help="The account's cloud name.")
@click.option("--api-key", prompt=True)
@click.option("--api-secret", prompt=True, hide_input=True, help="Asked for when left out.")
@click.option("--upload-prefix", default="", help="Another address of the service's API.")
def set_remote(
    name: str, service: str, cloud_name: str, api_key: str, api_secret: str, upload_prefix: str
) -> None:
    """Add the remote NAME, or replace it; the file is made readable to you alone."""
    if not re.fullmatch(r"[\w.-]+", name):
        raise Misuse(f"{name!r} cannot name a remote.", "Use letters, digits, '.', '_' and '-'.")
    options = {
        "type": service,
        "cloud_name": cloud_name,
        "api_key": api_key,
        "api_secret": api_secret,
        "upload_prefix": upload_prefix,
    }
    file = settings.config_path()
    document = _read(file)
    remotes = document.setdefault("remotes", tomlkit.table(is_super_table=True))
    remotes[name] = {key: value for key, value in options.items() if value}
    _write(file, document)
    click.echo(f"{name}: is set in {file}. Try: mirrorfs doctor {name}:")


@config.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the remote NAME from config.toml."""
    file = settings.config_path()
    document = _read(file)
    if name not in document.get("remotes", {}):
        raise Misuse(f"{file} holds no remote {name!r}.")
    del document["remotes"][name]
    _write(file, document)
    click.echo(f"{name}: is gone from {file}.")


def _read(file: Path) -> tomlkit.TOMLDocument:
    settings.load(file)
    return tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()


def _write(file: Path, document: tomlkit.TOMLDocument) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(tomlkit.dumps(document))
    new.replace(file)
