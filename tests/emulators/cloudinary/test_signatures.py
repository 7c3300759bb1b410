"""Signatures and credentials."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import requests

from mirrorfs.emulators.cloudinary.signatures import sign, text_to_sign, url_signature

from .conftest import signed

if TYPE_CHECKING:
    from .conftest import Caller


def test_documented_vector() -> None:
    params = {"public_id": "sample_image", "timestamp": 1315060510}
    assert sign(params, "abcd") == "b4ad47fb4e25c7bf5f92a20089f9db59bc302313"


def test_text_to_sign_leaves_out_and_escapes() -> None:
    values = {
        "public_ids": ["a", "b"],
        "tags": "",
        "context": "x=1&y",
        "file": "f",
        "api_key": "k",
        "resource_type": "raw",
        "cloud_name": "c",
        "signature": "s",
    }
    assert text_to_sign(values) == "context=x=1%26y&public_ids=a,b"
    assert text_to_sign(values, 1) == "context=x=1&y&public_ids=a,b"


def test_url_signature_is_eight_characters() -> None:
    assert len(url_signature("c_scale,w_100/a.jpg", "secret")) == 8


def _post(cloud: Caller, data: dict[str, object]) -> requests.Response:
    return requests.post(f"{cloud.root}/raw/upload", data=data, files={"file": ("a", b"x")})


def test_accepts_both_versions_and_digests(cloud: Caller) -> None:
    now = int(time.time())
    for text in (f"context=a=1&b&timestamp={now}", f"context=a=1%26b&timestamp={now}"):
        for digest in (hashlib.sha1, hashlib.sha256):
            signature = digest((text + "secret").encode()).hexdigest()
            data = {"context": "a=1&b", "timestamp": now, "api_key": "key", "signature": signature}
            assert _post(cloud, data).status_code == 200


def test_refuses_bad_signatures(cloud: Caller) -> None:
    good = signed({"public_id": "a"})
    wrong = _post(cloud, {**good, "public_id": "b"})
    assert wrong.status_code == 401
    expected = f"public_id=b&timestamp={good['timestamp']}"
    text = f"Invalid Signature {good['signature']}. String to sign - '{expected}'."
    assert wrong.json() == {"error": {"message": text}}
    stale = _post(cloud, signed({"timestamp": 1712841818}))
    assert stale.status_code == 400
    assert stale.json()["error"]["message"] == (
        "Stale request - reported time is 2024-04-11 13:23:38 +0000 which is more than 1 hour ago"
    )
    del good["api_key"]
    missing = _post(cloud, good)
    assert missing.status_code == 400
    assert missing.json()["error"]["message"] == "Missing required parameter - api_key"


def test_upload_with_basic_credentials(cloud: Caller) -> None:
    url = f"{cloud.root}/raw/upload"
    files = {"file": ("a", b"x")}
    assert requests.post(url, files=files, auth=("key", "secret")).status_code == 200
    assert requests.post(url, files=files, auth=("key", "wrong")).status_code == 401
    assert requests.post(url, files=files).status_code == 400


def test_admin_credentials(cloud: Caller) -> None:
    assert cloud.admin("GET", "ping").json() == {"status": "ok"}
    for auth in (None, ("key", "wrong"), ("other", "secret")):
        answer = cloud.admin("GET", "ping", auth=auth)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"]
    bearer = cloud.admin("GET", "ping", auth=None, headers={"Authorization": "Bearer x"})
    assert bearer.status_code == 401
    other = requests.get(f"{cloud.server.url}/v1_1/other/ping", auth=("key", "secret"))
    assert other.status_code == 401


def test_unsigned_upload_needs_a_preset_for_it(cloud: Caller) -> None:
    cloud.admin("POST", "upload_presets", json={"name": "open", "unsigned": True, "tags": "t"})
    cloud.admin("POST", "upload_presets", json={"name": "closed"})
    assert _post(cloud, {"upload_preset": "open"}).json()["tags"] == ["t"]
    named = {"upload_preset": "open", "public_id": "a"}
    assert "existing" not in _post(cloud, named).json()
    assert _post(cloud, named).json()["existing"] is True
    assert _post(cloud, {"upload_preset": "closed"}).status_code == 400
    assert _post(cloud, {"upload_preset": "none"}).status_code == 400
