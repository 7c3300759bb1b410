"""The CONNECT front."""

from __future__ import annotations

import ssl
from http.client import HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.emulators.connect import front

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture
def environment() -> Iterator[Mapping[str, str]]:
    with Server(Settings()) as server, front(server) as variables:
        yield variables


def _dial(environment: Mapping[str, str], host: str) -> HTTPSConnection:
    proxy = urlsplit(environment["HTTPS_PROXY"])
    context = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
    connection = HTTPSConnection(str(proxy.hostname), proxy.port, context=context, timeout=10)
    connection.set_tunnel(host, 443)
    return connection


def test_takes_the_service_host_over(environment: Mapping[str, str]) -> None:
    connection = _dial(environment, "api.cloudinary.com")
    for _ in range(2):
        connection.request("GET", "/v1_1/demo/ping")
        answer = connection.getresponse()
        assert answer.status == 401
        assert b"error" in answer.read()
    connection.close()


def test_refuses_other_hosts(environment: Mapping[str, str]) -> None:
    with pytest.raises(OSError, match="403"):
        _dial(environment, "example.com").request("GET", "/")
