from collections.abc import Callable

import pytest

from mirrorfs.core.errors import Unavailable
from mirrorfs.core.paths import ROOT
from mirrorfs.core.provider import Source
from mirrorfs.vfs.offline import Offline
from tests.vfs.fakes import FakeSource

ASKS: list[Callable[[Source, FakeSource], object]] = [
    lambda offline, _: offline.scandir(ROOT),
    lambda offline, _: offline.scan(ROOT),
    lambda offline, _: offline.changes("0"),
    lambda offline, fake: offline.stat(fake.entry("f").path),
    lambda offline, fake: offline.read(fake.entry("f")),
    lambda offline, fake: offline.read(fake.entry("f"), 0, 1),
]


@pytest.mark.parametrize("ask", ASKS)
def test_nobody_is_asked(source: FakeSource, ask: Callable[[Source, FakeSource], object]) -> None:
    source.put("f", b"f")
    with pytest.raises(Unavailable, match="Offline"):
        ask(Offline(source), source)
    assert not source.calls
    assert not source.reads
    assert Offline(source).traits == source.traits
    assert Offline(source).usage().calls == 0
