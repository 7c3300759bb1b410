"""One run: lock, look, compare, plan, brake, do, report. It prints nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mirrorfs.core.paths import RemotePath
from sync import trash
from sync.deeds import Deeds
from sync.digests import DigestMemory
from sync.ends import Pair
from sync.errors import StateFailed
from sync.execute import Execution
from sync.keeping import PerSide
from sync.lock import locked
from sync.manifest import RUNNING, Manifest
from sync.model import Agreed, Outcome, Plan, Report, Result, Side, Stop
from sync.options import Options, Run
from sync.pace import Pace
from sync.plan import Wishes, plan
from sync.proving import Prover
from sync.scan import check_apart, scan
from sync.situation import Situation, look
from sync.trash import Trash

Planner = Callable[[Situation], Plan]
Rows = Mapping[RemotePath, Agreed]

_DAY = 86400.0


def run_bisync(pair: Pair, options: Options, run: Run, wishes: Wishes) -> Report:
    """Bring both sides in line with each other.

    Raises:
        Misuse: the sides overlap.
        PairBusy: another run works on these two sides.
        StateFailed: the state folder fails. Others as listing the sides raises them; then
            nothing was done.
    """
    return _report("bisync", pair, options, run, lambda situation: plan(situation, wishes))


def _report(command: str, pair: Pair, options: Options, run: Run, planner: Planner) -> Report:
    check_apart(pair)
    trash.check_outside(options.state.folder, [pair.one, pair.two])
    started, before = run.clock.now(), _calls(pair)
    with _session(command, pair, options, run) as session:
        planned, outcomes = session.go(planner)
    calls = {side: after - before[side] for side, after in _calls(pair).items()}
    labels = (pair.one.label, pair.two.label)
    times = (started, run.clock.now())
    return Report(
        command, *labels, planned, outcomes, *times, calls, run.halt.reason, run.halt.stop
    )


@contextlib.contextmanager
def _session(command: str, pair: Pair, options: Options, run: Run) -> Iterator[_Session]:
    """Hold the lock and what is remembered of a pair while inside."""
    state = options.state
    with contextlib.ExitStack() as closing:
        closing.enter_context(locked(state.lock(pair), run.clock, options.max_lock))
        manifest = Manifest(state.manifest(pair, command), is_flipped=pair.is_flipped)
        closing.callback(manifest.close)
        digests = DigestMemory(state.digests, run.clock)
        closing.callback(digests.close)
        yield _Session(pair, options, run, manifest, digests)


@dataclass(frozen=True, slots=True)
class _Session:
    pair: Pair
    options: Options
    run: Run
    manifest: Manifest
    digests: DigestMemory

    def go(self, planner: Planner) -> tuple[Plan, tuple[Outcome, ...]]:
        """Look at both sides, plan, and unless it is a dry run do it."""
        if self.manifest.set_aside:
            self.run.observer.noted(
                f"The manifest was damaged and is kept as {self.manifest.set_aside}: this is a "
                "first run again, which deletes nothing."
            )
        rows: Rows = {} if self.options.resync else self.manifest.rows()
        planned = planner(self._look(rows))
        self.run.observer.planned(planned)
        if self.options.dry_run:
            return planned, ()
        return planned, self._do(planned, rows)

    def _look(self, rows: Rows) -> Situation:
        options, run = self.options, self.run
        if self.manifest.note("status") == RUNNING and not options.dry_run:
            self._sweep()
        trees = scan(self.pair, options.scope.select, run.observer.scanned)
        window = options.effort.transfers
        comparing = options.comparing
        prover = Prover(self.pair, self.digests, run.executor, window, comparing.downloads)
        trees = prover.complete(trees, rows)
        traits = {side: end.target.traits for side, end in self.pair}
        return look(rows, trees, traits, comparing.compare)

    def _sweep(self) -> None:
        """Remove the temporary files of a run that was killed."""
        trash.sweep(self.options.state.trash, self.pair)
        for _, end in self.pair:
            if end.disk and (count := end.disk.sweep()):
                self.run.observer.noted(f"{end.label}: {count} unfinished files were removed.")

    def _do(self, planned: Plan, rows: Rows) -> tuple[Outcome, ...]:
        options, run, manifest = self.options, self.run, self.manifest
        if options.resync:
            manifest.replace_all([])
        manifest.set_note("filters", options.scope.key)
        manifest.set_note("status", RUNNING)
        keeping = options.keeping
        bin_ = Trash(options.state.trash, self.pair, run.clock.now(), keeping.largest)
        keeper = PerSide({side: keeping.instead.get(side, bin_) for side in Side})
        deeds = Deeds(self.pair, manifest, keeper, Pace(options.bwlimit, run.clock), rows)
        execution = Execution(deeds, options.effort, run.halt, run.observer, run.clock)
        outcomes = tuple(execution.carry_out(planned, run.executor))
        try:
            manifest.set_note("status", _status(outcomes))
            manifest.set_note("ended", str(run.clock.now()))
        except StateFailed as error:
            run.halt.ask(Stop.STATE, str(error))
        trash.empty(options.state.trash, before=run.clock.now() - keeping.days * _DAY)
        return outcomes


def _status(outcomes: tuple[Outcome, ...]) -> str:
    """Return how a run ended, for the next one."""
    results = {outcome.result for outcome in outcomes}
    if Result.STOPPED in results:
        return "stopped"
    return "ok" if results <= {Result.DONE} else "failed"


def _calls(pair: Pair) -> dict[Side, int]:
    return {side: end.target.usage().calls for side, end in pair}
