from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request

import pytest

from mirrorfs.core.errors import Misuse
from mirrorfs.metrics import Figure, parse_address, text_of
from mirrorfs.metrics_server import serving

ODD = {"remote": 'a"b\\c\nd', "name": ""}


def test_the_format() -> None:
    figures = [
        Figure("x_bytes", "Room.", 5, {"remote": "a:"}),
        Figure("x_calls_total", "Calls.", 1.5),
        Figure("x_bytes", "Room.", 10_000_000_000, ODD),
        Figure("x_unknown", "Nothing.", None),
    ]
    assert text_of(figures) == (
        "# HELP x_bytes Room.\n"
        "# TYPE x_bytes gauge\n"
        'x_bytes{remote="a:"} 5\n'
        'x_bytes{remote="a\\"b\\\\c\\nd",name=""} 10000000000\n'
        "# HELP x_calls_total Calls.\n"
        "# TYPE x_calls_total counter\n"
        "x_calls_total 1.5\n"
    )


def test_addresses() -> None:
    assert parse_address("9464") == ("127.0.0.1", 9464)
    assert parse_address(":9464") == ("127.0.0.1", 9464)
    assert parse_address("0.0.0.0:80") == ("0.0.0.0", 80)
    for wrong in ("", "x", "1.2.3.4", "1:99999"):
        with pytest.raises(Misuse):
            parse_address(wrong)


def test_it_is_served_until_the_end_and_to_many_at_once() -> None:
    asked = []

    def collect() -> list[Figure]:
        asked.append(threading.current_thread().name)
        return [Figure("up", "Up.", 1)]

    with serving(("127.0.0.1", 0), collect) as port:
        address = f"http://127.0.0.1:{port}"
        with (
            socket.create_connection(("127.0.0.1", port)),  # who says nothing blocks nobody
            urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer,
        ):
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert answer.read() == text_of(collect()).encode()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(address, timeout=5)
        with pytest.raises(Misuse, match="cannot be used"), serving(("127.0.0.1", port), collect):
            pass
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{address}/metrics", timeout=5)
    assert len(asked) == 2


def test_nothing_is_served_unasked() -> None:
    with serving(None, list) as port:
        assert port == 0
