"""A plan of which somebody declined a part. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath
from sync.model import Action, Copy, Plan, Remove, Side, Skip

Ask = Callable[[Action], bool]
"""Says whether an action may be done."""


def reviewed(plan: Plan, ask: Ask) -> Plan:
    """Return ``plan`` without the deletions and replacements that ``ask`` declines.

    Folders are not asked about: one stays when something in it does.
    """
    kept: list[Action] = []
    skips: list[Skip] = []
    needed: set[tuple[Side, RemotePath]] = set()
    for action in plan.actions:
        path = _loses(action)
        if path is None or ask(action):
            kept.append(action)
            continue
        side = action.side if isinstance(action, Copy | Remove) else Side.TWO
        skips.append(Skip(path, side, "You wanted it to stay as it is.", error=False))
        needed.update((side, above) for above in paths.ancestors(path))
    actions = tuple(one for one in kept if not _is_needed(one, needed))
    return replace(plan, actions=actions, skips=(*plan.skips, *skips))


def spares(action: Action, *, existing: bool, newer: bool) -> bool:
    """Say whether an action replaces what is to be left: all that exists, or what is newer."""
    if not isinstance(action, Copy) or action.replaces is None:
        return False
    return existing or (newer and action.replaces.modified > action.source.modified)


def _loses(action: Action) -> RemotePath | None:
    """Return the path of the file that an action deletes or replaces."""
    if isinstance(action, Remove) and not action.entry.is_folder:
        return action.entry.path
    if isinstance(action, Copy) and action.replaces:
        return action.replaces.path
    return None


def _is_needed(action: Action, needed: set[tuple[Side, RemotePath]]) -> bool:
    return isinstance(action, Remove) and (action.side, action.entry.path) in needed
