"""Reading: whatever the delivery does, the bytes are those of the revision or it is an error."""

from typing import Any

import pytest

from mirrorfs.core import digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    BadAnswer,
    Changed,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    Unavailable,
)
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.emulators.cloudinary import Settings
from tests.providers.cloud import Cloud, picture

DELIVERY = "^/demo/"
FOREVER: dict[str, Any] = {"times": None}
LARGE = 9 << 20


def seeded(cloud: Cloud, **item: Any) -> Entry:
    cloud.seed({"path": "x.txt", "size": 1000, "seed": "s", **item})
    return cloud.provider.stat(parse(item.get("path", "x.txt")))


@pytest.fixture
def jpeg() -> bytes:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(made, "JPEG", quality=95)
    return made.getvalue()


def test_no_admin_call_is_made(cloud: Cloud) -> None:
    entry = seeded(cloud)
    before = cloud.provider.usage().calls
    assert len(cloud.content(entry)) == 1000
    assert len(cloud.content(entry, 10, 20)) == 20
    assert cloud.provider.usage().calls == before


def test_the_version_is_always_named(cloud: Cloud) -> None:
    entry = seeded(cloud)
    cloud.content(entry)
    assert all("/v" in one["path"] for one in cloud.asked(DELIVERY.replace("^", " ")))


@pytest.mark.parametrize("size", [1000, LARGE])
@pytest.mark.parametrize(
    "action", [{"truncate_body_to": 500}, {"drop_connection": True}, {"status": 503, "html": "x"}]
)
def test_a_hiccup_is_survived(cloud: Cloud, size: int, action: dict[str, Any]) -> None:
    entry = seeded(cloud, size=size)
    cloud.fault(DELIVERY, action)
    assert digest.of(cloud.content(entry)) == entry.digest


@pytest.mark.parametrize("size", [1000, LARGE])
@pytest.mark.parametrize(
    ("action", "error"),
    [
        ({"truncate_body_to": 10}, Unavailable),
        ({"drop_connection": True}, Unavailable),
        ({"status": 503, "html": "<h1>Down</h1>"}, Unavailable),
        ({"status": 200, "html": "<h1>Log in</h1>"}, MirrorError),
        ({"status": 200, "body": {"error": "no"}}, MirrorError),
        ({"corrupt_bytes": 1}, Corrupt),
        ({"status": 404, "html": "<h1>Not here</h1>"}, BadAnswer),
        ({"status": 206, "body": "a part without Content-Range"}, BadAnswer),
        ({"status": 403, "html": "<h1>No</h1>"}, Denied),
    ],
)
def test_what_does_not_heal_is_an_error(
    cloud: Cloud, size: int, action: dict[str, Any], error: type[MirrorError]
) -> None:
    entry = seeded(cloud, size=size)
    cloud.fault(f"{DELIVERY}|/download", action, **FOREVER)
    for _ in range(3):
        with pytest.raises(error):
            cloud.content(entry)


def test_a_corrupt_delivery_of_a_small_file_is_fetched_another_way(cloud: Cloud) -> None:
    entry = seeded(cloud)
    cloud.fault(DELIVERY, {"corrupt_bytes": 1}, **FOREVER)
    assert digest.of(cloud.content(entry)) == entry.digest


def test_a_corrupt_delivery_of_a_large_file_is_fetched_another_way_next_time(cloud: Cloud) -> None:
    entry = seeded(cloud, size=LARGE)
    cloud.fault(DELIVERY, {"corrupt_bytes": 1}, **FOREVER)
    with pytest.raises(Corrupt):
        cloud.content(entry)
    assert digest.of(cloud.content(entry)) == entry.digest


@pytest.mark.parametrize("cloud", [Settings(optimize_by_default=True)], indirect=True)
def test_a_picture_that_is_delivered_in_another_encoding(cloud: Cloud, jpeg: bytes) -> None:
    cloud.seed(picture("x.jpg", jpeg), picture("y.jpg", jpeg + b"more"))
    entry = cloud.provider.stat(parse("x.jpg"))
    assert cloud.content(entry, 10, 20) == jpeg[10:30]
    assert cloud.content(entry) == jpeg
    cloud.forget()
    assert cloud.content(cloud.provider.stat(parse("y.jpg"))) == jpeg + b"more"
    delivered = cloud.asked(" /demo/")
    assert len(delivered) == 1
    assert "fl_original" in delivered[0]["path"]


