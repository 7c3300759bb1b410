"""Credentials: where they come from, what they hide, which hosts they lead to."""

from __future__ import annotations

import pytest

from mirrorfs.core.errors import MissingCredentials, Misuse
from mirrorfs.providers.smugmug.credentials import Credentials, from_environment, from_options

FULL = {"api_key": "key", "api_secret": "s1", "token": "t", "token_secret": "s2"}


def test_the_environment_names_all_fields() -> None:
    environment = {f"SMUGMUG_{name.upper()}": value for name, value in FULL.items()}
    found = from_environment({**environment, "SMUGMUG_URL": "http://127.0.0.1:8/x/"})
    assert found == from_options({**FULL, "url": "http://127.0.0.1:8/x"})
    assert found.upload_url == "http://127.0.0.1:8/x/upload/"
    assert found.oauth_url == "http://127.0.0.1:8/x/services/oauth/1.0a"


def test_smugmugs_own_hosts_are_three() -> None:
    found = from_options(FULL)
    assert found.url == "https://api.smugmug.com"
    assert found.upload_url == "https://upload.smugmug.com/"
    assert found.oauth_url == "https://secure.smugmug.com/services/oauth/1.0a"


def test_no_secret_is_shown() -> None:
    shown = repr(from_options(FULL))
    assert "key" in shown
    assert not any(f"'{secret}'" in shown for secret in ("s1", "t", "s2"))


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingCredentials, match="SMUGMUG_API_KEY") as error:
        from_environment({})
    assert "apply" in error.value.hint
    with pytest.raises(MissingCredentials, match="needs token, token_secret"):
        from_options({"api_key": "key", "api_secret": "s"})
    with pytest.raises(MissingCredentials, match="token_secret"):
        from_options({"api_key": "key", "api_secret": "s", "token": "t"})


def test_a_key_alone_reads_a_named_account() -> None:
    found = from_options({"api_key": "key", "nickname": "@cmac"})
    assert (found.nickname, found.is_signed) == ("cmac", False)
    assert from_options(FULL).of("@cmac").nickname == "cmac"


def test_an_address_is_needed() -> None:
    for url in ("smugmug", "http://user:pASs@127.0.0.1:1/"):
        with pytest.raises(Misuse, match=r"SmugMug's url must be https://") as caught:
            from_options({**FULL, "url": url})
        assert "pASs" not in str(caught.value)
        with pytest.raises(Misuse, match=r"SmugMug's url must be https://"):
            Credentials("key", url=url)
