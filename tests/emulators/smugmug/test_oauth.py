"""OAuth 1.0a as a client library of other people signs it, and as nobody should."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from oauthlib.oauth1 import (
    SIGNATURE_PLAINTEXT,
    SIGNATURE_TYPE_AUTH_HEADER,
    SIGNATURE_TYPE_QUERY,
    Client,
)
from requests_oauthlib import OAuth1, OAuth1Session

from mirrorfs.emulators.smugmug.access import Grants
from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.signatures import (
    Signed,
    base_string,
    check_signature,
    read_header,
)
from tests.emulators.smugmug.conftest import JSON, Caller, signing

if TYPE_CHECKING:
    from tests.emulators.smugmug.conftest import Emulate


def problem(answer: requests.Response) -> str:
    assert answer.status_code == 401, answer.text
    text = answer.json()["Message"] if answer.text.startswith("{") else answer.text
    assert "=" not in text
    return unquote(text).partition("&")[0]


def ask(caller: Caller, **auth: Any) -> requests.Response:
    names = {"resource_owner_key": "token", "resource_owner_secret": "token-secret", **auth}
    key, secret = names.pop("client_key", "key"), names.pop("client_secret", "secret")
    return requests.get(
        f"{caller.server.api}!authuser", auth=OAuth1(key, secret, **names), headers=JSON
    )


def grant(caller: Caller, callback: str = "oob", **wanted: str) -> tuple[OAuth1Session, Any]:
    """Go the three steps; give the session and the reply to the consent."""
    oauth = caller.server.oauth
    session = OAuth1Session("key", "secret", callback_uri=callback)
    token = session.fetch_request_token(f"{oauth}/getRequestToken")["oauth_token"]
    form = {"oauth_token": token, "consent": "yes", **wanted}
    page = requests.get(f"{oauth}/authorize", params={"oauth_token": token, **wanted})
    assert '<form method="post">' in page.text
    return session, requests.post(f"{oauth}/authorize", data=form, allow_redirects=False)


def pin_of(answer: requests.Response) -> str:
    return answer.text.partition('id="verifier">')[2].partition("<")[0]


def test_example_of_rfc_5849() -> None:
    """The base string of RFC 5849, 3.4.1.1."""
    pairs = [
        ("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("c2", ""), ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
    ]  # fmt: skip
    assert base_string(Signed("post", "http://EXAMPLE.COM:80/request", pairs)) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%25"
        "3D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7"
        "d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_toke"
        "n%3Dkkk9d7dh3k39sjv7"
    )


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(TEXT, TEXT), max_size=4), path=TEXT, secret=TEXT)
def test_whatever_another_library_signs_is_right(
    pairs: list[tuple[str, str]], path: str, secret: str
) -> None:
    base = f"https://api.smugmug.com/api/v2/{quote(path)}"
    client = Client("key", secret, "token", "other", signature_type=SIGNATURE_TYPE_AUTH_HEADER)
    uri = f"{base}?{urlencode(pairs)}" if pairs else base
    header = read_header(client.sign(uri)[1]["Authorization"])
    sent = dict(header)["oauth_signature"]
    signed = Signed("GET", base, [*pairs, *(one for one in header if one[0] != "oauth_signature")])
    check_signature(signed, sent, "HMAC-SHA1", (secret, "other"))
    with pytest.raises(ApiError, match="signature_invalid"):
        check_signature(signed, sent, "HMAC-SHA1", (secret + "x", "other"))


def test_signed_in_header_or_query(owner: Caller) -> None:
    assert ask(owner).json()["Response"]["User"]["NickName"] == "demo"
    assert ask(owner, signature_type=SIGNATURE_TYPE_QUERY).status_code == 200


def test_parameters_and_odd_paths_are_part_of_the_signature(owner: Caller) -> None:
    owner.add_album("Ö & 100 %")
    found = owner.read("/user/demo!albums", Order="Last Updated (Descending)", _verbosity=1)
    assert [album["Name"] for album in found] == ["Ö & 100 %"]


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ({"client_key": "other"}, "oauth_problem=consumer_key_unknown"),
        ({"client_secret": "other"}, "oauth_problem=signature_invalid"),
        ({"resource_owner_key": "other"}, "oauth_problem=token_rejected"),
        ({"resource_owner_secret": "other"}, "oauth_problem=signature_invalid"),
        ({"timestamp": "1234567890"}, "oauth_problem=timestamp_refused"),
        ({"signature_method": SIGNATURE_PLAINTEXT}, "oauth_problem=signature_method_rejected"),
    ],
)
def test_wrong_proofs_are_refused(owner: Caller, auth: dict[str, Any], expected: str) -> None:
    assert problem(ask(owner, **auth)) == expected


def test_plaintext_is_taken_over_https_only(owner: Caller) -> None:
    signed = OAuth1("key", "secret", "token", "token-secret", signature_method=SIGNATURE_PLAINTEXT)
    request = requests.Request(
        "GET", "https://api.smugmug.com/api/v2!authuser", auth=signed, headers=JSON
    ).prepare()
    assert led_here(owner, request).status_code == 200


def test_a_nonce_is_good_once(owner: Caller) -> None:
    auth = {"nonce": "7d8f3e4a", "timestamp": str(int(time.time()))}
    assert ask(owner, **auth).status_code == 200
    assert problem(ask(owner, **auth)) == "oauth_problem=nonce_used"


def led_here(owner: Caller, request: requests.PreparedRequest) -> requests.Response:
    """Send a request that was signed for the service's own host to the emulator."""
    parts = urlsplit(request.url or "")
    request.headers["Host"] = parts.netloc
    query = f"?{parts.query}" if parts.query else ""
    request.url = f"{owner.server.url}{parts.path}{query}"
    return requests.Session().send(request)