@pytest.mark.parametrize("cloud", [Settings(optimize_by_default=True)], indirect=True)
def test_a_private_picture_in_another_encoding(cloud: Cloud, jpeg: bytes) -> None:
    name = {"public_id": "a b/ü", "display_name": "x", "format": "jpg"}
    seed = picture("", jpeg, type="authenticated", **name)
    del seed["path"]
    cloud.seed(seed)
    assert cloud.content(cloud.provider.stat(parse("x.jpg"))) == jpeg
    assert cloud.asked("fl_original")


@pytest.mark.parametrize("cloud", [Settings(block_documents=True)], indirect=True)
def test_documents_that_the_cdn_may_not_deliver(cloud: Cloud) -> None:
    cloud.seed(picture("x.pdf", b"%PDF-1.4 something"), {"path": "y.zip", "size": LARGE})
    assert cloud.content(cloud.provider.stat(parse("x.pdf"))) == b"%PDF-1.4 something"
    archive = cloud.provider.stat(parse("y.zip"))
    assert digest.of(cloud.content(archive)) == archive.digest
    assert len(cloud.content(archive, 5, 10)) == 10


def test_a_refusal_names_its_reason(cloud: Cloud) -> None:
    entry = seeded(cloud)
    cloud.fault(f"{DELIVERY}|/download", {"deny": True}, **FOREVER)
    with pytest.raises(Denied, match="deny or ACL failure"):
        cloud.content(entry)


def test_a_file_that_was_replaced(cloud: Cloud) -> None:
    entry = seeded(cloud, public_id="x.txt")
    seeded(cloud, public_id="x.txt", seed="other")
    with pytest.raises(Changed):
        cloud.content(entry)
    with pytest.raises(Changed):
        cloud.content(entry, 5, 10)


def test_a_file_that_is_gone(cloud: Cloud) -> None:
    entry = seeded(cloud)
    cloud.admin("DELETE", "resources", {"asset_ids": [entry.id]})
    with pytest.raises(NotFound):
        cloud.content(entry)


def test_files_that_are_denied_cost_a_few_calls(cloud: Cloud) -> None:
    cloud.seed(*({"path": f"{number}.txt", "size": 10} for number in range(30)))
    entries = cloud.provider.scandir(ROOT)
    cloud.fault(f"{DELIVERY}|/download", {"deny": True}, **FOREVER)
    before = cloud.provider.usage().calls
    for entry in [*entries, *entries]:
        with pytest.raises(Denied):
            cloud.content(entry)
    assert cloud.provider.usage().calls - before <= 4


@pytest.mark.parametrize("change", ["replaced", "gone"])
def test_what_became_of_a_file_is_remembered(cloud: Cloud, change: str) -> None:
    entry = seeded(cloud, public_id="x.txt")
    if change == "gone":
        cloud.admin("DELETE", "resources", {"asset_ids": [entry.id]})
    else:
        seeded(cloud, public_id="x.txt", seed="other")
    before = cloud.provider.usage().calls
    for _ in range(20):
        with pytest.raises(NotFound if change == "gone" else Changed):
            cloud.content(entry)
    assert cloud.provider.usage().calls - before == 1


def test_a_quota_that_is_used_up_does_not_hide_the_reason(cloud: Cloud) -> None:
    entry = seeded(cloud)
    cloud.fault(f"{DELIVERY}|/download", {"deny": True}, **FOREVER)
    cloud.fault("/resources/|/explicit", {"rate_limit": {}}, **FOREVER)
    with pytest.raises(Denied, match="deny or ACL failure"):
        cloud.content(entry)


def test_a_cdn_that_answers_stale(cloud: Cloud) -> None:
    entry = cloud.put("x.txt", b"old bytes")
    cloud.fault(DELIVERY, {"stale": True}, **FOREVER)
    assert cloud.content(entry) == b"old bytes"
    new = cloud.put("x.txt", b"new bytes, at once", replaces=entry)
    assert cloud.content(new) == b"new bytes, at once"


def test_no_secret_is_told(cloud: Cloud) -> None:
    entry = seeded(cloud, type="authenticated")
    cloud.fault(f"{DELIVERY}|/download", {"deny": True}, **FOREVER)
    with pytest.raises(Denied) as caught:
        cloud.content(entry)
    assert entry.facts["private.url"].split("--")[1] not in str(caught.value)
    assert "signature=" not in str(caught.value)


def test_public_ids_that_look_escaped(cloud: Cloud) -> None:
    cloud.seed({"public_id": "50%20off.txt", "display_name": "x", "folder": "", "size": 9})
    entry = cloud.provider.stat(parse("x"))
    assert digest.of(cloud.content(entry)) == entry.digest
    cloud.provider.remove(entry)
    assert cloud.tree() == set()
