"""``watch``: folders that are kept in line with remotes by themselves."""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from mirrorfs import notify, settings
from mirrorfs.cli.output import counted, moment
from mirrorfs.cli.parsed import Parsed
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import MirrorError, Misuse, NotFound
from mirrorfs.metrics import Address, parse_address
from mirrorfs.metrics_server import serving
from mirrorfs.settings import Watched
from sync.brake import Limits
from sync.cli.making import ensure_folder
from sync.cli.options import BWLIMIT, FILTERS, PER_CENT, SPAN, WORKDIR, state_of, take_filters
from sync.cli.places import LocalPlace, find_place
from sync.diary import Diary, diaries
from sync.dirty import without_junk
from sync.ends import Pair
from sync.execute import Effort
from sync.ground import Ground
from sync.lock import locked
from sync.options import Keeping, Options, Safety, Scope
from sync.part import Entries
from sync.state import State as StateFolder
from sync.tending import Means, Tending, both_ways, one_way
from sync.vigil import Rhythm, Vigil
from sync.watch import Watch

_log = logging.getLogger(__name__)
_ADDRESS = Parsed("[host:]port", parse_address)
_LISTENING = 300.0


@click.command()
@click.argument("local", required=False)
@click.argument("remote", required=False)
@click.option("--two-way", is_flag=True, help="What changes at the remote comes back.")
@click.option("--delete", is_flag=True, help="What is deleted here is deleted there.")
@click.option(
    "--whole", type=SPAN, default="1h", show_default=True, help="How often everything is looked at."
)
@click.option(
    "--remote-every",
    type=SPAN,
    help="How often the remote is asked for changes.  [default: 5m, or as --whole where "
    "that needs a look at everything]",
)
@click.option(
    "--transfers",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="So many files at a time.",
)
@BWLIMIT
@click.option(
    "--max-delete",
    type=PER_CENT,
    default=50.0,
    show_default=True,
    help="Refuse to delete more than so many per cent of the files.",
)
@click.option("--metrics", type=_ADDRESS, help="Tell Prometheus how it goes: 9464.")
@click.option("--status", "asked", is_flag=True, help="Show how the watches are, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --status: a JSON list.")
@WORKDIR
@FILTERS  # fmt: skip
def watch(
    local: str | None, remote: str | None, asked: bool, as_json: bool, **options: Any
) -> None:
    """Keep REMOTE in line with the folder LOCAL, until Ctrl-C or SIGTERM.

    A file is sent when it has not changed for two seconds. Everything is looked at when it begins
    and every --whole. Without LOCAL and REMOTE all folders of config.toml are watched:

    \b
    [watch.pictures]
    local = "~/Pictures"
    remote = "cloudinary:Pictures"
    two_way = true
    """
    state = state_of(options.pop("workdir"))
    if asked:
        _show(state.folder, as_json=as_json)
        return
    watched = _asked_for(local, remote, options)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    metrics: Address | None = options.pop("metrics")
    rhythm = (options.pop("whole"), options.pop("remote_every"))
    asked_for = _options(options, state)
    with ExitStack() as closing:
        vigils = [
            closing.enter_context(_vigil(one, asked_for, rhythm, is_named=bool(local)))
            for one in watched
        ]
        closing.enter_context(
            serving(metrics, lambda: (figure for one in vigils for figure in one.figures()))
        )
        _keep(vigils)


def _asked_for(local: str | None, remote: str | None, options: dict[str, Any]) -> Sequence[Watched]:
    two_way, delete = options.pop("two_way"), options.pop("delete")
    if local and remote:
        return [Watched(local, local, remote, two_way, delete)]
    if local or two_way or delete:
        raise Misuse("Name a folder and a remote: mirrorsync watch ~/Pictures cloudinary:")
    found = settings.load().watched
    if not found:
        raise Misuse(
            f"{settings.config_path()} names no folder to watch.",
            "Name a folder and a remote: mirrorsync watch ~/Pictures cloudinary:",
        )
    return found


