"""Everything over TLS, with certificate authorities of the user's own."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import trustme

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import Unavailable
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.providers import cloudinary
from tests.providers.cloud import PATIENCE


def test_the_authorities_that_the_user_names_are_trusted_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    own, key, certificate = (tmp_path / name for name in ("ca.pem", "key.pem", "cert.pem"))
    authority.cert_pem.write_to_path(own)
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(certificate)
    with Server(Settings(certfile=certificate, keyfile=key)) as server:
        credentials = cloudinary.parse_url(server.cloudinary_url)
        stranger = cloudinary.open(credentials, SystemClock(), PATIENCE)
        with pytest.raises(Unavailable, match="certificate"):
            stranger.scandir(ROOT)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own))
        account = cloudinary.open(credentials, SystemClock(), PATIENCE)
        entry = account.write(RemotePath("a.txt"), BytesIO(b"over TLS"), size=8, modified=0)
        assert b"".join(account.read(entry)) == b"over TLS"
