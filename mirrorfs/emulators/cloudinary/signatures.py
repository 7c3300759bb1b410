"""Signatures of API requests, answers and delivery URLs.

https://cloudinary.com/documentation/authentication_signatures gives the rule for requests: every
parameter but ``file``, ``cloud_name``, ``resource_type``, ``api_key`` and ``signature``, the empty
ones dropped, lists joined by commas, ``key=value`` sorted and joined by ``&``, the secret appended,
SHA-1 or SHA-256 in hexadecimal. Version 2 writes ``&`` within a pair as ``%26``, version 1 does
not.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mirrorfs.emulators.cloudinary.params import Params

_UNSIGNED = {"file", "cloud_name", "resource_type", "api_key", "signature"}
_LIFETIME = 3600


def text_to_sign(values: Mapping[str, Any], version: int = 2) -> str:
    """Give the text whose digest, with the secret appended, is the signature."""
    return "&".join(sorted(_pairs(values, version)))


def sign(values: Mapping[str, Any], secret: str, version: int = 2) -> str:
    """Give the SHA-1 signature of request parameters."""
    return _digest(text_to_sign(values, version) + secret, "sha1")


def response_signature(public_id: str, version: int, secret: str) -> str:
    """Give the signature of an answer, which is always of version 1 and SHA-1."""
    return sign({"public_id": public_id, "version": version}, secret, 1)


def verify_request(params: Params, api_key: str, secret: str, now: float) -> None:
    """Check key, age and signature of an Upload API request; 400 or 401 when one is wrong."""
    if params.demand("api_key") != api_key:
        raise ApiError(401, f"Invalid api_key {params.text('api_key')}")
    timestamp = params.demand("timestamp")
    if not timestamp.isdigit():
        raise bad_request(f"Invalid timestamp {timestamp}")
    if now - int(timestamp) > _LIFETIME:
        moment = time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime(int(timestamp)))
        raise bad_request(
            f"Stale request - reported time is {moment} which is more than 1 hour ago"
        )
    _verify(params.values, params.demand("signature"), secret)


def url_signatures(signed: str, secret: str) -> set[str]:
    """Give every signature a delivery URL may carry between ``s--`` and ``--``.

    That is the first 8 characters of the URL-safe base64 of the SHA-1 or SHA-256 of the signed
    text and the secret, or the first 32 of the latter
    (https://cloudinary.com/documentation/delivery_url_signatures).
    """
    sha1, sha256 = (
        base64.urlsafe_b64encode(hashlib.new(name, (signed + secret).encode()).digest()).decode()
        for name in ("sha1", "sha256")
    )
    return {sha1[:8], sha256[:8], sha256[:32]}


def url_signature(signed: str, secret: str) -> str:
    """Give the short SHA-1 signature of a delivery URL."""
    digest = hashlib.sha1((signed + secret).encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode()[:8]


def _verify(values: Mapping[str, Any], given: str, secret: str) -> None:
    name = "sha256" if len(given) == 64 else "sha1"
    for version in (2, 1):
        if hmac.compare_digest(_digest(text_to_sign(values, version) + secret, name), given):
            return
    expected = text_to_sign(values)
    raise ApiError(401, f"Invalid Signature {given}. String to sign - '{expected}'.")


def _pairs(values: Mapping[str, Any], version: int) -> Iterator[str]:
    for name, value in values.items():
        if name in _UNSIGNED or value in (None, "", []):
            continue
        text = ",".join(str(one) for one in value) if isinstance(value, list) else str(value)
        pair = f"{name}={text}"
        yield pair.replace("&", "%26") if version == 2 else pair


def _digest(text: str, name: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()
