"""A run that is killed at any step is continued by the next, and nothing is lost.

What the emulated account and the folder hold after that is what an undisturbed run leads to: no
version is missing, no temporary file is left, nor a second copy at the service. Of a move nothing
is left where the files came from, either.

Some steps are enough in passing, of which each run takes others. All are taken with ``pytest
--hypothesis-profile=long``, and of an account in fixed folder mode every fourth, which takes half
an hour.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest
from hypothesis import settings

from tests.sync import emulated, moves

SERVICES = ["disk", "cloudinary", "cloudinary-fixed", "smugmug"]
PROCESSES = 2
STRIDE = {"disk": 3, "cloudinary": 8, "cloudinary-fixed": 40, "smugmug": 20, "swap": 5}
MOVING = {"disk": 40, "cloudinary": 80, "cloudinary-fixed": 80, "smugmug": 80, "file": 6}
LONG = {"disk": 1, "cloudinary": 1, "cloudinary-fixed": 4, "smugmug": 1, "swap": 1, "file": 1}
"""How many steps further a run is killed the next time."""


@pytest.fixture(scope="module")
def workers() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        yield pool


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("verb", ["bisync", "up", "down"])
@pytest.mark.parametrize("service", SERVICES)
def test_killed_at_many_a_step(workers: ProcessPoolExecutor, service: str, verb: str) -> None:
    done = shared(workers, STRIDE, service, partial(emulated.kill, service, verb))
    print(f"{verb} with {service}: killed {done} times")
    assert done >= 4


@pytest.mark.timeout(3600)
def test_killed_while_files_change_places_where_nothing_is_renamed(
    workers: ProcessPoolExecutor,
) -> None:
    done = shared(workers, STRIDE, "swap", partial(emulated.kill_swap, "smugmug"))
    print(f"Two files that change places with smugmug: killed {done} times")
    assert done >= 4


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("verb", ["up", "down"])
@pytest.mark.parametrize("service", SERVICES)
def test_killed_while_files_are_moved(
    workers: ProcessPoolExecutor, service: str, verb: str
) -> None:
    done = shared(workers, MOVING, service, partial(moves.kill, moves.begin, service, verb))
    print(f"A move {verb} with {service}: killed {done} times")
    assert done >= 4


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("verb", ["up", "down"])
def test_killed_while_one_file_is_moved(workers: ProcessPoolExecutor, verb: str) -> None:
    done = shared(workers, MOVING, "file", partial(moves.kill, moves.begin_file, "disk", verb))
    print(f"A move of one file {verb}: killed {done} times")
    assert done >= 4


def shared(
    workers: ProcessPoolExecutor,
    strides: Mapping[str, int],
    what: str,
    kill: Callable[[int, int], int],
) -> int:
    """Have the workers share the steps; return how often they killed."""
    stride = (LONG if settings.get_current_profile_name() == "long" else strides)[what]
    first = 1 + random.randrange(stride)
    print(f"From step {first} at each {stride}:")
    parts = [
        workers.submit(kill, first + part * stride, stride * PROCESSES) for part in range(PROCESSES)
    ]
    return sum(part.result() for part in parts)
