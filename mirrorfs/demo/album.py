"""What the embedded accounts hold: photographs, films and other files in nested folders."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from mirrorfs.core.paths import RemotePath
from mirrorfs.demo import pictures, video

EMPTY_FOLDER = RemotePath("To sort")
_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the demonstration; ``modified`` in nanoseconds since the epoch."""

    path: RemotePath
    body: bytes
    modified: int


@dataclass(frozen=True, slots=True)
class _Trip:
    folder: str
    start: datetime.datetime
    place: tuple[float, float]
    shots: int


_TRIPS = (
    _Trip("Photos/2023/Alps", datetime.datetime(2023, 7, 14, 6, 12), (47.07, 12.69), 10),
    _Trip("Photos/2023/Alps/Großglockner", datetime.datetime(2023, 7, 16, 5, 3), (47.07, 12.69), 5),
    _Trip("Photos/2024/Lisboa", datetime.datetime(2024, 4, 2, 17, 40), (38.72, -9.14), 8),
    _Trip("Photos/2024/Lisboa/Praia e Mar", datetime.datetime(2024, 4, 5, 19), (38.7, -9.4), 4),
    _Trip("Photos/Family", datetime.datetime(2022, 12, 24, 15, 30), (52.52, 13.4), 6),
)


_GALLERIES = (
    _Trip("Travel/2024/Norge", datetime.datetime(2024, 6, 21, 21, 40), (67.9, 13.1), 8),
    _Trip("Travel/2024/Norge Å", datetime.datetime(2024, 6, 24, 9, 15), (67.88, 12.98), 5),
    _Trip("Travel/2025/Québec", datetime.datetime(2025, 10, 3, 16, 5), (46.81, -71.2), 6),
    _Trip("Portfolio", datetime.datetime(2025, 1, 11, 8, 20), (45.92, 6.87), 5),
)


def galleries() -> Iterator[Item]:
    """Yield the photographs of an account that holds nothing else."""
    seed = 500
    for trip in _GALLERIES:
        for n in range(trip.shots):
            seed += 1
            taken = trip.start + datetime.timedelta(minutes=23 * n)
            shot = pictures.Shot(taken, trip.place[0] + n / 500, trip.place[1] + n / 300)
            extension = "png" if n == 4 else "jpg"
            body = pictures.photograph(seed, shot, _FORMATS[extension])
            yield _item(f"{trip.folder}/DSC_{7000 + seed}.{extension}", body, taken)


def items() -> Iterator[Item]:
    """Yield every file of the account, folder by folder."""
    seed = 0
    for trip in _TRIPS:
        for n in range(trip.shots):
            seed += 1
            taken = trip.start + datetime.timedelta(minutes=17 * n)
            shot = pictures.Shot(taken, trip.place[0] + n / 500, trip.place[1] + n / 300)
            extension = ("jpg", "jpg", "webp")[n % 3] if trip.shots > 5 else "jpg"
            body = pictures.photograph(seed, shot, _FORMATS[extension])
            yield _item(f"{trip.folder}/IMG_{4000 + seed}.{extension}", body, taken)
    yield from _twins(seed)
    yield from _films()
    yield from _documents()


def _twins(seed: int) -> Iterator[Item]:
    taken = datetime.datetime(2024, 9, 1, 9)
    shot = pictures.Shot(taken, 48.2, 16.37)
    for n, extension in enumerate(("jpg", "png"), seed + 1):
        body = pictures.photograph(n, shot, _FORMATS[extension])
        yield _item(f"Photos/Family/portrait.{extension}", body, taken)


def _films() -> Iterator[Item]:
    for n, name in enumerate(("sunrise", "over the ridge")):
        body = video.film(pictures.frames(70 + n, 36), (320, 213))
        yield _item(f"Films/{name}.avi", body, datetime.datetime(2023, 7, 14, 6, 30 + n))


def _documents() -> Iterator[Item]:
    written = datetime.datetime(2024, 3, 28, 21, 5)
    texts = {
        "Documents/packing list.txt": "boots\nrain jacket\ncamera, two batteries\n",
        "Documents/route.csv": "day,from,to,km\n1,Heiligenblut,Hofmannshütte,9.5\n2,,Gipfel,7\n",
        "Documents/GPS/day 1.gpx": '<gpx version="1.1"><trk><name>Day 1</name></trk></gpx>\n',
        "Documents/GPS/day 2.gpx": '<gpx version="1.1"><trk><name>Day 2</name></trk></gpx>\n',
    }
    for path, text in texts.items():
        yield _item(path, text.encode(), written)


def _item(path: str, body: bytes, when: datetime.datetime) -> Item:
    seconds = int(when.replace(tzinfo=datetime.UTC).timestamp())
    return Item(RemotePath(path), body, seconds * 10**9)
