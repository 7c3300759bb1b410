"""The server around the application."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import requests
import trustme

from mirrorfs.emulators.cloudinary import Server, Settings, server

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from .conftest import Emulate


def test_addresses() -> None:
    with Server(Settings(cloud_name="c", api_key="k", api_secret="s")) as running:
        assert running.url.startswith("http://127.0.0.1:")
        assert running.cloudinary_url == f"cloudinary://k:s@c?upload_prefix={running.url}"
        assert requests.get(f"{running.url}/v1_1/c/ping", auth=("k", "s")).status_code == 200


def test_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    names = [tmp_path / name for name in ("ca.pem", "cert.pem", "key.pem")]
    authority.cert_pem.write_to_path(str(names[0]))
    certificate.cert_chain_pems[0].write_to_path(str(names[1]))
    certificate.private_key_pem.write_to_path(str(names[2]))
    with Server(Settings(certfile=names[1], keyfile=names[2])) as running:
        assert running.url.startswith("https://")
        url = f"{running.url}/v1_1/demo/raw/upload"
        files = {"file": ("a.txt", b"x")}
        options = {"auth": ("key", "secret"), "verify": str(names[0])}
        asset = requests.post(url, files=files, **options).json()
        assert asset["secure_url"].startswith(f"{running.url}/demo/raw/upload/")
        assert requests.get(asset["secure_url"], verify=str(names[0])).content == b"x"


def test_serve_announces_where_it_listens(capsys: pytest.CaptureFixture[str]) -> None:
    announced: list[str] = []
    ready = threading.Event()

    def announce(url: str) -> None:
        announced.append(url)
        ready.set()

    thread = threading.Thread(
        target=server.serve, args=(Settings(api_secret="hush"), announce), daemon=True
    )
    thread.start()
    assert ready.wait(10)
    base = announced[0].partition("upload_prefix=")[2]
    answer = requests.get(f"{base}/v1_1/demo/ping", auth=("key", "hush"), timeout=10)
    assert answer.json() == {"status": "ok"}
    printed = capsys.readouterr()
    assert "hush" not in printed.out + printed.err


def test_delay(emulate: Emulate) -> None:
    cloud = emulate(delay=0.1)
    started = time.monotonic()
    cloud.admin("GET", "ping")
    assert time.monotonic() - started >= 0.1
