"""What is mounted where, and how."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mirrorfs import fuse_library, mountpoint
from mirrorfs.cache.limits import Limits
from mirrorfs.core import names, paths
from mirrorfs.core.errors import Misuse
from mirrorfs.core.provider import Source
from mirrorfs.vfs import globs

_LIMITS = Limits(max_bytes=10 << 30, min_free_bytes=1 << 30)


@dataclass(frozen=True, slots=True)
class Part:
    """One remote of a mount.

    ``remote`` is what people call it. ``tree_key`` names, in ``cache_dir``, the listings of the
    folder that is mounted (lawful as a file's name). ``open`` is called in the process that
    stays. ``name`` is the folder it is shown as; empty when the mount is this remote alone.
    """

    remote: str
    tree_key: str
    cache_dir: Path
    open: Callable[[], Source]
    name: str = ""

    def __str__(self) -> str:
        return f"{self.remote}={self.name}" if self.name else self.remote


@dataclass(frozen=True, slots=True)
class MountOptions:
    """Where to mount, and how. ``refresh`` is in seconds; ``limits`` are those of each account.

    ``metrics`` is host and port at which Prometheus may ask how the mount is.
    """

    mountpoint: Path
    limits: Limits = _LIMITS
    refresh: float = 300.0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    offline: bool = False
    allow_other: bool = False
    uid: int | None = None
    gid: int | None = None
    umask: int = 0o022
    foreground: bool = False
    library: str = fuse_library.LIBRARIES[0]
    log_file: Path | None = None
    metrics: tuple[str, int] | None = None


def checked(options: MountOptions, parts: Sequence[Part]) -> tuple[MountOptions, tuple[Part, ...]]:
    """Return both with absolute paths.

    Raises:
        Misuse: names, patterns or the log file make no sense.
        MountFailed: nothing can be mounted there.
    """
    options = dataclasses.replace(
        options,
        mountpoint=mountpoint.resolved(options.mountpoint),
        log_file=options.log_file and mountpoint.resolved(options.log_file.absolute()),
    )
    found = tuple(dataclasses.replace(part, cache_dir=part.cache_dir.absolute()) for part in parts)
    _check_names(found)
    _check_log(options)
    for part in found:
        mountpoint.check(options.mountpoint, part.cache_dir)
    globs.parse(options.include, options.exclude)
    return options, found


def _check_log(options: MountOptions) -> None:
    if options.log_file and options.log_file.is_relative_to(options.mountpoint):
        raise Misuse(
            f"The log file {options.log_file} is inside the mountpoint, which hides it.",
            "Name another one with --log-file.",
        )


def _check_names(parts: Sequence[Part]) -> None:
    if len(parts) == 1 and not parts[0].name:
        return
    trees: dict[tuple[Path, str], Part] = {}
    folders: dict[str, Part] = {}
    for part in parts:
        if not part.name:
            raise Misuse(
                f"{part.remote} has no folder to be shown as.", f"Write {part.remote}=NAME."
            )
        if not paths.is_lawful(part.name) or not part.name.isprintable():
            raise Misuse(f"{part.name!r} cannot name a folder.")
        if folders.setdefault(names.fold(part.name), part) is not part:
            raise Misuse(f"Two remotes would be shown as {part.name!r}.")
        if trees.setdefault((part.cache_dir, part.tree_key), part) is not part:
            raise Misuse(f"{part.remote} is given twice.")
