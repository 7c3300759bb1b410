"""Structured metadata: definitions, checked values, defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Caller


def _define(cloud: Caller, **field: Any) -> None:
    answer = cloud.admin("POST", "metadata_fields", json={"label": "L", **field})
    assert answer.status_code == 200, answer.text


def test_values_are_checked(cloud: Caller) -> None:
    _define(cloud, external_id="s", type="string", default_value="d")
    _define(cloud, external_id="n", type="integer")
    values = {"values": [{"external_id": "e1", "value": "v1"}]}
    _define(cloud, external_id="l", type="set", datasource=values)
    asset = cloud.upload(b"x", public_id="a", metadata='n=5|l=["e1"]')
    assert asset["metadata"] == {"n": 5, "l": ["e1"], "s": "d"}
    for bad in ("n=x", 'l=["zz"]', "none=1"):
        assert cloud.post("raw/upload", b"x", metadata=bad).status_code == 400
    item = cloud.get("resources/raw/upload", metadata="true")["resources"][0]
    assert item["metadata"]["n"] == 5


def test_definitions(cloud: Caller) -> None:
    _define(cloud, external_id="b", type="string")
    _define(cloud, external_id="a", type="string")
    assert (
        cloud.admin(
            "POST", "metadata_fields", json={"external_id": "a", "label": "L", "type": "string"}
        ).status_code
        == 409
    )
    body = {"order_by": "external_id", "direction": "asc"}
    ordered = cloud.admin("PUT", "metadata_fields/order", json=body).json()
    assert [one["external_id"] for one in ordered] == ["a", "b"]
    assert cloud.admin("DELETE", "metadata_fields/a").json() == {"message": "ok"}
    assert cloud.admin("GET", "metadata_fields/a").status_code == 404
