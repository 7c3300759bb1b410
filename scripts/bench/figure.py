"""A figure: what was measured on each side, and the bounds it is held to."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OURS = "ours"
RCLONE = "rclone"
NATIVE = "native"
BARE = "bare"
"""A file system of FUSE that does nothing of its own: what FUSE allows."""
GALLERY_DL = "gallery-dl"
SMUGCLI = "smugcli"
CLOUDINARY = "cloudinary"
"""Ours, on an account of Cloudinary: what ours on SmugMug is compared with."""


class Failed(Exception):
    """A figure could not be taken, or what was read is not what is there."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What samples count; ``decimals`` are shown."""

    name: str
    decimals: int
    more_is_better: bool = False

    def show(self, value: float) -> str:
        """Return a value for people, without the unit's name."""
        return f"{value:,.{self.decimals}f}".replace(",", " ")


CALLS = Unit("calls", 0)
SECONDS = Unit("s", 2)
MILLISECONDS = Unit("ms", 0)
MEBIBYTES = Unit("MiB", 0)
FILES = Unit("files", 0)
PERCENT = Unit("%", 2)
FILES_LEFT = Unit("files left", 0, more_is_better=True)
SPEED = Unit("MiB/s", 0, more_is_better=True)


@dataclass(frozen=True, slots=True)
class Bound:
    """What our median is held to: ``factor`` times another side's, or ``factor`` itself.

    It is the greatest value allowed, or the least where more is better. ``aim`` is the
    factor that is wished for and not demanded.
    """

    factor: float
    against: str = ""
    aim: float | None = None

    def show(self, unit: Unit) -> str:
        """Return ``≤ 0.2 × rclone, aim 0.1``."""
        sign = "≥" if unit.more_is_better else "≤"
        what = f"{self.factor:g} × {self.against}" if self.against else f"{self.factor:g}"
        return f"{sign} {what}" + (f", aim {self.aim:g}" if self.aim else "")


@dataclass(frozen=True, slots=True)
class Figure:
    """Samples of each side in ``unit``, in the order in which they were taken.

    ``sides`` are shown beside each other, measured or not.
    """

    name: str
    unit: Unit
    samples: Mapping[str, Sequence[float]]
    bounds: Sequence[Bound] = ()
    sides: tuple[str, ...] = (OURS, RCLONE, NATIVE)
    failure: str = ""

    def median(self, side: str) -> float:
        """Return a side's median; it MUST have been measured."""
        return statistics.median(self.samples[side])

    def ratio(self, side: str) -> float:
        """Return our median as a multiple of another side's."""
        other = self.median(side)
        return self.median(OURS) / other if other else float("inf")

    def meets(self, bound: Bound) -> bool:
        """Say whether our median keeps to ``bound``."""
        limit = bound.factor * (self.median(bound.against) if bound.against else 1)
        ours = self.median(OURS)
        return ours >= limit if self.unit.more_is_better else ours <= limit

    @property
    def met(self) -> bool:
        """Say whether the figure was taken and every bound is kept."""
        return not self.failure and all(map(self.meets, self.bounds))

    def to_json(self) -> dict[str, Any]:
        """Return what the table shows and all samples, for :mod:`json`."""
        return {
            "name": self.name,
            "unit": self.unit.name,
            "samples": {side: list(values) for side, values in self.samples.items()},
            "medians": {side: self.median(side) for side in self.samples},
            "bounds": [
                {"bound": bound.show(self.unit), "met": self.meets(bound)} for bound in self.bounds
            ]
            if not self.failure
            else [],
            "failure": self.failure,
            "met": self.met,
        }
