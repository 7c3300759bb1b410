"""The demonstration itself: fill two accounts, mount them, copy all out, prove every byte."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.tree import Tree

from mirrorfs.core.errors import MirrorError
from mirrorfs.core.paths import RemotePath
from mirrorfs.demo import accounts, album
from mirrorfs.demo.accounts import Account
from mirrorfs.emulators.cloudinary import FolderMode

_COMMAND = (sys.executable, "-m", "mirrorfs")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demonstration plays: its folders and the environment of its commands."""

    mountpoint: Path
    copy: Path
    cache: Path
    environment: Mapping[str, str]
    accounts: tuple[Account, ...]


@contextmanager
def performance(console: Console, folder_mode: FolderMode) -> Iterator[Stage]:
    """Run all acts, then hold the mount until the block ends; clean up whatever happens.

    Raises:
        MirrorError: an act failed; the message says which and why.
    """
    with (
        tempfile.TemporaryDirectory(prefix="mirrorfs-demo-", ignore_cleanup_errors=True) as scratch,
        accounts.embedded(folder_mode) as embedded,
    ):
        stage = _stage(Path(scratch), embedded)
        expected: dict[RemotePath, str] = {}
        for account in embedded:
            expected |= fill(console, account)
        mount(stage)
        try:
            console.print(f"[green]mounted[/] side by side on {stage.mountpoint}")
            console.print(picture_of(stage.mountpoint))
            copy_out(console, stage, expected)
            report_cost(console, stage)
            yield stage
        finally:
            _run(stage, *_COMMAND, "unmount", str(stage.mountpoint))
            console.print("unmounted, and nothing is left behind.")


def fill(console: Console, account: Account) -> dict[RemotePath, str]:
    """Upload what the account is to hold; return path below the mountpoint → MD5."""
    with console.status(f"uploading to {account.name} …"):
        expected, calls = accounts.fill(account)
    console.print(
        f"[green]uploaded[/] {len(expected)} files to an embedded {account.name} account, "
        f"{calls} API calls"
    )
    return expected


def mount(stage: Stage) -> None:
    """Mount the accounts in the background, as a user would."""
    where = (f"{account.service}:={account.name}" for account in stage.accounts)
    cache = ("--cache-dir", str(stage.cache))
    _run(stage, *_COMMAND, "mount", *where, str(stage.mountpoint), *cache)


def picture_of(folder: Path) -> Tree:
    """Return the folders below ``folder`` for a terminal, each with its first file."""
    inside = sorted(folder.iterdir())
    folders = [path for path in inside if path.is_dir()]
    files = [path.name for path in inside if not path.is_dir()]
    more = f" [dim]… and {len(files) - 1} more[/]" if len(files) > 1 else ""
    first = f"  {files[0]}{more}" if files else ""
    tree = Tree(f"[bold]{folder.name}/[/]{first}")
    for path in folders:
        tree.add(picture_of(path))
    return tree


def copy_out(console: Console, stage: Stage, expected: Mapping[RemotePath, str]) -> None:
    """``rsync`` the mount to a folder and compare each file with what was uploaded."""
    _run(stage, "rsync", "-a", f"{stage.mountpoint}/", f"{stage.copy}/")
    found = {
        RemotePath(path.relative_to(stage.copy).as_posix()): _md5(path)
        for path in stage.copy.rglob("*")
        if path.is_file()
    }
    if found != expected:
        wrong = sorted(found.items() ^ expected.items())
        raise MirrorError(f"The copy differs from what was uploaded: {wrong[:3]}")
    for account in stage.accounts:
        if not (stage.copy / account.name / album.EMPTY_FOLDER).is_dir():
            raise MirrorError(f"The empty folder of {account.name} was not copied.")
    console.print(
        f"[green]copied[/] with rsync -a to {stage.copy}\n\n"
        f"[bold green]✓ {len(found)} files, every one with the MD5 of what was uploaded[/]"
    )


def report_cost(console: Console, stage: Stage) -> None:
    """Say how many API calls the mount made until now."""
    (status,) = json.loads(_run(stage, *_COMMAND, "status", "--json", str(stage.mountpoint)))
    for remote in status["remotes"]:
        usage = remote["usage"]
        of = f" of {usage['limit']}" if usage["limit"] else ""
        console.print(
            f"[bold green]✓[/] {remote['name']} cost {usage['calls']} API calls for all of it; "
            f"{usage['remaining']}{of} left this hour"
        )


def _stage(scratch: Path, embedded: tuple[Account, ...]) -> Stage:
    known = {name: value for one in embedded for name, value in one.environment.items()}
    config = str(scratch / "config.toml")
    stage = Stage(
        scratch / "photographs",
        scratch / "backup",
        scratch / "cache",
        {**os.environ, **known, "MIRRORFS_CONFIG": config},
        embedded,
    )
    stage.mountpoint.mkdir()
    return stage


def _run(stage: Stage, *command: str) -> str:
    run = subprocess.run(
        command, env=stage.environment, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise MirrorError(f"'{' '.join(command)}' ended with {run.returncode}: {run.stderr}")
    return run.stdout


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