def test_the_signature_of_the_real_url_counts_where_the_host_header_names_it(
    owner: Caller,
) -> None:
    signed = OAuth1("key", "secret", "token", "token-secret")
    url = "https://api.smugmug.com/api/v2/user/demo?_shorturis="
    request = requests.Request("GET", url, auth=signed, headers=JSON).prepare()
    assert led_here(owner, request).status_code == 200
    other = requests.Request("GET", url, auth=signed, headers=JSON).prepare()
    other.url = (other.url or "").replace("demo", "demO")
    assert problem(led_here(owner, other)) == "oauth_problem=signature_invalid"


def test_media_addresses_are_of_the_host_that_was_asked(owner: Caller) -> None:
    owner.add_image(owner.add_album())
    url = "https://api.smugmug.com/api/v2/user/demo!recentimages"
    signed = OAuth1("key", "secret", "token", "token-secret")
    request = requests.Request("GET", url, auth=signed, headers=JSON).prepare()
    (image,) = led_here(owner, request).json()["Response"]["Image"]
    assert image["ArchivedUri"].startswith("https://photos.smugmug.com/Album/i-")
    (image,) = owner.read("/user/demo!recentimages")
    assert image["ArchivedUri"].startswith(f"{owner.server.photos}/Album/i-")


def test_a_request_token_needs_a_callback(owner: Caller) -> None:
    session = OAuth1Session("key", "secret")
    answer = session.get(f"{owner.server.oauth}/getRequestToken")
    assert problem(answer) == "oauth_problem=parameter_absent"
    assert unquote(answer.text).endswith("&oauth_parameters_absent=oauth_callback")


def test_out_of_band_grant(emulate: Emulate) -> None:
    caller = emulate(token="")
    session, answer = grant(caller, Access="Full", Permissions="Add")
    pin = pin_of(answer)
    assert len(pin) == 6
    assert pin.isdigit()
    tokens = session.fetch_access_token(f"{caller.server.oauth}/getAccessToken", verifier=pin)
    kept = caller.server.access.token(tokens["oauth_token"])
    assert (kept.nick, kept.access, kept.permissions) == ("demo", "Full", "Add")
    assert session.get(f"{caller.server.api}!authuser", headers=JSON).status_code == 200


def test_a_callback_gets_token_and_verifier(emulate: Emulate) -> None:
    caller = emulate(token="")
    session, answer = grant(caller, "http://127.0.0.1:9/back?x=1")
    assert answer.status_code == 302
    where = urlsplit(answer.headers["Location"])
    assert where.netloc == "127.0.0.1:9"
    assert parse_qs(where.query).keys() == {"x", "oauth_token", "oauth_verifier"}
    session.parse_authorization_response(answer.headers["Location"])
    session.fetch_access_token(f"{caller.server.oauth}/getAccessToken")
    user = session.get(f"{caller.server.api}!authuser", headers=JSON).json()["Response"]["User"]
    assert user["ResponseLevel"] == "Public"  # Public and Read are what is granted by default


def test_request_tokens_live_five_minutes() -> None:
    now = 1000.0
    access = Grants(lambda: now)
    token = access.ask("key", "oob").token
    now += 299
    assert access.request(token)
    now += 2
    with pytest.raises(ApiError, match="token_expired"):
        access.request(token)


