"""One run: lock, look, compare, plan, brake, do, report. It prints nothing."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT
from sync import brake, trash
from sync.brake import Refusal
from sync.compare import By, doubted
from sync.deeds import Deeds
from sync.digests import DigestMemory
from sync.ends import Pair
from sync.errors import Refused, StateFailed, Vanished
from sync.execute import Execution
from sync.expiry import passed
from sync.keeping import Keeper, PerSide, UnlessProven, before_sending, proven_by
from sync.lock import locked
from sync.manifest import RUNNING, Manifest
from sync.model import Outcome, Plan, Report, Result, Side, Stop
from sync.oneway import Rules, cleared, plan_one_way
from sync.options import Options, Run
from sync.pace import Pace
from sync.part import seeing
from sync.plan import Wishes, plan
from sync.proving import Prover
from sync.respelling import OwnNames, corrected, spelled_alike
from sync.rows import Rows
from sync.scan import check_apart, scan
from sync.situation import Situation, look
from sync.trash import Trash


def run_bisync(pair: Pair, options: Options, run: Run, wishes: Wishes) -> Report:
    """Bring both sides in line with each other.

    Raises:
        Misuse: the sides overlap.
        PairBusy: another run works on these two sides.
        Refused: the plan looks like a mistake; the message says why, and the way out.
        StateFailed: the state folder fails. Others as listing the sides raises them.
            Whatever is raised, nothing was done.
    """
    planner = _Planner(lambda situation: plan(situation, wishes), brake.check, is_two_way=True)
    return _report("bisync", pair, options, run, planner)


def run_oneway(command: str, pair: Pair, options: Options, run: Run, rules: Rules) -> Report:
    """Bring the second side in line with the first; ``command`` is its name in the report.

    Where ``rules`` tell what is equal, it is a move: what the second side holds for certain
    goes from the first, so what both seem to hold is read where no checksum is told, whatever
    is compared. Raises what :func:`run_bisync` does.
    """
    after = cleared if rules.tells_equal else None
    if after:
        comparing = replace(options.comparing, downloads=True, doubts=True)
        options = replace(options, comparing=comparing)
    planner = _Planner(lambda situation: plan_one_way(situation, rules), brake.check_one_way, after)
    return _report(command, pair, options, run, planner)


@dataclass(frozen=True, slots=True)
class _Planner:
    """``first`` makes the plan, ``brake`` says what is against it.

    ``then`` makes what is to be done after that, when there is more.
    """

    first: Callable[[Situation], Plan]
    brake: Callable[[Situation, Plan, brake.Limits], tuple[Refusal, ...]]
    then: Callable[[Situation, Plan, tuple[Outcome, ...]], Plan] | None = None
    is_two_way: bool = False

    def foreseen(self, situation: Situation, planned: Plan) -> Plan:
        """Return the whole plan, as it is when nothing goes wrong."""
        if self.then is None:
            return planned
        done = tuple(Outcome(action, Result.DONE) for action in planned.actions)
        return _and_then(planned, self.then(situation, planned, done))


def _report(command: str, pair: Pair, options: Options, run: Run, planner: _Planner) -> Report:
    check_apart(pair)
    trash.check_outside(options.state.folder, [pair.one, pair.two])
    started, before = run.clock.now(), _calls(pair)
    with _session(command, pair, options, run) as session:
        planned, outcomes = session.go(planner)
    calls = {side: after - before[side] for side, after in _calls(pair).items()}
    labels = (pair.one.label, pair.two.label)
    times = (started, run.clock.now())
    why, stop, until = run.halt.reason, run.halt.stop, run.halt.until
    return Report(command, *labels, planned, outcomes, *times, calls, why, stop, until)


@contextlib.contextmanager
def _session(command: str, pair: Pair, options: Options, run: Run) -> Iterator[_Session]:
    """Hold the lock and what is remembered of a pair while inside."""
    state = options.state
    with contextlib.ExitStack() as closing:
        closing.enter_context(locked(state.lock(pair), run.clock, options.max_lock))
        manifest = Manifest(state.manifest(pair, command), pair.keys)
        closing.callback(manifest.close)
        digests = DigestMemory(state.digests, run.clock)
        closing.callback(digests.close)
        closing.callback(gc.unfreeze)
        yield _Session(pair, options, run, manifest, digests)


@dataclass(frozen=True, slots=True)
class _Session:
    pair: Pair
    options: Options
    run: Run
    manifest: Manifest
    digests: DigestMemory

    def go(self, planner: _Planner) -> tuple[Plan, tuple[Outcome, ...]]:
        """Look at both sides, plan, and unless it is a dry run do it."""
        if self.manifest.set_aside:
            self.run.observer.noted(
                f"The manifest was damaged and is kept as {self.manifest.set_aside}: this is a "
                "first run again, which deletes nothing."
            )
        with _uncollected():
            situation = self._look(self._may_be_absent(planner))
            planned = corrected(self.pair.two, planner.first(situation))
        self._brake(planner, situation, planned)
        if not self.options.dry_run:
            planned = self.run.review(planned)
        foreseen = planner.foreseen(situation, planned)
        if planner.then and not self.options.dry_run:
            foreseen = self.run.review(foreseen)
        self.run.observer.planned(foreseen)
        if self.options.dry_run:
            return foreseen, ()
        return self._do(planner, planned, situation)

    def _may_be_absent(self, planner: _Planner) -> frozenset[Side]:
        """Return the side that is made where it is not there: nothing was agreed on of it yet."""
        is_new = not planner.is_two_way and not self.manifest.count()
        return frozenset({Side.TWO} if is_new else ())

    def _brake(self, planner: _Planner, situation: Situation, planned: Plan) -> None:
        """Refuse the run; of a dry one only say that it would be."""
        safety, scope = self.options.safety, self.options.scope
        refusals = list(planner.brake(situation, planned, safety.limits))
        before = self.manifest.note("filters") if planner.is_two_way and situation.rows else ""
        if before and (changed := brake.filters_changed(before, scope.key)):
            refusals.append(changed)
        refusals = [one for one in refusals if not (one.may_force and safety.force)]
        if refusals and not self.options.dry_run:
            raise Refused(refusals)
        for one in refusals:
            self.run.observer.noted(f"It would be refused: {one.sentence} {one.way_out}")

    def _look(self, may_be_absent: frozenset[Side]) -> Situation:
        options, run = self.options, self.run
        if self.manifest.note("status") == RUNNING and not options.dry_run:
            self._sweep()
        part, is_known = options.scope.part, not options.resync
        near = self.manifest.rows_near(part.paths or ()) if is_known else Rows()
        see = seeing(part, near, self.manifest.count())
        try:
            trees = scan(
                self.pair, options.scope.select, run.observer.scanned, may_be_absent, see=see
            )
        except NotFound as gone:
            if not self.manifest.count():
                raise
            raise Vanished(f"{gone.message} There was one at the last run.", gone.hint) from None
        is_whole = is_known and part.paths is None
        rows = self.manifest.rows(trees) if is_whole else near
        trees = spelled_alike(self.pair.two, trees, rows)
        comparing = options.comparing
        if By.CHECKSUM in comparing.compare.by or comparing.doubts:
            window = options.effort.checkers
            prover = Prover(self.pair, self.digests, run.executor, window, comparing.downloads)
            known = Rows.of(doubted(rows.values())) if comparing.doubts else rows
            trees = prover.complete(trees, known)
        traits = {side: end.target.traits for side, end in self.pair}
        return look(rows, trees, traits, comparing.compare)

    def _sweep(self) -> None:
        """Remove the temporary files of a run that was killed."""
        trash.sweep(self.options.state.trash)
        for _, end in self.pair:
            if end.disk and (count := end.disk.sweep()):
                self.run.observer.noted(f"{end.label}: {count} unfinished files were removed.")

    def _do(
        self, planner: _Planner, planned: Plan, situation: Situation
    ) -> tuple[Plan, tuple[Outcome, ...]]:
        options, run, manifest = self.options, self.run, self.manifest
        rows = situation.rows
        for side in self._may_be_absent(planner):
            self.pair.of(side).target.mkdir(ROOT)
        if options.resync:
            manifest.replace_all([])
        manifest.set_note("filters", options.scope.key)
        manifest.set_note("status", RUNNING)
        before = before_sending(self.pair.one, planned) if planner.then else {}
        outcomes = self._execute(planned, rows, self._keeper())
        if planner.then:
            more = run.review(planner.then(situation, planned, outcomes))
            proven = proven_by(outcomes, before)
            keeper = UnlessProven(self._keeper(), self.pair.one, proven)
            outcomes += self._execute(more, rows, keeper)
            planned = _and_then(planned, more)
        try:
            manifest.set_note("status", _status(outcomes))
            manifest.set_note("ended", str(run.clock.now()))
        except StateFailed as error:
            run.halt.ask(Stop.STATE, str(error))
        now = passed(options.state.clock, run.clock.now())
        trash.expire(options.state.trash, now)
        return planned, outcomes

    def _execute(self, planned: Plan, rows: Rows, keeper: Keeper) -> tuple[Outcome, ...]:
        options, run = self.options, self.run
        remotes = frozenset(side for side, end in self.pair if end.disk is None)
        pace = Pace(options.bandwidth, run.clock, remotes)
        deeds = Deeds(self.pair, self.manifest, keeper, pace, rows)
        execution = Execution(deeds, options.effort, run.halt, run.observer, run.clock)
        return tuple(execution.carry_out(planned, run.executor))

    def _keeper(self) -> Keeper:
        keeping, state = self.options.keeping, self.options.state
        days, largest = keeping.days, keeping.largest
        bin_ = Trash(state.trash, self.pair, self.run.clock.now(), days=days, largest=largest)
        keeper = PerSide({side: keeping.instead.get(side, bin_) for side in Side})
        return OwnNames(keeper, self.pair.two)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Have no cycles looked for while inside, nor among what was made there before the thaw.

    Listings hold none, and many things to look at.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _and_then(first: Plan, more: Plan) -> Plan:
    return replace(first, actions=first.actions + more.actions, skips=more.skips)


def _status(outcomes: tuple[Outcome, ...]) -> str:
    """Return how a run ended, for the next one."""
    results = {outcome.result for outcome in outcomes}
    if Result.STOPPED in results:
        return "stopped"
    return "ok" if results <= {Result.DONE} else "failed"


def _calls(pair: Pair) -> dict[Side, int]:
    return {side: end.target.usage().calls for side, end in pair}
