"""``mirrorfs login`` and ``mirrorfs logout``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import click

from mirrorfs import config_file, settings, vault
from mirrorfs.cli.config import SECRETS
from mirrorfs.core.errors import (
    Denied,
    Expired,
    MirrorError,
    MissingCredentials,
    Misuse,
    WrongCode,
)
from mirrorfs.logins import Login
from mirrorfs.settings import Remote

_CODES = 3
_NAME = "account"
"""The option that holds what the service calls the account; for people only."""


@click.command()
@click.argument("remote", metavar="SERVICE[:NAME]")
@click.option("--force", is_flag=True, help="Sign in anew, though somebody is signed in.")
@click.option("--browser", is_flag=True, help="Open the address in a browser.")
@click.option("--access", help="What is asked for: Full (default) or Public.")
@click.option("--permissions", help="What is asked for: Modify (default), Add or Read.")
@click.option("--api-key", help="The application's key; asked for where nothing tells it.")
@click.option("--api-secret", help="Better left out: others may see what a command is given.")
@click.option("--url", help="Another address of the service's API.")
def login(
    remote: str,
    force: bool,
    browser: bool,
    access: str | None,
    permissions: str | None,
    **given: str | None,
) -> None:
    """Sign in to SERVICE, once and for all, as the remote NAME (or SERVICE).

    You open an address, allow access, and type the code that is shown. What that brings is kept
    in the keyring of the desktop, or where there is none in config.toml, readable to you alone.
    """
    name, service, how = _parse(remote)
    known = _known(name, service)
    _check_environment(known, how)
    if not force and _is_signed_in(known, how):
        who = known.options.get(_NAME) or "somebody"
        click.echo(
            f"{name}: is signed in as {who}. To sign in anew: mirrorfs login {remote} --force"
        )
        return
    wishes = _wishes(how, {"access": access, "permissions": permissions})
    application = _application(known, {key: value for key, value in given.items() if value})
    asked = ", ".join(f"{key} {value}" for key, value in wishes.items())
    click.echo(f"mirrorfs asks for {asked}. {how.why}")
    options = {**application, **_walk(how, application, wishes, browser)}
    who = _name_of(Remote(name, service, "the login", options, {}))
    where = _store(name, service, {**options, _NAME: who})
    click.echo(f"{name}: signed in{f' as {who}' if who else ''}. It is kept in {where}.")


@click.command()
@click.argument("remote", metavar="SERVICE[:NAME]")
def logout(remote: str) -> None:
    """Forget what signing in to SERVICE brought; the application's key stays."""
    name, service, how = _parse(remote)
    known = _known(name, service)
    if not _is_signed_in(known, how):
        raise Misuse(f"{name}: nobody is signed in.")
    options = _stored(known)
    vault.forget(known.options)
    forgotten = {*how.grant, _NAME, vault.OPTION}
    _store(name, service, {key: value for key, value in options.items() if key not in forgotten})
    click.echo(f"{name}: signed out here. To take the access itself back: {how.revoke}")


def _parse(remote: str) -> tuple[str, str, Login]:
    """Return the name of the remote, its service, and how one signs in to it."""
    from mirrorfs.remotes import SERVICES

    service, _, name = remote.partition(":")
    how = SERVICES[service].login if service in SERVICES else None
    if how is None:
        able = ", ".join(known for known, one in SERVICES.items() if one.login)
        raise Misuse(f"There is no signing in to {service!r}.", f"One can sign in to: {able}.")
    return name or service, service, how


def _known(name: str, service: str) -> Remote:
    """Return the remote as it is set now, with the environment of its service."""
    loaded = settings.load()
    found = loaded.remotes.get(name)
    if found is None:
        return Remote(name, service, "nowhere", {}, loaded.remotes[service].environment)
    if found.service != service:
        raise Misuse(f"{name}: is a remote of {found.service}.", "Choose another name.")
    return found


def _is_signed_in(remote: Remote, how: Login) -> bool:
    return _NAME in remote.options or any(key in _stored(remote) for key in how.grant)


