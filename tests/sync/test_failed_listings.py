"""A service that fails, is cut off, or claims to hold nothing, anywhere in a listing.

Each command ends with an error, whatever part of the listing it was: no file of this machine is
removed or changed, and nothing at the service is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar, Protocol

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import MirrorError
from mirrorfs.core.paths import parse
from mirrorfs.emulators.cloudinary import Settings
from mirrorfs.providers.cloudinary import listing
from sync.ends import End, Pair
from sync.execute import Effort
from sync.ground import Ground
from sync.oneway import Rules
from sync.options import Options
from sync.part import Part
from sync.state import State
from sync.tending import Go, Means, Tending, both_ways, one_way
from tests.providers.cloud import Cloud
from tests.providers.cloud import run as run_cloud
from tests.providers.smugmug.account import Account, serving
from tests.providers.smugmug.files import jpeg
from tests.sync.emulated import put
from tests.sync.sides import bisync, local, oneway, state_of, tree

NAMES = [f"{folder}{number}.jpg" for folder in ("", "a/", "b/c/", "b/d/") for number in range(5)]
CHANGING = {"PUT", "PATCH", "DELETE"}
HTML = "<html><h1>Please sign in</h1></html>"
LONG_FROM_NOW = 4_000_000_000

Action = dict[str, Any]
COMMON: dict[str, Action] = {
    "400": {"status": 400},
    "401": {"status": 401, "html": HTML},
    "404": {"status": 404, "html": HTML},
    "500": {"status": 500},
    "html": {"status": 200, "html": HTML},
    "nothing": {"status": 200, "body": ""},
    "an empty object": {"status": 200, "body": {}},
    "an empty list": {"status": 200, "body": []},
    "cut off": {"truncate_body_to": 100},
    "dropped": {"drop_connection": True},
}


class Service(Protocol):
    """An emulated account with a folder; ``places`` are parts of its listing, as rules match."""

    failures: ClassVar[dict[str, Action]]
    places: ClassVar[dict[str, dict[str, Any]]]

    def end(self, root: str = "Trip") -> End: ...

    def fail(self, place: dict[str, Any], action: Action) -> None: ...

    def heal(self) -> None: ...

    def journal(self) -> list[dict[str, Any]]:
        """Return what was asked since the last time."""


@dataclass(frozen=True)
class Cloudinary:
    cloud: Cloud
    failures: ClassVar = COMMON | {
        "420": {"rate_limit": {"reset": LONG_FROM_NOW}},
        "no total": {"status": 200, "body": {"resources": [], "folders": []}},
        "empty": {"status": 200, "body": {"resources": [], "folders": [], "total_count": 0}},
    }
    places: ClassVar = {
        "the first page": {"path_regex": "/resources/search"},
        "the second page": {"path_regex": "/resources/search", "after": 1},
        "a later page": {"path_regex": "/resources/search", "after": 4},
        "the folders": {"path_regex": "/folders/search"},
    }

    def end(self, root: str = "Trip") -> End:
        return End(self.cloud.again(root), "cloudinary:", f"cloudinary-demo:{root}")

    def fail(self, place: dict[str, Any], action: Action) -> None:
        when = {name: value for name, value in place.items() if name != "path_regex"}
        self.cloud.fault(place["path_regex"], action, times=None, **when)

    def heal(self) -> None:
        self.cloud.heal()

    def journal(self) -> list[dict[str, Any]]:
        found = self.cloud.asked()
        self.cloud.forget()
        return found


def pages(**told: Any) -> Action:
    body = {"Response": {"Pages": {"Total": 0, "Start": 1, "Count": 0, **told}}, "Code": 200}
    return {"status": 200, "body": body}


@dataclass(frozen=True)
class Smugmug:
    account: Account
    failures: ClassVar = COMMON | {
        "429": {"rate_limit": {"retry_after": 3600}},
        "revoked": {"oauth_problem": "token_revoked"},
        "empty": pages(RequestedCount=100),
    }
    places: ClassVar = {
        "the folder": {"path_regex": "!children"},
        "the second page of a folder": {"path_regex": "!children.*start=3"},
        "a subfolder": {"path_regex": "!children", "after": 3},
        "an album": {"path_regex": "!images"},
        "a later album": {"path_regex": "!images", "after": 3},
        "the second page of an album": {"path_regex": "!images.*start=3"},
    }

    def end(self, root: str = "Trip") -> End:
        return End(self.account.open(root=root), "smugmug:", f"smugmug-demo:{root}")

    def fail(self, place: dict[str, Any], action: Action) -> None:
        rule = {name: value for name, value in place.items() if name != "path_regex"}
        self.account.fail(place["path_regex"], action, times=None, **rule)

    def heal(self) -> None:
        self.account.server.service.faults.clear()

    def journal(self) -> list[dict[str, Any]]:
        journal = self.account.server.service.journal
        found = journal.entries()
        journal.clear()
        return found


def one_by(rules: Rules, *, is_down: bool) -> Callable[[End, End, State], object]:
    def run(near: End, far: End, state: State) -> object:
        source, dest = (far, near) if is_down else (near, far)
        return oneway(source, dest, state, rules)

    return run


def watch(go: Go, command: str) -> Callable[[End, End, State], object]:
    def run(near: End, far: End, state: State) -> object:
        assert near.disk
        ground = Ground(near.disk.place(parse("")))
        options = Options(state, effort=Effort(pause=0.0, tries=1))
        with ThreadPoolExecutor(4) as executor:
            means = Means(executor, SystemClock(), command, go, lambda: None)
            work = Tending(Pair(near, far), ground, options, means)
            try:
                return work.reconcile(Part())
            finally:
                work.close()

    return run


SYNC, MOVE = Rules(deletes=True), Rules(tells_equal=True)
COMMANDS: dict[str, Callable[[End, End, State], object]] = {
    "bisync": bisync,
    "sync up": one_by(SYNC, is_down=False),
    "sync down": one_by(SYNC, is_down=True),
    "watch --delete": watch(one_way(deletes=True), "sync"),
    "watch --two-way": watch(both_ways, "bisync"),
    "move up": one_by(MOVE, is_down=False),
    "move down": one_by(MOVE, is_down=True),
}


@pytest.fixture(scope="module", params=[Cloudinary, Smugmug])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    if request.param is Cloudinary:
        with run_cloud(Settings(hourly_limit=10**9)) as cloud:
            yield Cloudinary(cloud)
    else:
        with serving(requests_per_window=10**9, largest_count=2) as account:
            account.state.clock = time.time
            yield Smugmug(account)


@pytest.fixture(scope="module")
def agreed(service: Service, tmp_path_factory: pytest.TempPathFactory) -> tuple[End, State]:
    """A folder of this machine, agreed on with the account by each command that remembers."""
    folder = tmp_path_factory.mktemp("listings")
    near, state = local(folder / "near"), state_of(folder)
    for shade, name in enumerate(NAMES):
        put(near, name, shade)
    service.end("").target.mkdir(parse("Trip"))
    for command in ("sync up", "sync down", "bisync"):
        COMMANDS[command](near, service.end(), state)
    return near, state


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 4)


BELIEVING = {"move down"}
"""A command that does nothing where an account claims to be empty, and so believes it."""
TOLD_OTHERWISE = {"the folders"}
"""What may claim to be empty without harm: each file tells of its folder."""


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_done(service: Service, agreed: tuple[End, State], command: str) -> None:
    near, state = agreed
    before, there = tree(near.target), held(service)
    assert before["0.jpg"] == jpeg(0)
    for place, (name, action) in product(service.places, service.failures.items()):
        if name == "empty" and (place in TOLD_OTHERWISE or is_believed(service, command)):
            continue
        service.journal()
        service.fail(service.places[place], action)
        with pytest.raises(MirrorError):
            print(place, name, COMMANDS[command](near, service.end(), state))
        service.heal()
        asked = service.journal()
        changing = [one for one in asked if one["method"] in CHANGING or "upload" in one["path"]]
        assert changing == [], (place, name)
        assert tree(near.target) == before, (place, name)
    assert held(service) == there


def is_believed(service: Service, command: str) -> bool:
    return isinstance(service, Cloudinary) and command in BELIEVING


def held(service: Service) -> set[tuple[str, str]]:
    """Return each path that the account has, and which version is there."""
    found = service.end().target.scan(parse("")).entries
    return {(str(path), entry.revision) for path, entry in found.items()}
