"""The order of actions: at every moment each file is at its old place, its new one, or aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.model import Action


def stages(actions: Sequence[Action]) -> Iterator[tuple[Action, ...]]:
    """Yield the actions of a plan in groups: what is in one group may be done at the same time."""
    for action in actions:
        yield (action,)