def _stored(remote: Remote) -> dict[str, str]:
    """Return the options with the secrets among them; without those if the keyring is locked."""
    stored = dict(remote.options)
    with suppress(MissingCredentials):
        stored |= vault.recall(remote.options)
    return stored


def _check_environment(remote: Remote, how: Login) -> None:
    """See to it that the environment does not win over what is to be stored."""
    variables = [f"{remote.service.upper()}_{key.upper()}" for key in how.grant]
    found = [name for name in variables if remote.environment.get(name)]
    if remote.name == remote.service and found:
        raise Misuse(
            f"{remote.name}: {found[0]} in the environment (or .env) signs in, and would win.",
            f"Unset it, or sign in under a name: mirrorfs login {remote.service}:NAME",
        )


def _wishes(how: Login, given: Mapping[str, str | None]) -> dict[str, str]:
    chosen = {}
    for key, values in how.wishes.items():
        wanted = (given.get(key) or values[0]).capitalize()
        if wanted not in values:
            raise Misuse(f"--{key} {wanted} is not known.", f"It is one of {', '.join(values)}.")
        chosen[key] = wanted
    return chosen


def _application(known: Remote, given: Mapping[str, str]) -> dict[str, str]:
    """Return the options of the application: given, in the environment, stored, or asked for."""
    from mirrorfs.remotes import SERVICES

    stored = _stored(known)
    asked = SERVICES[known.service].asked
    found: dict[str, str] = {}
    for key in (*asked, "url"):
        variable = f"{known.service.upper()}_{key.upper()}"
        value = given.get(key) or known.environment.get(variable) or stored.get(key, "")
        if not value and key in asked:
            label = key.replace("_", " ").capitalize().replace("Api", "API")
            value = click.prompt(label, hide_input=key in SECRETS).strip()
        if value:
            found[key] = value
    return found


def _walk(
    how: Login, application: Mapping[str, str], wishes: Mapping[str, str], browser: bool
) -> Mapping[str, str]:
    """Have the user say yes; return the grant.

    Raises:
        WrongCode: three codes were wrong. Others as :class:`~mirrorfs.logins.Login`.
    """
    wrong: MirrorError = WrongCode("No code was right.")
    attempt = None
    for _ in range(_CODES):
        if attempt is None:
            attempt = how.begin(application, wishes)
            click.echo(f"\nOpen this address and allow access:\n\n  {attempt.url}\n")
            if browser:
                click.launch(attempt.url)
        code = click.prompt(f"The {how.code_words} that it shows").strip()
        try:
            if not how.code.fullmatch(code):
                raise WrongCode(f"That is no {how.code_words}.")
            return attempt.finish(code)
        except Expired as error:
            wrong, attempt = error, None
            click.echo(f"{error} It begins anew.", err=True)
        except WrongCode as error:
            wrong = error
            click.echo(f"{error} Look at the same address again.", err=True)
    raise wrong


def _name_of(remote: Remote) -> str:
    """Ask the service who signed in; nothing if it does not say so now.

    Raises:
        Denied: it does not know the grant.
    """
    from mirrorfs.remotes import find

    source = find(remote).open()
    try:
        return source.about().user
    except Denied:
        raise
    except MirrorError:
        return ""
    finally:
        source.close()


def _store(name: str, service: str, options: Mapping[str, str]) -> str:
    """Keep the options of a remote, the secret ones in the vault if there is one; say where."""
    kept = {key: value for key, value in options.items() if value}
    place = vault.keep(f"{name}: of {settings.config_path()}", _only(kept, secret=True))
    if place:
        link = {vault.OPTION: f"{name}: of {settings.config_path()}"}
        kept = {**_only(kept, secret=False), **link}
    file = config_file.put_remote(name, {"type": service, **kept})
    return place or f"{file}, readable to you alone"


def _only(options: Mapping[str, str], *, secret: bool) -> dict[str, str]:
    return {key: value for key, value in options.items() if (key in SECRETS) is secret}
