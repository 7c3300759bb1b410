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

from mirrorfs.core.errors import Changed, MirrorError, NotFound
from mirrorfs.net.turns import Turns
from mirrorfs.providers.smugmug.records import Image
from mirrorfs.providers.smugmug.sending import WITHOUT_PROOF, Sender, Shipment, staged
from mirrorfs.providers.smugmug.translate import revision_of


class Replacer:
    """Lets new bytes take the place of old ones; safe to use from several threads."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._turns = Turns()

    def replace(self, shipment: Shipment, old: Image, check: Callable[[], object]) -> Image:
        """Return the picture with its new bytes, proven.

        Of several threads that replace one revision the first does. ``check`` raises when
        ``old`` is no longer what it was; it is asked at the last moment.

        Raises:
            Changed: as ``check``; or it is not known what is in its place, and the message names
                the copy that holds the new bytes.
            MirrorError: it was not replaced; the old bytes are still there, and nothing else.
        """
        copy = self._sender.send_new(staged(shipment))
        with self._turns.take(old.key):
            with self._sender.taken_back(copy):
                check()
            new = self._send_over(shipment, old, copy)
        self._finish(shipment, copy)
        return new

    def _send_over(self, shipment: Shipment, old: Image, copy: Image) -> Image:
        try:
            return self._sender.send_over(shipment, old)
        except MirrorError as error:
            now = self._now(shipment, old, copy, error)
            if revision_of(now) != revision_of(old):
                if shipment.is_same(now):
                    return now
                raise _doubt(shipment, copy, error) from error
            with self._sender.taken_back(copy):
                raise

    def _now(self, shipment: Shipment, old: Image, copy: Image, error: MirrorError) -> Image:
        """Return what is in the old one's place after a failure."""
        try:
            if isinstance(error, WITHOUT_PROOF):
                return self._sender.await_other(shipment, old)
            return self._sender.current(shipment, old)
        except MirrorError:
            raise _doubt(shipment, copy, error) from error

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


def _doubt(shipment: Shipment, copy: Image, error: MirrorError) -> Changed:
    return Changed(
        f"{shipment.name}: it is not known whether it was replaced. {error.message} The new bytes "
        f"are kept beside it, as {copy.name}, which visitors do not see.",
        "Look at both, and delete the one that is not wanted.",
    )
