"""Emulated accounts as sides of runs that are killed, and what is done to both sides before."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.emulators.cloudinary import Settings
from sync.ends import End
from tests.providers.cloud import Cloud
from tests.providers.cloud import run as run_cloud
from tests.providers.smugmug.account import Account, serving
from tests.providers.smugmug.files import jpeg
from tests.sync.crashes import Scene, check_killed
from tests.sync.sides import local, state_of, tree


class Service(Protocol):
    """An emulated account; each folder of it is a side."""

    def end(self, root: str) -> End:
        """Open a folder as another process would."""

    def held(self) -> int:
        """Return how many files the whole account holds, whatever they are called."""

    def clear(self) -> None:
        """Remove all files."""


@dataclass(frozen=True)
class Cloudinary:
    cloud: Cloud

    def end(self, root: str) -> End:
        return End(self.cloud.again(root), "cloudinary:", f"cloudinary-demo:{root}")

    def held(self) -> int:
        return sum(
            len(self.cloud.admin("GET", f"resources/{kind}?max_results=500")["resources"])
            for kind in ("image", "raw", "video")
        )

    def clear(self) -> None:
        for kind in ("image", "raw", "video"):
            self.cloud.admin("DELETE", f"resources/{kind}/upload?all=true")


@dataclass(frozen=True)
class Smugmug:
    account: Account

    def end(self, root: str) -> End:
        return End(self.account.open(root=root), "smugmug:", f"smugmug-demo:{root}")

    def held(self) -> int:
        state = self.account.state
        return sum(len(state.images(album.album_key)) for album in state.albums("demo"))

    def clear(self) -> None:
        state = self.account.state
        for node in list(state.tree.children(self.account.root)):
            state.remove_node(node.node_id)


@dataclass(frozen=True)
class Disk:
    """Another folder of this machine."""

    folder: Path

    def end(self, root: str) -> End:
        return local(self.folder / root)

    def held(self) -> int:
        return sum(one.is_file() for one in self.folder.rglob("*"))

    def clear(self) -> None:
        for folder in self.folder.iterdir():
            shutil.rmtree(folder)


@contextmanager
def serve(name: str) -> Iterator[Service]:
    """Run the emulator of a service; ``disk`` is none."""
    if name == "disk":
        with memory_folder() as folder:
            yield Disk(folder)
    elif name == "smugmug":
        with serving(requests_per_window=10**9) as account:
            account.state.clock = time.time
            yield Smugmug(account)
    else:
        mode = "fixed" if name.endswith("fixed") else "dynamic"
        with run_cloud(Settings(folder_mode=mode, hourly_limit=10**9)) as cloud:
            yield Cloudinary(cloud)


PICTURES = {hashlib.md5(data).hexdigest(): data for data in map(jpeg, range(160))}


def seen(end: End) -> dict[str, bytes]:
    """Return path → picture of all files; folders that hold nothing are ``path/`` → empty.

    Of what a service holds the checksum tells which picture it is, so that none is fetched.
    """
    if end.disk:
        return tree(end.target)
    found = end.target.scan(ROOT).entries
    folders = {f"{path}/": b"" for path, one in found.items() if one.is_folder}
    files = {
        str(path): PICTURES[one.digest.value]
        for path, one in found.items()
        if one.digest and not one.is_folder
    }
    assert len(files) + len(folders) == len(found)
    return files | {name: b"" for name in folders if not any(f.startswith(name) for f in found)}


def put(end: End, path: str, shade: int, replaces: Entry | None = None) -> None:
    """Write a picture; another for each shade."""
    data, modified = jpeg(shade), (1_600_000_000 + shade) * 10**9
    place, body = parse(path), BytesIO(data)
    end.target.write(place, body, size=len(data), modified=modified, replaces=replaces)


def edit(end: End, path: str, shade: int) -> None:
    put(end, path, shade, end.target.stat(parse(path)))


def rename(end: End, path: str, new: str) -> None:
    end.target.rename(end.target.stat(parse(path)), parse(new))


def remove(end: End, path: str) -> None:
    end.target.remove(end.target.stat(parse(path)))


FIRST = (
    "both.jpg", "edited here.jpg", "edited there.jpg", "gone here.jpg", "gone there.jpg",
    "fought over.jpg", "edited here, gone there.jpg", "dir/moved here.jpg", "dir/moved there.jpg",
    "dir/renamed here.jpg", "swapped 1.jpg", "swapped 2.jpg", "old here/inside.jpg",
    "old there/inside.jpg",
)  # fmt: skip


def begin(verb: str, service: Service, place: Path) -> Scene:
    """Agree on some files, then change both sides in every way."""
    service.end("").target.mkdir(parse(place.name))
    scene = Scene(verb, local(place / "one"), lambda: service.end(place.name), state_of(place))
    one, two = scene.one, scene.far()
    for shade, path in enumerate(FIRST):
        put(two if verb == "down" else one, path, shade)
    scene.run()
    two = scene.far()
    two.target.scan(ROOT)
    for shade, end, here in ((100, one, "here"), (120, two, "there")):
        edit(end, f"edited {here}.jpg", shade)
        edit(end, "fought over.jpg", shade + 1)
        put(end, f"new {here}/file.jpg", shade + 2)
        remove(end, f"gone {here}.jpg")
        rename(end, f"dir/moved {here}.jpg", f"elsewhere/{here}/moved {here}.jpg")
        remove(end, f"old {here}/inside.jpg")
        remove(end, f"old {here}")
    edit(one, "edited here, gone there.jpg", 140)
    remove(two, "edited here, gone there.jpg")
    rename(one, "dir/renamed here.jpg", "dir/other name.jpg")
    if not isinstance(service, Smugmug):  # it renames nothing; see below
        swap(one)
    return scene


def begin_swap(verb: str, service: Service, place: Path) -> Scene:
    """Agree on two files, then have them change places."""
    service.end("").target.mkdir(parse(place.name))
    scene = Scene(verb, local(place / "one"), lambda: service.end(place.name), state_of(place))
    put(scene.one, "swapped 1.jpg", 1)
    put(scene.one, "swapped 2.jpg", 2)
    scene.run()
    swap(scene.one)
    return scene


def swap(end: End) -> None:
    rename(end, "swapped 1.jpg", "swapped.jpg")
    rename(end, "swapped 2.jpg", "swapped 1.jpg")
    rename(end, "swapped.jpg", "swapped 2.jpg")


def kill(name: str, verb: str, first: int, stride: int) -> int:
    """Kill a run at each ``stride``-th of its steps; return how often that was."""
    with serve(name) as service, memory_folder() as folder:
        whole = begin(verb, service, folder / "whole")
        whole.run()
        outcome = tree(whole.one.target)
        assert outcome == tree(whole.far().target) == seen(whole.far())
        for done in itertools.count():
            service.clear()
            last = first + done * stride
            scene = begin(verb, service, folder / f"killed at {last}")
            was_killed = check_killed(scene, last, seen)
            check_outcome(service, scene, last, outcome)
            if not was_killed:
                return done
    raise AssertionError


def kill_swap(name: str, first: int, stride: int) -> int:
    """Kill a run in which two files change places; see :func:`kill`.

    Where nothing is renamed each is written anew before the old one goes. From what is there half
    way nobody can tell any more which was where, so a conflict is as good an end as any other.
    """
    with serve(name) as service, memory_folder() as folder:
        for done in itertools.count():
            service.clear()
            last = first + done * stride
            scene = begin_swap("bisync", service, folder / f"killed at {last}")
            was_killed = check_killed(scene, last, seen)
            found = seen(scene.one)
            check_outcome(service, scene, last, found)
            assert {*found.values()} == {jpeg(1), jpeg(2)}
            assert all("swapped" in path and "mirrorsync" not in path for path in found)
            if not was_killed:
                return done
    raise AssertionError


def check_outcome(service: Service, scene: Scene, last: int, outcome: dict[str, bytes]) -> None:
    """Check that this is what both sides hold, and the account nothing else."""
    found = seen(scene.one)
    assert found == outcome, f"step {last}: {sorted(found)} is not {sorted(outcome)}"
    files = sum(path[-1] != "/" for path in outcome)
    assert service.held() == files, f"step {last}: something else is there"


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Yield a folder in memory, where flushing takes no time, if there is such a disk."""
    disk = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=disk if disk.is_dir() else None) as folder:
        yield Path(folder)
