"""What a run is asked for, grouped by concern; all have sensible defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

from mirrorfs.core.clock import Clock
from sync.bandwidth import Bandwidth
from sync.brake import Limits
from sync.compare import Compare
from sync.execute import Effort
from sync.keeping import Keeper
from sync.model import Plan, Side
from sync.pace import Halt
from sync.part import Part
from sync.scan import Select
from sync.state import State
from sync.trash import KEPT_DAYS
from sync.watching import Observer


@dataclass(frozen=True, slots=True)
class Scope:
    """What takes part; ``key`` is the same as long as the same is selected.

    ``part`` is what of it is looked at now.
    """

    select: Select = dict
    key: str = ""
    part: Part = field(default_factory=Part)


@dataclass(frozen=True, slots=True)
class Comparing:
    """When two files are the same, and whether remote files may be read to find out.

    ``doubts`` takes checksums whatever is compared, also of what is at the revision that it had.
    """

    compare: Compare = field(default_factory=Compare)
    downloads: bool = False
    doubts: bool = False


@dataclass(frozen=True, slots=True)
class Safety:
    """What a run is refused for; ``force`` lets pass what may be forced."""

    limits: Limits = field(default_factory=Limits)
    force: bool = False


@dataclass(frozen=True, slots=True)
class Keeping:
    """What becomes of what is removed or replaced.

    It goes to the trash of the state folder and stays there for ``days``, but on the sides in
    ``instead`` to those. Remote files above ``largest`` bytes do not go to the trash, so they
    are neither removed nor replaced.
    """

    instead: Mapping[Side, Keeper] = field(default_factory=dict)
    days: float = KEPT_DAYS
    largest: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Everything but the two sides. ``max_lock`` is in seconds."""

    state: State
    scope: Scope = field(default_factory=Scope)
    comparing: Comparing = field(default_factory=Comparing)
    keeping: Keeping = field(default_factory=Keeping)
    effort: Effort = field(default_factory=Effort)
    safety: Safety = field(default_factory=Safety)
    bandwidth: Bandwidth = field(default_factory=Bandwidth)
    max_lock: float = 0.0
    dry_run: bool = False
    resync: bool = False


def _unchanged(plan: Plan) -> Plan:
    return plan


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works with: threads, a clock, who watches, and who may end it.

    ``review`` is asked before anything is done, and returns what may be. Where something follows
    that, as in a move, it is asked again of what does: MUST then say the same of the same.
    """

    executor: Executor
    clock: Clock
    observer: Observer
    halt: Halt
    review: Callable[[Plan], Plan] = _unchanged
