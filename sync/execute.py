"""Carrying out a plan: group by group, a few actions at a time, each with its own outcome."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

from mirrorfs.core.clock import Clock
from mirrorfs.core.digest import Digest
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    MirrorError,
    NotEmpty,
    NotFound,
    RateLimited,
    Unavailable,
)
from sync.deeds import Deeds, Done, adopted
from sync.errors import StateFailed
from sync.flow import flow
from sync.model import Action, Adopt, Copy, Forget, Move, Outcome, Plan, Remove, Result, Stop
from sync.ordering import stages
from sync.pace import Halt, Limits
from sync.watching import Observer

_log = logging.getLogger(__name__)
_BATCH = 500
_PAUSE = 0.5
_MOVED_ON = (AlreadyExists, Changed, NotEmpty, NotFound)


@dataclass(frozen=True, slots=True)
class Effort:
    """How actions are done: so many at a time, each tried so often, pauses in seconds.

    ``checkers`` is how many checksums are taken at a time. ``immutable`` refuses to replace
    anything.
    """

    transfers: int = 4
    checkers: int = 8
    tries: int = 3
    pause: float = _PAUSE
    limits: Limits = field(default_factory=Limits)
    immutable: bool = False


class Execution:
    """One run's hands. The executor, the clock and who watches are given from outside."""

    def __init__(
        self, deeds: Deeds, effort: Effort, halt: Halt, observer: Observer, clock: Clock
    ) -> None:
        self._deeds = deeds
        self._effort = effort
        self._halt = halt
        self._observer = observer
        self._clock = clock
        self._failed: set[tuple[str, str] | Digest] = set()

    def carry_out(self, plan: Plan, executor: Executor) -> list[Outcome]:
        """Do all actions; one that fails stops no other, except removals of the same bytes."""
        outcomes: list[Outcome] = []
        for stage in stages(plan.actions):
            noted = [action for action in stage if isinstance(action, Adopt | Forget)]
            others = (action for action in stage if not isinstance(action, Adopt | Forget))
            told = self._tell(flow(executor, self._attempt, others, self._effort.transfers))
            outcomes.extend(told)
            outcomes.extend(self._tell(self._note(noted)))
        return outcomes

    def _tell(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            if outcome.result is not Result.DONE:
                self._failed.update(_marks(outcome.action))
            self._observer.ended(outcome)
            yield outcome

    def _note(self, actions: list[Adopt | Forget]) -> Iterator[Outcome]:
        """Write many rows at once, as nothing has to be done for them."""
        for at in range(0, len(actions), _BATCH):
            some = actions[at : at + _BATCH]
            result, reason = Result.STOPPED, self._halt.reason
            if self._halt.stop is None:
                result, reason = self._write_rows(some)
            yield from (Outcome(action, result, reason) for action in some)

    def _write_rows(self, actions: list[Adopt | Forget]) -> tuple[Result, str]:
        try:
            gone = [one.path if isinstance(one, Forget) else one.was for one in actions]
            self._deeds.manifest.put_all(
                (adopted(one) for one in actions if isinstance(one, Adopt)),
                (path for path in gone if path is not None),
            )
        except StateFailed as error:
            self._halt.ask(Stop.STATE, str(error))
            return Result.FAILED, str(error)
        return Result.DONE, ""

    def _attempt(self, action: Action) -> Outcome:
        """Do one action, if it may be begun; all that goes wrong is told in its outcome."""
        size = action.source.size if isinstance(action, Copy) else 0
        if not self._halt.admits(size, self._effort.limits, self._clock.now()):
            return Outcome(action, Result.STOPPED, self._halt.reason)
        if reason := self._objection(action):
            return Outcome(action, Result.FAILED, reason)
        began = self._clock.now()
        self._observer.began(action)
        result, reason, done = self._outcome(action)
        seconds = self._clock.now() - began
        return Outcome(action, result, reason, done.sent, seconds, done.trash)

    def _objection(self, action: Action) -> str:
        if self._effort.immutable and isinstance(action, Copy) and action.replaces:
            return "It is there already in another version, and --immutable forbids to replace it."
        if isinstance(action, Remove) and not self._failed.isdisjoint(_marks(action)):
            return "The same bytes could not be copied or moved, so they are not removed here."
        return ""

    def _outcome(self, action: Action) -> tuple[Result, str, Done]:
        try:
            return Result.DONE, "", self._persist(action)
        except _MOVED_ON as error:
            return Result.CHANGED, str(error), Done()
        except RateLimited as error:
            self._halt.ask(Stop.QUOTA, str(error), error.retry_at)
            return Result.FAILED, str(error), Done()
        except StateFailed as error:
            self._halt.ask(Stop.STATE, str(error))
            return Result.FAILED, str(error), Done()
        except MirrorError as error:
            return Result.FAILED, str(error), Done()
        except Exception as error:
            _log.exception("%s failed", action)
            return Result.FAILED, f"{type(error).__name__}: {error}", Done()

    def _persist(self, action: Action) -> Done:
        """Do one action; what may work later is tried again."""
        for failures in range(1, self._effort.tries):
            gone = _Counter(self._observer, action)
            try:
                return self._deeds.do(action, gone)
            except Unavailable as error:
                gone.back()
                if self._halt.stop:
                    raise
                wait = (
                    self._effort.pause * 2 ** (failures - 1) * (1 + secrets.randbelow(500) / 1000)
                )
                self._observer.waiting(str(error), self._clock.now() + wait)
                self._clock.sleep(wait)
        return self._deeds.do(action, _Counter(self._observer, action))


class _Counter:
    """Tells of bytes as they go, and takes them back when an action begins anew."""

    def __init__(self, observer: Observer, action: Action) -> None:
        self._observer = observer
        self._action = action
        self._sent = 0

    def __call__(self, size: int) -> None:
        self._sent += size
        self._observer.sent(self._action, size)

    def back(self) -> None:
        if self._sent:
            self(-self._sent)


def _marks(action: Action) -> set[tuple[str, str] | Digest]:
    """Return by what the bytes are known that an action copies, moves or removes."""
    match action:
        case Copy(source=entry) | Move(entry=entry) | Remove(entry=entry) if not entry.is_folder:
            mark = (entry.content or entry.id, entry.revision)
            return {mark, entry.digest} if entry.digest else {mark}
    return set()
