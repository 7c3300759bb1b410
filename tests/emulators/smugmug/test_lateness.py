"""What was just made: told at once to who made it, found a moment later."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Emulate


def test_a_new_node_is_told_of_before_it_is_found(emulate: Emulate) -> None:
    owner = emulate(visible_after=60.0)
    root = f"/node/{owner.read('!authuser', _verbosity=1)['Uris']['Node'].rpartition('/')[2]}"
    made = owner.call("POST", f"{root}!children", json={"Type": "Album", "Name": "N"})
    assert made.status_code == 201
    node = made.json()["Response"]["Node"]
    assert node["Name"] == "N"
    assert owner.status(node["Uri"].removeprefix("/api/v2")) == 404
    assert owner.read(f"{root}!children") is None
