"""``mirrorfs config``: what is set, where it came from, and named remotes."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

from mirrorfs import config_file, settings, vault
from mirrorfs.cli.output import size
from mirrorfs.core.errors import Misuse

SECRETS = frozenset({"api_secret", "oauth_token", "token", "token_secret"})
"""Options whose values are never shown, and neither are addresses that hold a password."""


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
            hidden = key in SECRETS or ("://" in value and "@" in value)
            click.echo(f"  {key:<14}{'(secret)' if hidden else value}")
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
@click.option("--type", "service", type=click.Choice(settings.SERVICES), help="The service.")
@click.option("--cloud-name", help="Cloudinary: the account's cloud name.")
@click.option("--api-key", help="Asked for when left out, as all that is needed.")
@click.option("--api-secret", help="Better left out: others may see what a command is given.")
@click.option("--nickname", help="SmugMug: somebody's public account.")
@click.option("--upload-prefix", help="Cloudinary: another address of the service's API.")
@click.option("--url", help="SmugMug: another address of the service's API.")
def set_remote(name: str, service: str | None, **given: str | None) -> None:
    """Add the remote NAME, or replace it.

    The file is made readable to you alone. The type is NAME where that is a service, else
    cloudinary.
    """
    from mirrorfs.remotes import SERVICES

    if not re.fullmatch(r"[\w.-]+", name):
        raise Misuse(f"{name!r} cannot name a remote.", "Use letters, digits, '.', '_' and '-'.")
    service = service or (name if name in settings.SERVICES else "cloudinary")
    options = {key: value for key, value in given.items() if value}
    settings.check_options(service, options, f"A remote of {service}")
    for key in SERVICES[service].asked:
        if key not in options and not (key in SECRETS and "nickname" in options):
            label = key.replace("_", " ").capitalize().replace("Api", "API")
            options[key] = click.prompt(label, hide_input=key in SECRETS)
    before = settings.load().remotes.get(name)
    file = config_file.put_remote(name, {"type": service, **options})
    if before:
        vault.forget(before.options)
    click.echo(f"{name}: is set in {file}. {_next_step(name, service, options)}")


@config.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the remote NAME and its secrets.

    It leaves config.toml, and they leave the keyring.
    """
    known = settings.load().remotes.get(name)
    file = config_file.drop_remote(name)
    if known:
        vault.forget(known.options)
    click.echo(f"{name}: is gone from {file}.")


def _next_step(name: str, service: str, options: Mapping[str, str]) -> str:
    if service == "smugmug" and "nickname" not in options:
        return f"Now sign in with: mirrorfs login smugmug:{name}"
    return f"Try: mirrorfs doctor {name}:"