def test_a_level_once_granted_is_not_changed_by_asking_anew() -> None:
    access = Grants(time.time)
    access.grant("key", "demo", "Public", "Add")
    granted = access.consent(access.ask("key", "oob").token, "demo", "Full", "Modify")
    assert (granted.access, granted.permissions) == ("Public", "Add")
    other = access.consent(access.ask("other", "oob").token, "demo", "Full", "Modify")
    assert (other.access, other.permissions) == ("Full", "Modify")


def exchange(caller: Caller, session: OAuth1Session, verifier: str) -> requests.Response:
    client = session.auth.client
    token = {
        "resource_owner_key": client.resource_owner_key,
        "resource_owner_secret": client.resource_owner_secret,
    }
    signed = OAuth1("key", "secret", verifier=verifier, **token)
    return requests.get(f"{caller.server.oauth}/getAccessToken", auth=signed)


def test_request_tokens_are_used_once(owner: Caller) -> None:
    session, answer = grant(owner)
    pin = pin_of(answer)
    assert dict(parse_qsl(exchange(owner, session, pin).text))["oauth_token"]
    assert problem(exchange(owner, session, pin)) == "oauth_problem=token_rejected"


def test_a_wrong_verifier_is_refused(owner: Caller) -> None:
    session, answer = grant(owner)
    wrong = f"{(int(pin_of(answer)) + 1) % 1_000_000:06}"
    assert problem(exchange(owner, session, wrong)) == "oauth_problem=verifier_invalid"


def test_who_denies_grants_nothing(owner: Caller) -> None:
    session = OAuth1Session("key", "secret", callback_uri="oob")
    url = owner.server.oauth
    token = session.fetch_request_token(f"{url}/getRequestToken")["oauth_token"]
    denied = requests.post(f"{url}/authorize", data={"oauth_token": token, "consent": "no"})
    assert denied.status_code == 403
    assert problem(exchange(owner, session, "123456")) == "oauth_problem=permission_unknown"


def test_a_token_ends_when_it_is_revoked(owner: Caller) -> None:
    assert ask(owner).status_code == 200
    assert requests.delete(f"{owner.server.url}/_emulator/tokens/token").status_code == 200
    assert problem(ask(owner)) == "oauth_problem=token_rejected"


def test_a_key_alone_shows_what_is_public(owner: Caller) -> None:
    owner.add_album("Public")
    owner.add_album("Hidden", privacy="Private")
    visitor = owner.visitor()
    assert [album["Name"] for album in visitor.read("/user/demo!albums")] == ["Public"]
    assert problem(visitor.call("GET", "!authuser")) == "oauth_problem=parameter_absent"
    visitor.session.params = {"APIKey": "other"}
    answer = visitor.call("GET", "/user/demo")
    assert problem(answer) == "oauth_problem=consumer_key_unknown"


def test_without_a_key_only_browsers_are_answered(owner: Caller) -> None:
    url = f"{owner.server.api}/user/demo"
    assert problem(requests.get(url, headers=JSON)) == "oauth_problem=parameter_absent"
    page = requests.get(url, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("permissions", "method", "allowed"),
    [
        ("Read", "GET", True),
        ("Read", "PATCH", False),
        ("Add", "PATCH", False),
        ("Add", "DELETE", False),
        ("Modify", "PATCH", True),
        ("Modify", "DELETE", True),
    ],
)
def test_methods_need_permissions(
    owner: Caller, permissions: Any, method: str, allowed: bool
) -> None:
    album = owner.add_album()
    token = owner.server.access.grant("key", "demo", "Full", permissions)
    session = signing(
        owner.server, resource_owner_key=token.token, resource_owner_secret=token.secret
    )
    body = {"json": {"Description": "x"}} if method == "PATCH" else {}
    answer = Caller(owner.server, session).call(method, f"/album/{album.album_key}", **body)
    assert answer.status_code == (200 if allowed else 403)


def test_form_bodies_are_signed_and_json_bodies_are_not(owner: Caller) -> None:
    path = f"/node/{owner.user.root}!children"
    form = owner.call("POST", path, data={"Type": "Folder", "Name": "By a form, signed"})
    assert form.status_code == 201
    assert owner.call("POST", path, json={"Type": "Folder", "Name": "By JSON"}).status_code == 201
    assert len(owner.read(path)) == 2
