"""Deleting assets: those that are to go, and our own that came to nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mirrorfs.core.errors import BadAnswer, MirrorError, NotFound
from mirrorfs.providers.cloudinary.api import Api
from mirrorfs.providers.cloudinary.recent import Recent
from mirrorfs.providers.cloudinary.translate import Asset


def destroy(api: Api, recent: Recent, asset: Asset) -> None:
    """Delete an asset and purge its copies in the CDN; it costs no quota.

    Raises:
        NotFound: it is gone already.
    """
    destroy_id(api, asset.resource_type, asset.type, asset.public_id)
    recent.removed(asset)


def destroy_id(api: Api, resource_type: str, type_: str, public_id: str) -> None:
    """Delete what has this public id; errors as :func:`destroy`.

    What is gone is told as a result; a status of 404 tells nothing of the asset.
    """
    params = {"public_id": public_id, "type": type_, "invalidate": True}
    try:
        told = api.act(resource_type, "destroy", params).get("result")
    except NotFound as error:
        raise BadAnswer(error.message) from None
    if told == "not found":
        raise NotFound(f"{public_id} is no longer there.")
    if told != "ok":
        raise BadAnswer(f"Cloudinary did not delete {public_id}: {told!r}.")


@contextlib.contextmanager
def taken_back(api: Api, recent: Recent, asset: Asset) -> Iterator[None]:
    """Delete our own new asset when what is done inside fails; if it stays, the error names it."""
    try:
        yield
    except BaseException as error:
        try:
            destroy(api, recent, asset)
        except NotFound:
            pass
        except MirrorError:
            if isinstance(error, MirrorError):
                stays = f"The new bytes stay beside it, as {asset.public_id!r}."
                error.hint = f"{error.hint} {stays}".strip()
        raise
