"""Delivery: ranges, caching, signatures, renditions."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mirrorfs.emulators.cloudinary.delivery import Address, parse_address
from mirrorfs.emulators.serving import Span, Unsatisfiable, parse_range

from .conftest import png, signed

if TYPE_CHECKING:
    from .conftest import Caller, Emulate

BODY = bytes(range(256)) * 8000


def _size(body: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(body)).size


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("bytes=0-9", Span(0, 10)),
        ("bytes=90-", Span(90, 100)),
        ("bytes=-5", Span(95, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=99-1000", Span(99, 100)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-3", None),
        ("bytes=0-1,4-5", None),
        ("lines=0-1", None),
    ],
)
def test_parse_range(text: str, span: Span | None) -> None:
    assert parse_range(text, 100) == span


@pytest.mark.parametrize("text", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_unsatisfiable_range(text: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(text, 100)


def test_raw_bytes_and_headers(cloud: Caller) -> None:
    asset = cloud.upload(BODY, public_id="a/b.bin")
    answer = cloud.session.get(asset["secure_url"])
    assert answer.content == BODY
    md5 = hashlib.md5(BODY).hexdigest()
    assert asset["etag"] == md5
    assert answer.headers["ETag"] == f'"{md5}"'
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "max-age=2592000" in answer.headers["Cache-Control"]
    assert "Last-Modified" in answer.headers
    head = cloud.session.head(asset["secure_url"])
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(BODY)))
    same = cloud.session.get(asset["secure_url"], headers={"If-None-Match": f'"{md5}"'})
    assert same.status_code == 304


def test_ranges(cloud: Caller) -> None:
    url = cloud.upload(BODY, public_id="b.bin")["secure_url"]
    part = cloud.session.get(url, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == BODY[1000:2000]
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(BODY)}"
    beyond = cloud.session.get(url, headers={"Range": f"bytes={len(BODY)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(BODY)}"
    other = cloud.session.get(url, headers={"Range": "bytes=0-1", "If-Range": '"no"'})
    assert other.status_code == 200


def test_generated_bodies_are_the_same_by_parts(cloud: Caller) -> None:
    item = {"path": "gen.bin", "public_id": "gen.bin", "size": 3_000_000, "seed": "s"}
    cloud.emulator("POST", "seed", [item])
    url = cloud.get("resources/raw/upload/gen.bin")["secure_url"]
    whole = cloud.session.get(url).content
    assert len(whole) == 3_000_000
    for start, stop in ((0, 10), (65530, 65550), (1_048_000, 2_200_000), (2_999_999, 3_000_000)):
        part = cloud.session.get(url, headers={"Range": f"bytes={start}-{stop - 1}"})
        assert part.content == whole[start:stop]


def test_missing_asset(cloud: Caller) -> None:
    answer = cloud.session.get(f"{cloud.server.url}/demo/raw/upload/v1/none.txt")
    assert answer.status_code == 404
    assert answer.headers["X-Cld-Error"] == "Resource not found - none.txt"


def test_version_does_not_select(cloud: Caller) -> None:
    cloud.upload(b"1", public_id="a")
    cloud.upload(b"2", public_id="a")
    base = f"{cloud.server.url}/demo/raw/upload"
    for version in ("", "v1/", "v1700000000/"):
        assert cloud.session.get(f"{base}/{version}a").content == b"2"


@pytest.mark.parametrize("type_", ["private", "authenticated"])
def test_restricted_originals_need_a_signature(cloud: Caller, type_: str) -> None:
    asset = cloud.upload(b"x", public_id="d/a b.txt", type=type_)
    assert "/s--" in asset["secure_url"]
    assert cloud.session.get(asset["secure_url"]).content == b"x"
    bare = f"{cloud.server.url}/demo/raw/{type_}/v1/d/a b.txt"
    denied = cloud.session.get(bare)
    assert (denied.status_code, denied.headers["X-Cld-Error"]) == (401, "deny or ACL failure")
    wrong = f"{cloud.server.url}/demo/raw/{type_}/s--aaaaaaaa--/v1/d/a b.txt"
    assert cloud.session.get(wrong).status_code == 401


@pytest.mark.parametrize(
    ("steps", "size"),
    [
        ("w_20", (20, 10)),
        ("h_40", (80, 40)),
        ("w_0.5", (20, 10)),
        ("c_scale,h_5,w_5", (5, 5)),
        ("c_fit,h_10,w_10", (10, 5)),
        ("c_limit,h_100,w_100", (40, 20)),
        ("c_fill,h_15,w_15", (15, 15)),
        ("c_thumb,g_north,h_7,w_9", (9, 7)),
        ("c_pad,h_50,w_50", (50, 50)),
        ("c_lpad,h_50,w_60", (60, 50)),
        ("c_crop,h_10,w_10,x_3,y_3", (10, 10)),
        ("ar_1:1,c_fill,w_12", (12, 12)),
        ("a_90", (20, 40)),
        ("c_scale,w_10/a_90", (5, 10)),
        ("e_grayscale", (40, 20)),
        ("q_auto,f_auto", (40, 20)),
        ("fl_original", (40, 20)),
    ],
)
def test_transformations(cloud: Caller, steps: str, size: tuple[int, int]) -> None:
    cloud.upload(png(), "image", public_id="p")
    answer = cloud.session.get(f"{cloud.server.url}/demo/image/upload/{steps}/v1/p.png")
    assert answer.status_code == 200, answer.headers
    assert _size(answer.content) == size


def test_conversion(cloud: Caller) -> None:
    body = png()
    cloud.upload(body, "image", public_id="p")
    base = f"{cloud.server.url}/demo/image/upload"
    assert cloud.session.get(f"{base}/v1/p.png").content == body
    assert cloud.session.get(f"{base}/fl_original/v1/p.jpg").content == body
    jpg = cloud.session.get(f"{base}/v1/p.jpg")
    assert (jpg.headers["Content-Type"], jpg.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert cloud.session.get(f"{base}/f_webp/v1/p.png").content[8:12] == b"WEBP"


def test_ranges_of_renditions(cloud: Caller) -> None:
    cloud.upload(png(), "image", public_id="p")
    url = f"{cloud.server.url}/demo/image/upload/w_10/v1/p.png"
    whole = cloud.session.get(url)
    assert whole.headers["ETag"] == f'"{hashlib.md5(whole.content).hexdigest()}"'
    part = cloud.session.get(url, headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.content) == (206, whole.content[5:15])


@pytest.mark.parametrize("steps", ["zz_5", "c_nonsense,w_5", "w_x", "q_900", "e_nope", "w_5,foo"])
def test_unknown_transformations(cloud: Caller, steps: str) -> None:
    cloud.upload(png(), "image", public_id="p")
    answer = cloud.session.get(f"{cloud.server.url}/demo/image/upload/{steps}/v1/p.png")
    assert answer.status_code == 400
    assert answer.headers["X-Cld-Error"].startswith("Invalid")


def test_optimize_by_default(emulate: Emulate) -> None:
    cloud = emulate(optimize_by_default=True)
    body = png() + b"trailer"
    cloud.upload(body, "image", public_id="p")
    base = f"{cloud.server.url}/demo/image/upload"
    assert cloud.session.get(f"{base}/v1/p.png").content != body
    assert cloud.session.get(f"{base}/fl_original/v1/p.png").content == body


def test_blocked_documents(emulate: Emulate) -> None:
    cloud = emulate(block_documents=True)
    asset = cloud.upload(b"%PDF-1.4\n", "auto", public_id="doc")
    assert (asset["resource_type"], asset["format"]) == ("image", "pdf")
    denied = cloud.session.get(asset["secure_url"])
    assert (denied.status_code, denied.headers["X-Cld-Error"]) == (401, "deny or ACL failure")
    link = f"{cloud.root}/image/download"
    params = signed({"public_id": "doc", "format": "pdf", "type": "upload"})
    assert cloud.session.get(link, params=params).content == b"%PDF-1.4\n"
    late = signed({"public_id": "doc", "expires_at": 1})
    assert cloud.session.get(link, params=late).status_code == 401


def test_access_control(cloud: Caller) -> None:
    url = cloud.upload(b"x", public_id="a", access_control='[{"access_type":"token"}]')["url"]
    assert cloud.session.get(url).status_code == 401
    rule = '[{"access_type":"anonymous","end":"2999-01-01T00:00:00Z"}]'
    url = cloud.upload(b"x", public_id="a", access_control=rule)["url"]
    assert cloud.session.get(url).status_code == 200


def test_parse_address() -> None:
    assert parse_address("image", "upload", "s--abcdefgh--/c_fill,w_5/e_sepia/v12/a/b.png") == (
        Address("image", "upload", "abcdefgh", "c_fill,w_5/e_sepia", "a/b.png")
    )
    assert parse_address("raw", "upload", "a/b.txt").name == "a/b.txt"
    assert parse_address("image", "upload", "w_5/b").transformation == "w_5"
