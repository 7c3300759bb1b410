"""New bytes take the place of old ones, which may be the only copy.

The service replaces a picture when it is uploaded with ``X-Smug-ImageUri`` (SmugMug API,
reference/upload): key, comments and description stay, the serial goes up, the old bytes are gone.
There is no way back and no condition. So the new bytes are first stored beside the old ones,
hidden and under a name of their own, and proven: from then on the service is known to keep them
whole. Then they are sent a second time, over the old ones, proven again, and the copy is deleted.
At every moment the old or the new bytes are stored whole. To delete the old picture and keep the
new one would send the bytes once, but lose its comments and its place, and wherever somebody
links to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mirrorfs.core.errors import Changed, MirrorError, NotFound, RateLimited
from mirrorfs.net.turns import Turns
from mirrorfs.providers.smugmug.records import Image
from mirrorfs.providers.smugmug.sending import WITHOUT_PROOF, Sender, Shipment, staged
from mirrorfs.providers.smugmug.translate import revision_of


@dataclass(frozen=True, slots=True)
class Swap:
    """An old picture, what is to take its place, and the proven copy of that."""

    shipment: Shipment
    old: Image
    copy: Image
    check: Callable[[], object]


class Replacer:
    """Lets new bytes take the place of old ones; safe to use from several threads."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._turns = Turns()

    def replace(self, shipment: Shipment, old: Image, check: Callable[[], object]) -> Image:
        """Return the picture with its new bytes, proven.

        Of several threads that replace one revision the first does. ``check`` raises when
        ``old`` is no longer what it was; it is asked right before each time that it is sent.

        Raises:
            Changed: as ``check``; or it is not known what is in its place, and the message names
                the copy that holds the new bytes.
            MirrorError: it was not replaced; the old bytes are still there, and nothing else.
        """
        copy = self._sender.send_new(staged(shipment, old))
        with self._turns.take(old.key):
            with self._sender.taken_back(copy):
                check()
            new = self._send_over(Swap(shipment, old, copy, check))
        self._finish(shipment, copy)
        return new

    def _send_over(self, swap: Swap) -> Image:
        try:
            return self._sender.send_over(swap.shipment, swap.old, swap.check)
        except RateLimited:
            with self._sender.taken_back(swap.copy):
                raise
        except MirrorError as error:
            now = self._now(swap, error)
            if revision_of(now) != revision_of(swap.old):
                if swap.shipment.is_same(now):
                    return now
                raise _doubt(swap, error) from error
            with self._sender.taken_back(swap.copy):
                raise

    def _now(self, swap: Swap, error: MirrorError) -> Image:
        """Return what is in the old one's place after a failure."""
        try:
            if isinstance(error, WITHOUT_PROOF):
                return self._sender.await_other(swap.shipment, swap.old)
            return self._sender.current(swap.shipment, swap.old)
        except MirrorError:
            raise _doubt(swap, error) from error

    def _finish(self, shipment: Shipment, copy: Image) -> None:
        try:
            self._sender.destroy(copy)
        except NotFound:
            return
        except MirrorError as error:
            raise Changed(
                f"{shipment.name} is stored, but a second copy of it was not deleted: "
                f"{copy.name}. {error.message}",
                error.hint,
            ) from error


def _doubt(swap: Swap, error: MirrorError) -> Changed:
    return Changed(
        f"{swap.shipment.name}: it is not known whether it was replaced. {error.message} The new "
        f"bytes are kept beside it, as {swap.copy.name}, which visitors do not see.",
        "Look at both, and delete the one that is not wanted.",
    )
