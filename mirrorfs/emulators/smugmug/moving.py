"""Where a path went whose folder was renamed: such requests are answered with 301."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.endpoints import Match
    from mirrorfs.emulators.smugmug.state import State


def moved_to(state: State, match: Match) -> str | None:
    """Give the URI of a folder path as it is called now; None where nothing was renamed."""
    if "path" not in match.ids:
        return None
    node = state.tree.moved(match.ids["nick"], match.ids["path"])
    if node is None:
        return None
    return match.endpoint.uri(node.nick, state.tree.path(node).rstrip("/"))
