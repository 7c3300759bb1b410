import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from mirrorfs.core.errors import Unavailable
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.providers.memory import MemoryProvider


def test_the_hook_sees_each_verb_and_may_fail_it() -> None:
    seen: list[tuple[str, str]] = []

    def hook(verb: str, path: str) -> None:
        seen.append((verb, path))
        if verb == "scan":
            raise Unavailable("down")

    memory = MemoryProvider(hook)
    entry = memory.write(parse("a/x"), BytesIO(b"data"), size=4, modified=0)
    assert b"".join(memory.read(entry)) == b"data"
    with pytest.raises(Unavailable):
        memory.scan(ROOT)
    memory.hook = lambda _verb, _path: None
    assert set(memory.scan(ROOT).entries) == {"a", "a/x"}
    assert seen == [("write", "a/x"), ("read", "a/x"), ("scan", "")]


def test_changes_tell_of_files_and_ask_for_a_scan_after_removals() -> None:
    memory = MemoryProvider()
    cursor = memory.scan(ROOT).cursor
    entry = memory.write(parse("a/x"), BytesIO(b"1"), size=1, modified=0)
    told = memory.changes(cursor)
    assert (told.touched, told.rescan) == ({entry.id: "a"}, False)
    memory.remove(entry)
    assert memory.changes(told.cursor).rescan


class Meeting(BytesIO):
    """A body that comes from a provider, once another write has begun as well."""

    def __init__(self, source: MemoryProvider, both: threading.Barrier) -> None:
        super().__init__(b"data")
        self.source = source
        self.both = both

    def read(self, size: int | None = -1, /) -> bytes:
        self.both.wait(timeout=2)
        self.source.scan(ROOT)
        return super().read(size)


def test_two_that_write_into_each_other_do_not_wait_for_each_other() -> None:
    one, two, both = MemoryProvider(), MemoryProvider(), threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        writes = [
            threads.submit(to.write, parse("x"), Meeting(source, both), size=4, modified=0)
            for to, source in ((one, two), (two, one))
        ]
        assert {write.result(timeout=5).path for write in writes} == {"x"}
