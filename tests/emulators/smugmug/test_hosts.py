"""Clients that know the service's own host names only, led here through TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_PLAINTEXT
from requests_oauthlib import OAuth1Session

from mirrorfs.emulators.connect import front
from mirrorfs.emulators.smugmug.hosts import HOSTS, is_loopback
from tests.emulators.smugmug.conftest import JSON, signing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulators.smugmug.conftest import Caller


@pytest.fixture
def abroad(owner: Caller) -> Iterator[OAuth1Session]:
    """A session whose connections to the real hosts end at the emulator."""
    with front(owner.server, HOSTS) as environment, signing(owner.server) as session:
        session.proxies = {"https": environment["HTTPS_PROXY"]}
        session.verify = environment["SSL_CERT_FILE"]
        session.trust_env = False
        yield session


def test_all_hosts_are_answered(owner: Caller, abroad: OAuth1Session) -> None:
    album = owner.add_album("Day")
    owner.add_image(album, "a b.jpg", body=b"the original")
    url = f"https://api.smugmug.com/api/v2/album/{album.album_key}!images"
    (image,) = abroad.get(url, headers=JSON).json()["Response"]["AlbumImage"]
    assert image["ArchivedUri"].startswith("https://photos.smugmug.com/Day/i-")
    plain = requests.get(image["ArchivedUri"], proxies=abroad.proxies, verify=abroad.verify)
    assert plain.content == b"the original"
    headers = {"X-Smug-AlbumUri": f"/api/v2/album/{album.album_key}", "X-Smug-FileName": "no.txt"}
    refused = abroad.post("https://upload.smugmug.com/", data=b"no picture", headers=headers)
    assert refused.json()["stat"] == "fail"


def test_plaintext_is_taken_over_tls(owner: Caller, abroad: OAuth1Session) -> None:
    plain = signing(owner.server, signature_method=SIGNATURE_PLAINTEXT)
    plain.proxies, plain.verify, plain.trust_env = abroad.proxies, abroad.verify, False
    answer = plain.get("https://www.smugmug.com/api/v2!authuser", headers=JSON)
    assert answer.json()["Response"]["User"]["NickName"] == "demo"


def test_a_grant_through_the_real_hosts(owner: Caller, abroad: OAuth1Session) -> None:
    oauth = "https://secure.smugmug.com/services/oauth/1.0a"
    session = OAuth1Session("key", "secret", callback_uri="oob")
    session.proxies, session.verify, session.trust_env = abroad.proxies, abroad.verify, False
    token = session.fetch_request_token(f"{oauth}/getRequestToken")["oauth_token"]
    granted = owner.server.access.consent(token, "demo", "Full", "Modify")
    session.fetch_access_token(f"{oauth}/getAccessToken", verifier=granted.verifier)
    assert session.get("https://api.smugmug.com/api/v2!authuser", headers=JSON).ok


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("[::1]", True), ("api.smugmug.com", False)],
)
def test_loopback_names(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected
