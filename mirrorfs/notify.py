"""Telling systemd how a service is (``sd_notify(3)``); nothing happens where it does not ask."""

from __future__ import annotations

import contextlib
import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"


def tell(*news: str) -> None:
    """Send lines such as :data:`READY` or ``STATUS=…``."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, contextlib.suppress(OSError):
        client.sendto("\n".join(news).encode(), address.replace("@", "\0", 1))
