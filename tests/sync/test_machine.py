"""The real engine on two services that fail, lie, are slow, die, and are edited meanwhile.

After every run, however it ended: each version that was on a side, or came while it ran, is on
a side or in the trash, unless the user did away with it meanwhile. When all is quiet both sides
are alike and another run does nothing.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import currently_in_test_context, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    Corrupt,
    Denied,
    MirrorError,
    RateLimited,
    Unavailable,
    Unsupported,
)
from mirrorfs.core.paths import ROOT, RemotePath, parse
from mirrorfs.core.provider import Snapshot, Traits
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync import trash
from sync.aside import is_aside
from sync.model import Report, Result, Side
from sync.options import Comparing, Safety
from tests.sync.sides import bisync, memory, state_of, tree

NAMES = ["a.jpg", "b.jpg", "c", "d/a.jpg", "d/e/b.jpg", "c/a.jpg", "f/c"]
FOLDERS = ["c", "d", "d/e", "f", "g"]
QUIET_RUNS = 8
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A disk on which a flush costs nothing."""


class Crash(BaseException):
    """The process dies: nothing that it does after this has any effect."""


class Trouble:
    """What happens at which call, counted over both services and all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: dict[int, tuple[str, Callable[[], None]]] = {}
        self._calls = 0
        self._is_dead = False

    def arm(self, script: dict[int, tuple[str, Callable[[], None]]]) -> None:
        self._script, self._calls, self._is_dead = script, 0, False

    def around(self, action: Callable[[], Any]) -> Any:
        """Do ``action``, or what goes wrong instead of it, before it or after it."""
        with self._lock:
            self._calls += 1
            kind, edit = self._script.get(self._calls, ("", lambda: None))
            if kind == "dies":
                self._is_dead = True
            if self._is_dead:
                raise Crash
        _go_wrong(kind)
        edit()
        done = action()
        if kind == "lies":
            raise Unavailable("No answer came.")
        if kind == "dies after":
            self._is_dead = True
            raise Crash
        return done


def _go_wrong(kind: str) -> None:
    match kind:
        case "fails":
            raise Unavailable("The service is down.")
        case "denies":
            raise Denied("That may not be done.")
        case "spoils":
            raise Corrupt("Other bytes came.")
        case "limits":
            raise RateLimited("Too many calls.", time.time())
        case "waits":
            time.sleep(0.002)


TROUBLES = ["fails", "lies", "denies", "spoils", "limits", "waits", "edits", "dies", "dies after"]


@dataclass
class Service:
    """A service in memory with its troubles; the user goes straight to ``inner``."""

    trouble: Trouble
    renames: bool = True
    tells_digests: bool = True
    inner: MemoryProvider | LocalProvider = field(default_factory=MemoryProvider)

    @property
    def traits(self) -> Traits:
        return self.inner.traits if self.tells_digests else replace(self.inner.traits, digest=None)

    def scan(self, folder: RemotePath) -> Snapshot:
        found = self.trouble.around(lambda: self.inner.scan(folder))
        return replace(found, entries={path: self._seen(e) for path, e in found.entries.items()})

    def scandir(self, folder: RemotePath) -> list[Entry]:
        found = self.trouble.around(lambda: self.inner.scandir(folder))
        return [self._seen(entry) for entry in found]

    def stat(self, path: RemotePath) -> Entry:
        return self._seen(self.trouble.around(lambda: self.inner.stat(path)))

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        yield from self.trouble.around(lambda: self.inner.read(entry, start, length))

    def write(self, path: RemotePath, body: Any, **named: Any) -> Entry:
        return self._seen(self.trouble.around(lambda: self.inner.write(path, body, **named)))

    def mkdir(self, path: RemotePath) -> Entry:
        return self.trouble.around(lambda: self.inner.mkdir(path))

    def remove(self, entry: Entry) -> None:
        self.trouble.around(lambda: self.inner.remove(entry))

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        if not self.renames:
            raise Unsupported("Nothing is moved here.")
        return self._seen(self.trouble.around(lambda: self.inner.rename(entry, path)))

    def _seen(self, entry: Entry) -> Entry:
        return entry if self.tells_digests else replace(entry, digest=None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@dataclass(frozen=True)
class Edit:
    """Something that a user does to one side."""

    side: Side
    verb: str
    path: str
    to: str


edits = st.builds(
    Edit,
    st.sampled_from(Side),
    st.sampled_from(["put", "put", "move", "move", "delete", "mkdir", "swap"]),
    st.sampled_from(NAMES + FOLDERS),
    st.sampled_from(NAMES + FOLDERS),
)


@dataclass(frozen=True)
class Kind:
    """What a side is like."""

    renames: bool = True
    tells_digests: bool = True
    is_local: bool = False


kinds = st.sampled_from([Kind(), Kind(renames=False), Kind(tells_digests=False),
                         Kind(renames=False, tells_digests=False),
                         Kind(is_local=True)])  # fmt: skip


class Machine(RuleBasedStateMachine):
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine-", dir=MEMORY))
        self.state = state_of(self.folder)
        self.trouble = Trouble()
        self.sides: dict[Side, Service] = {}
        self.versions = 0
        self.came: set[bytes] = set()
        """Versions that the user made since the last look."""
        self.undone: set[bytes] = set()
        """Versions that the user did away with since then."""

    @initialize(one=kinds, two=kinds)
    def begin(self, one: Kind, two: Kind) -> None:
        for side, kind in ((Side.ONE, one), (Side.TWO, two)):
            self.sides[side] = Service(self.trouble, kind.renames, kind.tells_digests)
            if kind.is_local:
                root = self.folder / side.value
                root.mkdir()
                self.sides[side].inner = LocalProvider(root)

    @invariant()
    def count(self) -> None:
        Machine.steps += 1

    @rule(edit=edits)
    def edit(self, edit: Edit) -> None:
        self.do(edit)

    @rule(some=st.lists(edits, min_size=2, max_size=6))
    def edit_much(self, some: list[Edit]) -> None:
        for edit in some:
            self.do(edit)

    @rule()
    def run_well(self) -> None:
        self.run({})

    @rule(
        script=st.dictionaries(
            st.integers(1, 40), st.tuples(st.sampled_from(TROUBLES), edits), min_size=1, max_size=6
        )
    )
    def run_badly(self, script: dict[int, tuple[str, Edit]]) -> None:
        self.run(script)

    @rule()
    def grow_quiet(self) -> None:
        for _ in range(QUIET_RUNS):
            report = self.run({})
            if report and not report.plan.actions:
                break
        else:
            raise AssertionError("It never ends.")
        assert report.plan.skips == ()
        one, two = (tree(self.sides[side].inner) for side in Side)
        assert one == two
        assert not any(map(is_aside, map(parse, one)))

    def teardown(self) -> None:
        if self.sides:
            self.grow_quiet()
        shutil.rmtree(self.folder)

    def run(self, script: dict[int, tuple[str, Edit]]) -> Report | None:
        """Run the engine once, and look whether anything is lost."""
        present = self.present()
        self.came, self.undone = set(), set()
        ends = [memory(side.value, self.sides[side]) for side in Side]  # type: ignore[arg-type]
        self.trouble.arm({at: self._armed(kind, edit) for at, (kind, edit) in script.items()})
        report = None
        try:
            report = bisync(
                *ends,
                self.state,
                safety=Safety(force=True),
                comparing=Comparing(downloads=True),
            )
        except (Crash, MirrorError) as error:
            tell(f"ended by {error!r}")
            assert script
        self.trouble.arm({})
        if report:
            tell("\n".join(map(str, report.outcomes)))
            assert script or {one.result for one in report.outcomes} <= {Result.DONE}
        kept = {item.place.read_bytes() for item in trash.items(self.state.trash)}
        lost = (present | self.came) - self.undone - self.present() - kept
        assert not lost, f"lost: {lost}"
        return report

    def present(self) -> set[bytes]:
        return {
            data
            for side in self.sides.values()
            for path, data in tree(side.inner).items()
            if not path.endswith("/")
        }

    def _armed(self, kind: str, edit: Edit) -> tuple[str, Callable[[], None]]:
        return kind, (lambda: self.do(edit)) if kind == "edits" else (lambda: None)

    def do(self, edit: Edit) -> None:
        """Change one side as a user does, if that can be done."""
        inner, path, to = self.sides[edit.side].inner, parse(edit.path), parse(edit.to)
        try:
            match edit.verb:
                case "put":
                    self._put(inner, path)
                case "move":
                    self._move(inner, path, to)
                case "swap" if path != to:
                    inner.rename(inner.stat(path), RemotePath("between"))
                    self._move(inner, to, path)
                    inner.rename(inner.stat(RemotePath("between")), to)
                case "delete":
                    self._delete(inner, path)
                case "mkdir":
                    inner.mkdir(path)
        except MirrorError:
            pass

    def _put(self, inner: MemoryProvider | LocalProvider, path: RemotePath) -> None:
        found = inner.scan(ROOT).entries.get(path)
        gone = _data(inner, found) if found else None
        self.versions += 1
        data = f"version {self.versions}".encode()
        inner.write(
            path, BytesIO(data), size=len(data), modified=self.versions * 10**9, replaces=found
        )
        self.came.add(data)
        if gone is not None:
            self.undone.add(gone)

    def _move(
        self, inner: MemoryProvider | LocalProvider, path: RemotePath, to: RemotePath
    ) -> None:
        for one, entry in sorted(inner.scan(ROOT).entries.items()):
            if paths.is_within(one, path) and not entry.is_folder:
                inner.rename(entry, RemotePath(f"{to}{one[len(path) :]}"))

    def _delete(self, inner: MemoryProvider | LocalProvider, path: RemotePath) -> None:
        for one, entry in sorted(inner.scan(ROOT).entries.items(), reverse=True):
            if paths.is_within(one, path):
                gone = None if entry.is_folder else _data(inner, entry)
                inner.remove(entry)
                if gone is not None:
                    self.undone.add(gone)


def tell(text: str) -> None:
    if currently_in_test_context():
        note(text)


def _data(inner: MemoryProvider | LocalProvider, entry: Entry) -> bytes:
    return b"".join(inner.read(entry))


CALLS = 18
"""More than a run of any of these scenes makes."""

SCENES = {
    "a ring": (
        [Edit(Side.ONE, "put", "a.jpg", ""), Edit(Side.ONE, "put", "b.jpg", "")],
        [Edit(Side.ONE, "swap", "a.jpg", "b.jpg")],
    ),
    "a folder for a file": (
        [Edit(Side.ONE, "put", "c", "")],
        [Edit(Side.ONE, "move", "c", "d/a.jpg"), Edit(Side.ONE, "put", "c/a.jpg", "")],
    ),
    "a file against a folder": (
        [],
        [Edit(Side.TWO, "put", "c", ""), Edit(Side.ONE, "put", "c/a.jpg", "")],
    ),
}


@pytest.mark.parametrize("trouble", ["lies", "dies after"])
@pytest.mark.parametrize("kind", [Kind(renames=False, tells_digests=False), Kind(is_local=True)])
@pytest.mark.parametrize("scene", SCENES)
def test_an_answer_is_lost_at_any_call(scene: str, kind: Kind, trouble: str) -> None:
    before, after = SCENES[scene]
    for at in range(1, CALLS):
        machine = Machine()
        machine.begin(Kind(renames=False), kind)
        for edit in before:
            machine.do(edit)
        machine.run({})
        for edit in after:
            machine.do(edit)
        machine.run({at: (trouble, after[0])})
        machine.teardown()


def test_files_change_places_where_nothing_can_be_moved(tmp_path: Path) -> None:
    machine = Machine()
    shutil.rmtree(machine.folder)
    machine.folder, machine.state = tmp_path, state_of(tmp_path)
    machine.begin(Kind(), Kind(renames=False, tells_digests=False))
    for path in ("a.jpg", "b.jpg"):
        machine.do(Edit(Side.ONE, "put", path, ""))
    machine.run({})
    machine.do(Edit(Side.ONE, "swap", "a.jpg", "b.jpg"))
    report = machine.run({})
    assert report
    assert {one.result for one in report.outcomes} == {Result.DONE}
    machine.grow_quiet()


def test_a_place_is_free_before_another_file_comes_there() -> None:
    machine = Machine()
    machine.begin(Kind(), Kind(renames=False))
    machine.do(Edit(Side.ONE, "put", "b.jpg", ""))
    machine.run({})
    machine.do(Edit(Side.ONE, "move", "b.jpg", "a.jpg"))
    machine.do(Edit(Side.ONE, "put", "b.jpg", ""))
    machine.run({5: ("denies", Edit(Side.ONE, "put", "a.jpg", ""))})
    machine.run({})
    machine.teardown()


class TestMachine(Machine.TestCase):  # type: ignore[misc, name-defined]
    """As many examples as the profile says, of ten steps and more on average."""

    settings = settings(stateful_step_count=15, deadline=None)

    def runTest(self) -> None:  # noqa: N802
        before = Machine.steps
        super().runTest()
        done = Machine.steps - before
        print(f"The engine was put through {done} steps.")
        assert done >= 10 * self.settings.max_examples
