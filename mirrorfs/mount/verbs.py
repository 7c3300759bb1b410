"""What a running mount answers to those who ask it through :mod:`~mirrorfs.control`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mirrorfs.control import Verb
from mirrorfs.core.errors import NotFound
from mirrorfs.mount.composing import Mounted
from mirrorfs.mount.options import MountOptions
from mirrorfs.vfs.look import Found


def verbs_of(options: MountOptions, mounted: Sequence[Mounted]) -> Mapping[str, Verb]:
    """Return verb → what answers it.

    Those about the cache take an account's cache folder, those that look for changes the name
    that a remote is shown as.
    """

    def cache(of: str) -> list[Mounted]:
        found = [one for one in mounted if one.part.cache_dir == Path(of)]
        if not found:
            raise NotFound(f"This mount does not own the cache folder {of}.")
        return found

    def named(name: str) -> Mounted:
        for one in mounted:
            if one.part.name == name:
                return one
        raise NotFound(f"This mount shows nothing as {name!r}.")

    return {
        "hello": lambda _: _hello(options, mounted),
        "status": lambda _: (
            _hello(options, mounted) | {"remotes": [_status(one) for one in mounted]}
        ),
        "refresh": lambda of: _look(named(of), named(of).branch.tree.refresh),
        "rescan": lambda of: _look(named(of), named(of).branch.tree.rescan),
        "forget": lambda _: _each(mounted, lambda one: one.branch.tree.forget()),
        "cache-info": lambda of: dataclasses.asdict(cache(of)[0].store.info()),
        "cache-verify": lambda of: dataclasses.asdict(cache(of)[0].store.verify()),
        "cache-clear": lambda of: _each(cache(of), lambda one: one.branch.reader.clear()),
    }


def _each(mounted: Sequence[Mounted], act: Callable[[Mounted], None]) -> dict[str, Any]:
    for one in mounted:
        act(one)
    return {}


def _hello(options: MountOptions, mounted: Sequence[Mounted]) -> dict[str, Any]:
    return {
        "mountpoint": str(options.mountpoint),
        "remote": " ".join(str(one.part) for one in mounted),
        "pid": os.getpid(),
        "offline": options.offline,
    }


def _status(one: Mounted) -> dict[str, Any]:
    status = one.branch.tree.status()
    state = dataclasses.asdict(status.state)
    del state["cursor"]
    return {
        "name": one.part.name,
        "remote": one.part.remote,
        "cache_dir": str(one.part.cache_dir),
        "tree": {
            **state,
            "error": status.error,
            "retry_at": status.retry_at,
            "refreshing": status.refreshing,
        },
        "cache": dataclasses.asdict(one.store.info()),
        "usage": dataclasses.asdict(one.source.usage()),
    }


def _look(one: Mounted, look: Callable[[], Found]) -> dict[str, Any]:
    before = one.source.usage().calls
    found = look()
    calls = one.source.usage().calls - before
    return {"way": found.way.value, "changed": found.count, "calls": calls}
