"""The hourly budget."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from mirrorfs.emulators.cloudinary.errors import ApiError
from mirrorfs.emulators.cloudinary.rates import Budget

if TYPE_CHECKING:
    from .conftest import Emulate

NOON = 1754672400.0  # 2025-08-08 17:00:00 UTC


def test_budget_of_a_clock_hour() -> None:
    now = [NOON - 60]
    budget = Budget(3, lambda: now[0])
    budget.spend()
    budget.spend(2)
    with pytest.raises(ApiError) as caught:
        budget.spend()
    assert caught.value.status == 420
    assert caught.value.message == (
        "Rate Limit Exceeded. Limit of 3 api operations reached. "
        "Try again on 2025-08-08 17:00:00 UTC"
    )
    assert budget.headers() == {
        "X-FeatureRateLimit-Limit": "3",
        "X-FeatureRateLimit-Remaining": "0",
        "X-FeatureRateLimit-Reset": "Fri, 08 Aug 2025 17:00:00 GMT",
    }
    now[0] = NOON
    budget.spend()
    assert budget.left == 2


def test_admin_calls_count_and_others_do_not(emulate: Emulate) -> None:
    cloud = emulate(hourly_limit=3)
    asset = cloud.upload(b"x", public_id="a")
    assert cloud.session.get(asset["secure_url"]).status_code == 200
    for left in ("2", "1", "0"):
        answer = cloud.admin("GET", "ping")
        assert answer.headers["X-FeatureRateLimit-Remaining"] == left
        assert answer.headers["X-FeatureRateLimit-Limit"] == "3"
        assert answer.headers["X-Request-Id"]
        reset = parsedate_to_datetime(answer.headers["X-FeatureRateLimit-Reset"])
        assert (reset.minute, reset.second) == (0, 0)
    refused = cloud.admin("POST", "resources/search", json={})
    assert refused.status_code == 420
    assert "Limit of 3 api operations reached" in refused.json()["error"]["message"]
    assert refused.headers["X-FeatureRateLimit-Remaining"] == "0"
    cloud.upload(b"y", public_id="b")


def test_versions_cost_eleven(emulate: Emulate) -> None:
    cloud = emulate(hourly_limit=20)
    cloud.upload(b"x", public_id="a")
    answer = cloud.admin("GET", "resources/raw/upload/a", params={"versions": "true"})
    assert answer.headers["X-FeatureRateLimit-Remaining"] == "9"
