"""How the emulated service behaves and how its server listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PAGES: Mapping[str, int] = {
    "AlbumImages": 100,
    "AlbumSearch": 10,
    "ChildNodes": 10,
    "ImageSearch": 10,
    "NodeSearch": 10,
    "ParentNodes": 7,
    "UserRecentImages": 10,
}
"""How many objects a list gives when no ``count`` is sent, by endpoint type; 100 elsewhere."""


@dataclass(frozen=True)
class Settings:
    """What the documentation leaves open or leaves to the account; times are seconds.

    ``nick`` owns the account that is there from the start; ``key`` and ``secret`` are those of the
    application, ``token`` and ``token_secret`` those of an access token its owner has granted it
    (full access, may modify); an empty ``token`` grants none.

    ``default_counts`` and ``largest_counts`` go by endpoint type ("AlbumImages"); a ``count``
    above the largest (``largest_count`` for the rest) is lowered to it, as ``Pages`` then tells.
    The service's own limits are not documented: 100 is what it has been seen to give for images.

    ``requests_per_window`` calls per user and application are answered in each window, which lasts
    ``window`` seconds from its first request (SmugMug API, advanced/rate-limits).

    ``visible_after`` is how long a new node or album is answered with 404, ``search_lag`` how long
    searches do not find it. ``shuffle_ties`` gives objects that sort alike in another order with
    each request. ``latency`` is waited before every answer.

    ``cdn_ranges`` has the media server answer ranges with 206; ``longest_multi_get`` is the number
    of ids a path may name, ``largest_expansion`` the number of endpoints one reply may expand.
    ``refuse_duplicates`` answers the upload of a file name that its album has with 409.
    Whether the uploader takes ``%41`` in a file name for ``A`` is not documented; it does where
    ``decode_file_names`` is set. ``largest_photo`` and ``largest_video`` are bytes,
    ``largest_pixels`` a photo's width times height. A video is ``Processing`` for
    ``processing_time``, work asked for with ``Async`` takes ``task_time``. Where
    ``replacing_touches_album`` is false, other bytes for an image leave the dates of its albums,
    which are documented to tell of images added, removed and rearranged only.
    ``video_posters`` gives videos an ``ArchivedUri``, which leads to a still picture.
    ``data`` is the folder that keeps the account; without it, it ends with the server.
    """

    nick: str = "demo"
    key: str = "key"
    secret: str = field(default="secret", repr=False)
    token: str = "token"  # noqa: S105
    token_secret: str = field(default="token-secret", repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    data: Path | None = None
    default_counts: Mapping[str, int] = field(default_factory=dict)
    largest_counts: Mapping[str, int] = field(default_factory=dict)
    largest_count: int = 100
    requests_per_window: int = 5000
    window: float = 3600.0
    visible_after: float = 0.0
    search_lag: float = 0.0
    shuffle_ties: bool = False
    latency: float = 0.0
    cdn_ranges: bool = True
    inline_expansions: bool = True
    longest_multi_get: int = 100
    largest_expansion: int = 1000
    largest_album: int = 5000
    refuse_duplicates: bool = False
    video_posters: bool = False
    decode_file_names: bool = True
    largest_photo: int = 500_000_000
    largest_video: int = 3_221_225_472
    largest_pixels: int = 210_000_000
    processing_time: float = 0.0
    task_time: float = 0.0
    replacing_touches_album: bool = True

    def default_count(self, endpoint_type: str) -> int:
        """Give the number of objects on a page when the client asks for none."""
        counts = {**PAGES, **self.default_counts}
        return min(counts.get(endpoint_type, 100), self.most(endpoint_type))

    def most(self, endpoint_type: str) -> int:
        """Give the largest number of objects on a page."""
        return self.largest_counts.get(endpoint_type, self.largest_count)
