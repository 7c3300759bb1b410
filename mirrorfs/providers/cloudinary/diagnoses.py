"""Why a file is not delivered: asked of the service seldom, since each answer costs quota.

A CDN that denies everything, read by a program that tries again, would use up an hour's calls
within minutes. What was found of a revision is therefore remembered for a while, and only a few
revisions a minute are asked about.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from mirrorfs.core.clock import Clock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, MirrorError, NotFound, Transient

_LIFETIME = 300.0
_MINUTE = 60.0
_MOST_A_MINUTE = 4
_MOST = 4096

_Finding = Callable[[], MirrorError] | None


class Diagnoses:
    """Says whether files are still what they were; safe to use from several threads."""

    def __init__(self, current: Callable[[Entry], object], clock: Clock) -> None:
        self._current = current
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, str], tuple[float, _Finding]] = OrderedDict()
        self._asked: deque[float] = deque()

    def of(self, entry: Entry) -> MirrorError | None:
        """Return why the file can no longer be read at this revision, as far as that is known.

        ``None``: it is unchanged, or it cannot be asked now.
        """
        key = (entry.id, entry.revision)
        with self._lock:
            now = self._clock.now()
            until, finding = self._found.get(key, (0.0, None))
            is_known = now < until <= now + _LIFETIME
            if not is_known and not self._may_ask(now):
                return None
        if not is_known:
            try:
                finding = self._ask(entry)
            except Transient:
                return None
            self._remember(key, finding)
        return finding() if finding else None

    def _may_ask(self, now: float) -> bool:
        """Count one question, unless there were enough within a minute."""
        while self._asked and not now - _MINUTE < self._asked[0] <= now:
            self._asked.popleft()
        if len(self._asked) >= _MOST_A_MINUTE:
            return False
        self._asked.append(now)
        return True

    def _ask(self, entry: Entry) -> _Finding:
        try:
            self._current(entry)
        except (NotFound, Changed) as error:
            kind, message, hint = type(error), error.message, error.hint
            return lambda: kind(message, hint)
        return None

    def _remember(self, key: tuple[str, str], finding: _Finding) -> None:
        with self._lock:
            self._found[key] = (self._clock.now() + _LIFETIME, finding)
            self._found.move_to_end(key)
            while len(self._found) > _MOST:
                self._found.popitem(last=False)
