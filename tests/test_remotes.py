"""From settings to accounts, for every service."""

import dataclasses
from typing import Any

import pytest

from mirrorfs import remotes, settings
from mirrorfs.core.errors import MissingCredentials
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary import credentials as cloudinary
from mirrorfs.providers.smugmug import credentials as smugmug
from mirrorfs.settings import Remote

SIGNED = {
    "api_key": "key-1",
    "api_secret": "hush-1",
    "token": "token-1",
    "token_secret": "hush-2",
}


def named(service: str, **options: str) -> Remote:
    return Remote("family", service, "a test", options, {})


def from_environment(service: str, **variables: str) -> Remote:
    return Remote(service, service, "the environment", {}, variables)


def test_every_service_is_in_the_table() -> None:
    assert set(remotes.SERVICES) == set(settings.SERVICES)


@pytest.mark.parametrize(
    ("service", "credentials"),
    [("cloudinary", cloudinary.Credentials), ("smugmug", smugmug.Credentials)],
)
def test_a_remote_may_have_every_credential_as_an_option(service: str, credentials: Any) -> None:
    names = [field.name for field in dataclasses.fields(credentials)]
    settings.check_options(service, names, "A remote")


@pytest.mark.parametrize("service", settings.SERVICES)
def test_what_is_missing_is_named(service: str) -> None:
    with pytest.raises(MissingCredentials, match=f"{service}: .*{service.upper()}_") as caught:
        remotes.find(from_environment(service))
    assert caught.value.hint


def test_smugmug_says_how_to_sign_in() -> None:
    with pytest.raises(MissingCredentials, match="mirrorfs login smugmug"):
        remotes.find(from_environment("smugmug", SMUGMUG_API_KEY="key-1"))


def test_a_key_alone_visits_a_public_account() -> None:
    remote = from_environment("smugmug", SMUGMUG_API_KEY="key-1")
    account = remotes.find(remote, RemotePath("@cmac/Travel/2023"))
    assert account.folder == "Travel/2023"
    assert account.credentials.nickname == "cmac"
    assert "cmac" in account.key


def test_a_visit_is_another_account_than_ones_own() -> None:
    remote = named("smugmug", **SIGNED)
    own, visit = remotes.find(remote), remotes.find(remote, RemotePath("@cmac"))
    assert own.key != visit.key
    assert (own.folder, visit.folder) == ("", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (named("smugmug", **SIGNED), named("smugmug", **{**SIGNED, "token": "token-2"})),
        (named("smugmug", **SIGNED), named("smugmug", **SIGNED, url="http://127.0.0.1:1")),
        (
            named("cloudinary", cloud_name="a", api_key="k", api_secret="s"),
            named("cloudinary", cloud_name="b", api_key="k", api_secret="s"),
        ),
    ],
)
def test_accounts_have_keys_of_their_own(one: Remote, other: Remote) -> None:
    assert remotes.find(one).key != remotes.find(other).key
    assert remotes.find(one).key == remotes.find(one).key


def test_who_signs_in_anew_keeps_the_cache() -> None:
    before = named("smugmug", **SIGNED, account="cmac")
    after = named("smugmug", **{**SIGNED, "token": "token-2"}, account="cmac")
    other = named("smugmug", **SIGNED, account="another")
    assert remotes.find(before).key == remotes.find(after).key != remotes.find(other).key
    assert "cmac" in remotes.find(before).key


def test_secrets_are_in_no_key_and_no_repr() -> None:
    account = remotes.find(named("smugmug", **SIGNED))
    told = f"{account!r} {account.key} {account.tree_key}"
    assert not any(word in told for word in ("hush-1", "hush-2", "token-1"))


def test_a_folder_of_an_account_has_a_tree_of_its_own() -> None:
    remote = named("smugmug", **SIGNED)
    whole, part = remotes.find(remote), remotes.find(remote, RemotePath("Travel"))
    assert whole.key == part.key
    assert whole.tree_key != part.tree_key
