import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mirrorfs.core.errors import Unavailable
from mirrorfs.vfs.outage import Outage
from mirrorfs.vfs.reader import Reader
from tests.vfs.fakes import FakeClock, FakeSource


def _fail(outage: Outage) -> None:
    with pytest.raises(Unavailable, match="down"), outage.asking():
        raise Unavailable("It is down.")


def test_one_at_a_time_looks_whether_it_is_still_down() -> None:
    clock = FakeClock()
    outage = Outage(clock.now)
    _fail(outage)
    with outage.asking():
        clock.sleep(2)
        assert outage.is_hopeless()
        with pytest.raises(Unavailable, match="a moment ago"), outage.asking():
            pass
        outage.heard()
        assert not outage.is_hopeless()
        with outage.asking(), outage.asking():
            pass


def test_it_is_forgotten_after_some_seconds() -> None:
    clock = FakeClock()
    outage = Outage(clock.now)
    _fail(outage)
    clock.sleep(5)
    with outage.asking(), outage.asking():
        pass


def test_one_file_that_fails_while_others_come_is_no_outage() -> None:
    clock = FakeClock()
    outage = Outage(clock.now)

    def ask() -> None:
        with outage.asking():
            clock.sleep(1)
            outage.heard()
            raise Unavailable("This one file.")

    with pytest.raises(Unavailable, match="one file"):
        ask()
    with outage.asking(), outage.asking():
        pass


def test_who_comes_a_moment_later_shares_the_good_news() -> None:
    outage = Outage()
    _fail(outage)
    asking = threading.Event()

    def probe() -> None:
        with outage.asking():
            asking.set()
            time.sleep(0.1)
            outage.heard()

    thread = threading.Thread(target=probe)
    thread.start()
    asking.wait()
    with outage.asking():
        pass
    thread.join()


def test_file_after_file_over_a_dead_network_fails_soon(source: FakeSource, reader: Reader) -> None:
    entries = [source.put(f"{n}.jpg", b"body") for n in range(40)]
    source.down = Unavailable("down")

    def look(place: int) -> None:
        handle = reader.open(entries[place])
        with pytest.raises(Unavailable):
            handle.read(0, 4)
        handle.close()

    look(0)
    source.delay = 6.0
    started = time.monotonic()
    for place in range(1, 20):
        look(place)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(look, range(20, 40)))
    assert time.monotonic() - started < 4
    source.delay, source.down = 0.0, None
