"""The process that serves one emulated account: ``python -m scripts.bench.serve FOLDER DELAY``.

It prints its addresses as one line of JSON and ends when its standard input does, so that it
never outlives the measurement.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mirrorfs.emulators.cloudinary import Server, Settings

_NO_LIMIT = 10**9


def main(folder: Path, delay: float) -> None:
    """Serve until the end of standard input; ``delay`` seconds go by before each answer."""
    settings = Settings(cloud_name="bench", hourly_limit=_NO_LIMIT, delay=delay)
    with Server(settings) as server:
        addresses = {"url": server.url, "cloudinary_url": server.cloudinary_url, "proxy": ""}
        print(json.dumps(addresses), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
