"""Why a service cannot be reached, in words of people instead of those of the libraries."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3

from mirrorfs.core.errors import Unavailable

_NETWORK = "Is there a network?"
_CERTIFICATE = "Is a login page of the network in between, or a company's proxy?"
_PROXY = (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)
_LATE = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)


def unreachable(service: str, error: Exception, url: str) -> Unavailable:
    """Return the error for a request to ``url`` that ``error`` ended before there was an answer."""
    causes = list(_causes(error))
    by = " through its proxy" if any(isinstance(one, _PROXY) for one in causes) else ""
    why, hint = _reason(causes)
    return Unavailable(f"{service} ({_host(url)}) cannot be reached{by}: {why}.", hint)


def _host(url: str) -> str:
    """Return the host and port in any ``url``, also in one that is none; no secrets."""
    return re.split(r"[/?#]", url.partition("//")[2])[0].rpartition("@")[2]


def _reason(causes: list[BaseException]) -> tuple[str, str]:
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({one.verify_message})", _CERTIFICATE
        if isinstance(one, ssl.SSLError):
            return "there is no TLS with it", _CERTIFICATE
        if isinstance(one, socket.gaierror):
            return "its name is not found", _NETWORK
        if isinstance(one, _LATE):
            return "it does not answer in time", _NETWORK
        if isinstance(one, OSError) and one.errno:
            text = os.strerror(one.errno)
            return f"{text[:1].lower()}{text[1:]}", _NETWORK
    return "the connection broke", _NETWORK


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what lies behind an error, the innermost first, and the error itself last.

    The libraries keep it as cause or context, as ``reason``, or among the arguments.
    """
    behind = (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args)
    for one in behind:
        if isinstance(one, BaseException):
            yield from _causes(one)
    yield error
