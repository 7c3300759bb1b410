"""Sizes that the API does not tell are asked of the media host, once a revision."""

from __future__ import annotations

import pytest

from mirrorfs.core.errors import Unavailable
from mirrorfs.providers.smugmug.probes import Probes
from mirrorfs.providers.smugmug.records import Image, Media, Rendition
from tests.net.server import Asked, Reply, serve, serve_file
from tests.providers.smugmug.recorded import open_api

DATA = b"a film" * 100


def video(url: str, serial: int = 0) -> Image:
    media = Media(Rendition.VIDEO, url, None)
    return Image("/i", "A", "K", serial, "a.mp4", "", is_video=True, media=media)


def size_of(probes: Probes, image: Image) -> int | None:
    found = probes.sized(image).media
    assert found
    return found.size


def test_a_size_is_asked_for_once_a_revision() -> None:
    with serve(serve_file(DATA)) as running:
        api = open_api(running.url)
        probes = Probes(api.line, api.patience)
        for serial in (0, 0, 1):
            assert size_of(probes, video(running.url, serial)) == 600
        assert len(running.asked) == 2 == api.line.quota.usage().calls


@pytest.mark.parametrize(
    ("reply", "size"),
    [
        (Reply(200, DATA), 600),
        (Reply(206, b"a", {"Content-Range": "bytes 0-0/*"}), None),
        (Reply(200, b""), None),
        (Reply(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}), None),
        (Reply(200, DATA, length=False), None),
        (Reply(404), None),
        (Reply(403), None),
    ],
)
def test_what_the_host_says(reply: Reply, size: int | None) -> None:
    with serve(lambda _: reply) as running:
        api = open_api(running.url)
        assert size_of(Probes(api.line, api.patience), video(running.url)) == size


def test_a_host_that_is_down_says_nothing_of_the_file() -> None:
    def script(asked: Asked) -> Reply:
        return Reply(503) if asked.number < 1 else Reply(200, DATA)

    with serve(script) as running:
        api = open_api(running.url, tries=1)
        probes = Probes(api.line, api.patience)
        with pytest.raises(Unavailable):
            probes.sized(video(running.url))
        assert size_of(probes, video(running.url)) == 600
