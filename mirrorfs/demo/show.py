"""The demonstration itself: fill an account, mount it, copy it out, prove every byte."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.tree import Tree

from mirrorfs.core.errors import MirrorError
from mirrorfs.demo import album
from mirrorfs.emulators.cloudinary import FolderMode, Server, Settings
from mirrorfs.remotes import open_remote
from mirrorfs.settings import Remote

_COMMAND = (sys.executable, "-m", "mirrorfs")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demonstration plays: its folders and the environment of its commands."""

    mountpoint: Path
    copy: Path
    cache: Path
    environment: Mapping[str, str]


@contextmanager
def performance(console: Console, folder_mode: FolderMode) -> Iterator[Stage]:
    """Run all acts, then hold the mount until the block ends; clean up whatever happens.

    Raises:
        MirrorError: an act failed; the message says which and why.
    """
    with (
        tempfile.TemporaryDirectory(prefix="mirrorfs-demo-", ignore_cleanup_errors=True) as scratch,
        Server(_account(folder_mode)) as server,
    ):
        stage = _stage(Path(scratch), server.cloudinary_url)
        expected = fill(console, server.cloudinary_url)
        mount(stage)
        try:
            console.print(f"[green]mounted[/] cloudinary: on {stage.mountpoint}")
            console.print(picture_of(stage.mountpoint))
            copy_out(console, stage, expected)
            report_cost(console, stage)
            yield stage
        finally:
            _run(stage, *_COMMAND, "unmount", str(stage.mountpoint))
            console.print("unmounted, and nothing is left behind.")


def mount(stage: Stage) -> None:
    """Mount the account in the background, as a user would."""
    where = ("cloudinary:", str(stage.mountpoint))
    _run(stage, *_COMMAND, "mount", *where, "--cache-dir", str(stage.cache))


def fill(console: Console, url: str) -> dict[str, str]:
    """Upload the album through the service's API; return path → MD5 in hexadecimal."""
    expected: dict[str, str] = {}
    remote = Remote("demo", "cloudinary", "the demonstration", {"url": url}, {})
    target = open_remote(remote)
    try:
        with console.status("uploading photographs, films and documents …"):
            for item in album.items():
                expected[item.path] = hashlib.md5(item.body, usedforsecurity=False).hexdigest()
                body = io.BytesIO(item.body)
                target.write(item.path, body, size=len(item.body), modified=item.modified)
            target.mkdir(album.EMPTY_FOLDER)
    finally:
        target.close()
    console.print(f"[green]uploaded[/] {len(expected)} files to an embedded Cloudinary account")
    return expected


def picture_of(folder: Path) -> Tree:
    """Return the tree below ``folder`` for a terminal."""
    tree = Tree(f"[bold]{folder.name}/[/]")
    for path in sorted(folder.iterdir(), key=lambda p: (p.is_file(), p.name)):
        if path.is_dir():
            tree.add(picture_of(path))
        else:
            tree.add(f"{path.name}  [dim]{decimal(path.stat().st_size)}[/]")
    return tree


def copy_out(console: Console, stage: Stage, expected: Mapping[str, str]) -> None:
    """``rsync`` the mount to a folder and compare each file with what was uploaded."""
    _run(stage, "rsync", "-a", f"{stage.mountpoint}/", f"{stage.copy}/")
    found = {
        path.relative_to(stage.copy).as_posix(): _md5(path)
        for path in stage.copy.rglob("*")
        if path.is_file()
    }
    if found != expected:
        wrong = sorted(found.items() ^ expected.items())
        raise MirrorError(f"The copy differs from what was uploaded: {wrong[:3]}")
    if not (stage.copy / album.EMPTY_FOLDER).is_dir():
        raise MirrorError(f"The empty folder {album.EMPTY_FOLDER!r} was not copied.")
    console.print(
        f"[green]copied[/] with rsync -a to {stage.copy}: {len(found)} files, "
        "every one with the MD5 of what was uploaded"
    )


def report_cost(console: Console, stage: Stage) -> None:
    """Say how many API calls the mount made until now."""
    status = json.loads(_run(stage, *_COMMAND, "status", "--json"))
    usage = status[0]["remotes"][0]["usage"]
    console.print(
        f"[green]cost[/] {usage['calls']} API calls for all of it; "
        f"{usage['remaining']} of {usage['limit']} left this hour"
    )


def _account(folder_mode: FolderMode) -> Settings:
    return Settings(
        cloud_name="demo",
        api_key=secrets.token_hex(8),
        api_secret=secrets.token_urlsafe(20),
        folder_mode=folder_mode,
    )


def _stage(scratch: Path, url: str) -> Stage:
    stage = Stage(
        scratch / "cloudinary",
        scratch / "backup",
        scratch / "cache",
        {
            **os.environ,
            "CLOUDINARY_URL": url,
            "MIRRORFS_CONFIG": str(scratch / "config.toml"),
        },
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
