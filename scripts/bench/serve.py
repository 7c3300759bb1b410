"""The process that serves one emulated account: ``python -m scripts.bench.serve SERVICE SETTINGS``.

``SETTINGS`` is a JSON object of the emulator's own settings. It prints a line of JSON, the fields
of ``Service`` that tell how it is reached, and ends when its standard input does, so that it never
outlives the measurement.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any

from mirrorfs.emulators import cloudinary, smugmug
from mirrorfs.emulators.connect import front
from mirrorfs.emulators.smugmug.hosts import HOSTS

_NO_LIMIT = 10**9
_NAME = "bench"


@contextmanager
def _cloudinary(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    wanted = cloudinary.Settings(cloud_name=_NAME, hourly_limit=_NO_LIMIT, **settings)
    with cloudinary.Server(wanted) as server, front(server) as variables:
        yield {
            "url": server.url,
            "api": f"/v1_1/{_NAME}/",
            "environment": {"CLOUDINARY_URL": server.cloudinary_url},
            "front": dict(variables),
        }


@contextmanager
def _smugmug(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    wanted = smugmug.Settings(nick=_NAME, requests_per_window=_NO_LIMIT, **settings)
    hosts = (*HOSTS, f"{_NAME}.smugmug.com")
    with smugmug.Server(wanted) as server, front(server, hosts) as variables:
        yield {
            "url": server.url,
            "api": "/api/v2",
            "environment": dict(one.split("=", 1) for one in server.environment.split()),
            "front": dict(variables),
        }


_Serving = Callable[[Mapping[str, Any]], AbstractContextManager[dict[str, Any]]]
_SERVICES: Mapping[str, _Serving] = MappingProxyType(
    {"cloudinary": _cloudinary, "smugmug": _smugmug}
)


def main(service: str, settings: Mapping[str, Any]) -> None:
    """Serve until the end of standard input."""
    with _SERVICES[service](settings) as reached:
        print(json.dumps(reached), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
