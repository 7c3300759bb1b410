"""Who watches a run: progress goes out by these calls, from any thread."""

from __future__ import annotations

from typing import Protocol

from sync.model import Action, Outcome, Plan, Side


class Observer(Protocol):
    """Is told what happens. It MUST be quick and MUST NOT raise."""

    def scanned(self, side: Side, entries: int) -> None:
        """A side was listed completely."""
        ...

    def planned(self, plan: Plan) -> None:
        """This is what is to be done."""
        ...

    def began(self, action: Action) -> None:
        """An action begins now."""
        ...

    def sent(self, action: Action, size: int) -> None:
        """So many more bytes of an action were sent; below zero when it begins anew."""
        ...

    def ended(self, outcome: Outcome) -> None:
        """An action was done, failed, or will not be begun."""
        ...

    def waiting(self, reason: str, until: float) -> None:
        """Nothing happens until then (epoch seconds), for that reason."""
        ...

    def noted(self, text: str) -> None:
        """There is something to tell, such as a damaged manifest."""
        ...


class Silent:
    """Nobody watches."""

    def scanned(self, side: Side, entries: int) -> None:
        """See :class:`Observer`."""

    def planned(self, plan: Plan) -> None:
        """See :class:`Observer`."""

    def began(self, action: Action) -> None:
        """See :class:`Observer`."""

    def sent(self, action: Action, size: int) -> None:
        """See :class:`Observer`."""

    def ended(self, outcome: Outcome) -> None:
        """See :class:`Observer`."""

    def waiting(self, reason: str, until: float) -> None:
        """See :class:`Observer`."""

    def noted(self, text: str) -> None:
        """See :class:`Observer`."""
