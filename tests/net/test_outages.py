"""Services that cannot be reached: one sentence each, without the words of the libraries."""

import errno
import socket
import ssl

import pytest
import requests
import urllib3

from mirrorfs.core.errors import Unavailable
from mirrorfs.net.outages import unreachable
from mirrorfs.net.session import Manners, Request, Sessions
from tests.core.fakes import FakeClock
from tests.net.server import Reply, serve

NETWORK = "Is there a network?"


@pytest.fixture
def nobody() -> str:
    """Return an address at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{bound.getsockname()[1]}/api/v2!authuser?_config=secret"


def said_of(url: str) -> str:
    sessions = Sessions(FakeClock(), Manners("SmugMug", connect=1, read=1))
    with pytest.raises(Unavailable) as caught:
        sessions.send(Request("GET", url))
    return str(caught.value)


def test_nobody_listens(nobody: str) -> None:
    host = nobody.removeprefix("http://").partition("/")[0]
    assert said_of(nobody) == f"SmugMug ({host}) cannot be reached: connection refused. {NETWORK}"


def test_nobody_listens_at_the_proxy(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", nobody.partition("/api")[0])
    monkeypatch.setenv("no_proxy", "")
    said = said_of("http://photos.example/x")
    assert said == (
        "SmugMug (photos.example) cannot be reached through its proxy: connection refused. "
        + NETWORK
    )


def test_a_connection_that_is_closed() -> None:
    with serve(lambda _: Reply(0)) as running:
        said = said_of(running.url)
    assert said.endswith(f") cannot be reached: the connection broke. {NETWORK}")


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "jargon")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            caused(urllib3.exceptions.HTTPError("x"), socket.gaierror(-2, "jargon")),
            f"its name is not found. {NETWORK}",
        ),
        (
            requests.ConnectionError(OSError(errno.ENETUNREACH, "jargon")),
            f"network is unreachable. {NETWORK}",
        ),
        (requests.ReadTimeout("jargon"), f"it does not answer in time. {NETWORK}"),
        (
            urllib3.exceptions.ConnectTimeoutError(None, "jargon"),
            f"it does not answer in time. {NETWORK}",
        ),
        (
            urllib3.exceptions.MaxRetryError(
                urllib3.HTTPConnectionPool("x"), "/jargon", urllib3.exceptions.SSLError(untrusted())
            ),
            "its certificate is not trusted (self-signed certificate). "
            "Is a login page of the network in between, or a company's proxy?",
        ),
        (
            requests.exceptions.SSLError(ssl.SSLError(1, "jargon")),
            "there is no TLS with it. "
            "Is a login page of the network in between, or a company's proxy?",
        ),
    ],
)
def test_what_lies_behind_it_is_told(error: Exception, said: str) -> None:
    assert str(unreachable("S", error, "http://h/")) == f"S (h) cannot be reached: {said}"


@pytest.mark.parametrize("url", ["http://u:p@h:80?x=/@y", "http://h:80#@z", "https://a@h:80/b@c"])
def test_no_secret_of_an_address_is_told(url: str) -> None:
    said = str(unreachable("S", OSError(errno.ECONNREFUSED, "jargon"), url))
    assert said == f"S (h:80) cannot be reached: connection refused. {NETWORK}"
