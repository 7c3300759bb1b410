"""What is written of an asset."""

import pytest

from mirrorfs.core import facts
from mirrorfs.core.errors import Unsupported
from mirrorfs.core.paths import parse
from mirrorfs.providers.cloudinary.describing import description
from mirrorfs.providers.cloudinary.translate import Asset, parse_asset
from tests.providers.cloud import Cloud, picture
from tests.providers.items import item


def asset(**more: object) -> Asset:
    made = parse_asset(item(**more), dynamic=True)
    assert made
    return made


def test_what_is_not_named_stays() -> None:
    old = asset(context={"custom": {"alt": "Alt", "mtime": "0"}}, tags=["a", "b"])
    assert description({facts.TITLE: "T"}, old) == {
        "context": {"alt": "Alt", "mtime": "0", "title": "T"},
        "tags": "a,b",
    }


def test_a_caption_that_is_taken_away_takes_the_alternative_text_along() -> None:
    old = asset(context={"custom": {"alt": "Alt", "caption": "C"}})
    assert description({facts.CAPTION: ""}, old)["context"] == {}


def test_a_keyword_with_a_comma_is_refused_before_anything_is_sent(cloud: Cloud) -> None:
    cloud.seed(picture("a.jpg", b"old", tags=["x"]))
    entry = cloud.provider.stat(parse("a.jpg"))
    with pytest.raises(Unsupported, match="comma"):
        cloud.provider.describe(entry, {facts.KEYWORDS: "a, b; c"})
    assert cloud.provider.stat(parse("a.jpg")).facts[facts.KEYWORDS] == "x"
