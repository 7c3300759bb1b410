"""What can go wrong with a run as a whole, beside the errors of the core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mirrorfs.core.errors import MirrorError, NotFound

if TYPE_CHECKING:
    from sync.brake import Refusal


class PairBusy(MirrorError):
    """Another run works on the same two sides."""


class Vanished(NotFound):
    """A side is gone that was there at the last run; that is not an empty one."""


class StateFailed(MirrorError):
    """The state folder cannot be read or written, so nothing could be remembered."""


class Refused(MirrorError):
    """The brake stopped a run before anything was done; ``refusals`` are all reasons."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(
            " ".join(refusal.sentence for refusal in refusals),
            " ".join(dict.fromkeys(refusal.way_out for refusal in refusals)),
        )
        self.refusals = tuple(refusals)