def _options(options: dict[str, Any], state: StateFolder) -> Options:
    """Return what all runs are asked for; what nobody means to keep takes no part."""
    safety = Safety(Limits(options.pop("max_delete")))
    effort = Effort(transfers=options.pop("transfers"))
    bandwidth = options.pop("bwlimit")
    asked = take_filters(options)

    def select(entries: Entries) -> Entries:
        return without_junk(asked.select(entries))

    scope = Scope(select, asked.wanted.key)
    return Options(
        state, scope, keeping=Keeping(), effort=effort, safety=safety, bandwidth=bandwidth
    )


@contextmanager
def _vigil(
    watched: Watched, options: Options, rhythm: tuple[float, float | None], *, is_named: bool
) -> Iterator[Vigil]:
    """Prepare to watch one folder, which nobody else does meanwhile.

    Raises:
        NotFound: the folder ``is_named`` in the command, and never was.
    """
    one = find_place(watched.local, waits=False)
    two = find_place(watched.remote, waits=False)
    if not isinstance(one, LocalPlace):
        raise Misuse(f"{watched.local} is no folder of this machine.")
    clock, pair = SystemClock(), Pair(one.end(), two.end())
    whole, every = rhythm
    if not watched.two_way:
        every = 0.0
    elif every is None:
        every = _LISTENING if pair.two.target.traits.changes else whole
    folder = options.state.folder / "watch"
    command = "bisync" if watched.two_way else "sync"
    diary = folder / f"{pair.name}.json"
    known = (diary, options.state.manifest(pair, command))
    if is_named and not one.path.is_dir() and not any(path.exists() for path in known):
        raise NotFound(
            f"{watched.local}: there is no such folder.",
            "Make it, or name the one that is meant: mirrorsync watch ~/Pictures cloudinary:",
        )
    with ExitStack() as closing:
        lock = folder / f"{pair.name}.lock"
        closing.enter_context(locked(lock, clock, doing=f"{watched.local} is being watched"))
        executor = closing.enter_context(ThreadPoolExecutor(options.effort.transfers + 4, "sync"))
        means = Means(
            executor,
            clock,
            command,
            both_ways if watched.two_way else one_way(deletes=watched.delete),
            lambda: ensure_folder(two),
        )
        ground = Ground(one.path)
        work = Tending(pair, ground, options, means)
        closing.callback(work.close)
        vigil = Vigil(ground, lambda: Watch(one.path), work, Rhythm(whole, every), clock)
        vigil.tell = Diary(diary, watched).write
        yield vigil


def _keep(vigils: Sequence[Vigil]) -> None:
    """Watch until a signal comes, or all have failed.

    Raises:
        MirrorError: the last of them failed with this.
    """
    errors: list[MirrorError] = []
    threads = [threading.Thread(target=_run, args=(one, errors), name="vigil") for one in vigils]

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - see signal
        for vigil in vigils:
            vigil.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    for thread in threads:
        thread.start()
    for vigil, thread in zip(vigils, threads, strict=True):
        while thread.is_alive() and not vigil.ready.wait(0.1):
            pass
    notify.tell(notify.READY)
    for thread in threads:
        while thread.is_alive():
            thread.join(1.0)
    notify.tell(notify.STOPPING)
    if errors:
        raise errors[-1]


def _run(vigil: Vigil, errors: list[MirrorError]) -> None:
    """Watch one folder; the others go on whatever happens to it."""
    try:
        vigil.run()
    except MirrorError as error:
        _log.error("%s is not watched any more: %s", vigil.state.root, error)
        errors.append(error)
    except Exception as error:
        _log.exception("%s is not watched any more.", vigil.state.root)
        errors.append(MirrorError(f"Watching {vigil.state.root} failed: {error!r}"))


def _show(folder: Path, *, as_json: bool) -> None:
    found = diaries(folder / "watch")
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        state = one["state"]
        how = f"process {one['pid']}" if one["pid"] else "not running"
        click.echo(f"{one['local']} {'↔' if one['two_way'] else '→'} {one['remote']}  ({how})")
        click.echo(
            f"  run    {moment(state['last_run'])}, {counted(state['queue'], 'path')} waiting"
        )
        if state["calls_left"] is not None:
            click.echo(f"  quota  {state['calls_left']} calls left")
        if state["retry_at"]:
            click.echo(f"  retry  {moment(state['retry_at'])}")
        for word in ("error", "note"):
            if state[word]:
                click.echo(f"  {word:6} {state[word]}")
    if not found:
        click.echo("No folder was watched.")
