"""A folder of this machine and a Cloudinary account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.core.errors import MirrorError
from mirrorfs.core.paths import parse
from mirrorfs.emulators.cloudinary import FolderMode, Settings
from sync import trash
from sync.ends import End
from sync.model import Report, Result, Side
from sync.oneway import Rules
from sync.state import State
from tests.providers.cloud import Cloud, run
from tests.sync.sides import (
    Noting,
    bisync,
    edit,
    left_over,
    local,
    oneway,
    put,
    results,
    state_of,
    tree,
)

SEARCH = "/resources/search"


@dataclass(frozen=True)
class Account:
    """A folder of an emulated account, each time as a new process opens it."""

    cloud: Cloud
    root: str

    def end(self) -> End:
        return End(self.cloud.again(self.root), "cloudinary:", f"cloudinary-demo:{self.root}")


@pytest.fixture(scope="module")
def clouds() -> Iterator[dict[FolderMode, Cloud]]:
    with ExitStack() as stack:
        modes: tuple[FolderMode, ...] = ("dynamic", "fixed")
        yield {
            mode: stack.enter_context(run(Settings(folder_mode=mode, hourly_limit=1_000_000)))
            for mode in modes
        }


@pytest.fixture
def account(
    clouds: dict[FolderMode, Cloud], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Account]:
    cloud = clouds[getattr(request, "param", "dynamic")]
    yield made(cloud, tmp_path.name)
    cloud.heal()


def made(cloud: Cloud, root: str) -> Account:
    cloud.provider.mkdir(parse(root))
    return Account(cloud, root)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return state_of(tmp_path)


@pytest.fixture
def one(tmp_path: Path) -> End:
    return local(tmp_path / "one")


def fill(end: End, *names: str) -> None:
    for name in names:
        put(end.target, name, f"text of {name}".encode())


def go(command: str, account: Account, one: End, state: State) -> Report:
    """Bring both in line, or the folder of this machine in line with the account."""
    if command == "bisync":
        return bisync(one, account.end(), state)
    return oneway(account.end(), one, state, Rules(deletes=True))


@pytest.mark.parametrize("account", ["dynamic", "fixed"], indirect=True)
def test_every_kind_of_change_goes_both_ways(account: Account, one: End, state: State) -> None:
    far = account.end()
    fill(one, "a/edited here.txt", "a/gone here.txt", "a/moved here.txt", "a/both.txt")
    fill(far, "b/edited there.txt", "b/gone there.txt", "b/moved there.txt")
    assert results(bisync(one, account.end(), state)) == {Result.DONE}
    assert bisync(one, account.end(), state).plan.actions == ()
    for end, above, here in ((one, "a", "here"), (far, "b", "there")):
        target = end.target
        edit(target, f"{above}/edited {here}.txt", f"edited {here}".encode())
        target.remove(target.stat(parse(f"{above}/gone {here}.txt")))
        moved = target.stat(parse(f"{above}/moved {here}.txt"))
        target.rename(moved, parse(f"elsewhere/{here}.txt"))
        fill(end, f"new/{here}.txt")
        edit(target, "a/both.txt", f"both {here}".encode())
    told = Noting()
    report = bisync(one, account.end(), state, told=told)
    assert results(report) == {Result.DONE}
    assert len(report.plan.conflicts) == 1
    found = tree(one.target)
    assert found == tree(account.end().target)
    assert {name.rpartition("/")[2] for name in found if "conflict" not in name} >= {
        "edited here.txt",
        "edited there.txt",
        "here.txt",
        "there.txt",
        "both.txt",
    }
    assert sorted(data for name, data in found.items() if "both" in name) == [
        b"both here",
        b"both there",
    ]
    moves = [one for one in report.outcomes if type(one.action).__name__ == "Move"]
    assert {move.sent for move in moves} == {0}
    assert bisync(one, account.end(), state).plan.actions == ()
    assert {b"text of a/gone here.txt", b"text of b/gone there.txt"} <= kept(state)


@pytest.mark.parametrize("account", ["dynamic", "fixed"], indirect=True)
def test_what_an_unchanged_account_costs(account: Account, one: End, state: State) -> None:
    fill(account.end(), *(f"folder {number % 10}/{number}.txt" for number in range(40)))
    bisync(one, account.end(), state)
    report = bisync(one, account.end(), state)
    assert report.plan.actions == ()
    assert report.calls[Side.TWO] <= 5


FAILURES = [
    pytest.param({"status": 400}, id="400"),
    pytest.param({"status": 401, "html": "<h1>Unauthorized</h1>"}, id="html-401"),
    pytest.param({"rate_limit": {"reset": 4_000_000_000}}, id="420"),
    pytest.param({"status": 500}, id="500"),
    pytest.param({"status": 200, "html": "<h1>Log in</h1>"}, id="html-200"),
    pytest.param({"status": 200, "body": {}}, id="empty-object"),
    pytest.param({"status": 200, "body": ""}, id="no-body"),
    pytest.param({"status": 200, "body": {"resources": []}}, id="no-total"),
    pytest.param({"drop_connection": True}, id="dropped"),
    pytest.param({"truncate_body_to": 100}, id="truncated"),
]


EMPTY = {"status": 200, "body": {"resources": [], "total_count": 0}}


@pytest.mark.parametrize("command", ["bisync", "sync"])
def test_an_account_that_claims_to_be_empty_empties_nothing(
    account: Account, one: End, state: State, command: str
) -> None:
    fill(account.end(), "a/there.txt", "a/more.txt")
    go(command, account, one, state)
    account.cloud.fault(SEARCH, EMPTY, times=None)
    with pytest.raises(MirrorError):
        go(command, account, one, state)
    account.cloud.heal()
    assert set(tree(one.target)) == {"a/there.txt", "a/more.txt"}


@pytest.mark.parametrize("command", ["bisync", "sync"])
@pytest.mark.parametrize("rows", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("action", FAILURES)
def test_a_listing_that_fails_touches_nothing(
    account: Account, one: End, state: State, action: dict[str, Any], rows: bool, command: str
) -> None:
    fill(account.end(), "a/there.txt", "a/more.txt")
    fill(one, "a/here.txt", "b/here.txt")
    if rows:
        bisync(one, account.end(), state)
        go(command, account, one, state)
    before = tree(one.target)
    account.cloud.fault(SEARCH, action, times=None)
    account.cloud.forget()
    with pytest.raises(MirrorError):
        go(command, account, one, state)
    assert account.cloud.asked("^(DELETE|PUT)|destroy|upload") == []
    account.cloud.heal()
    assert tree(one.target) == before


def test_a_service_that_spoils_bytes_spoils_no_file(
    account: Account, one: End, state: State
) -> None:
    far = account.end()
    fill(far, "a.txt", "b.txt")
    bisync(one, account.end(), state)
    edit(far.target, "a.txt", b"edited, and long enough to be spoilt")
    account.cloud.fault("/raw/upload/|/download", {"corrupt_bytes": 8}, times=None)
    report = bisync(one, account.end(), state)
    assert results(report) == {Result.FAILED}
    assert tree(one.target)["a.txt"] == b"text of a.txt"
    account.cloud.heal()
    bisync(one, account.end(), state)
    assert tree(one.target)["a.txt"].startswith(b"edited")
    assert left_over(state.folder.parent) == []


def test_a_file_that_cannot_be_fetched_is_not_removed(
    account: Account, one: End, state: State
) -> None:
    fill(one, "a.txt", "b.txt", "c.txt")
    bisync(one, account.end(), state)
    one.target.remove(one.target.stat(parse("a.txt")))
    account.cloud.fault("/raw/upload/", {"status": 500}, times=None)
    report = bisync(one, account.end(), state)
    assert results(report) == {Result.FAILED}
    account.cloud.heal()
    assert set(tree(account.end().target)) == {"a.txt", "b.txt", "c.txt"}


def kept(state: State) -> set[bytes]:
    return {item.place.read_bytes() for item in trash.items(state.trash)}
