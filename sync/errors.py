"""What can go wrong with a run as a whole, beside the errors of the core."""

from __future__ import annotations

from mirrorfs.core.errors import MirrorError


class PairBusy(MirrorError):
    """Another run works on the same two sides."""


class StateFailed(MirrorError):
    """The state folder cannot be read or written, so nothing could be remembered."""
