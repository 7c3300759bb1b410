"""The process that serves one emulated account: ``python -m scripts.bench.serve DELAY``.

It prints its addresses as one line of JSON and ends when its standard input does, so that it
never outlives the measurement. ``front`` holds the environment variables that lead rclone's
calls to it.
"""

from __future__ import annotations

import json
import sys

from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.emulators.connect import front

_NO_LIMIT = 10**9


def main(delay: float) -> None:
    """Serve until the end of standard input; ``delay`` seconds go by before each answer."""
    settings = Settings(cloud_name="bench", hourly_limit=_NO_LIMIT, delay=delay)
    with Server(settings) as server, front(server) as variables:
        addresses = {
            "url": server.url,
            "cloudinary_url": server.cloudinary_url,
            "front": dict(variables),
        }
        print(json.dumps(addresses), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(float(sys.argv[1]))
