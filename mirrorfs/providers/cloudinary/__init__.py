"""Cloudinary (https://cloudinary.com/documentation), through its official SDK.

``open`` makes a provider from credentials; nothing is asked of the service before the first
use. See :mod:`~mirrorfs.providers.cloudinary.translate` for how files get their names and times,
:mod:`~mirrorfs.providers.cloudinary.ways` for how bytes are fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.providers.cloudinary.credentials import (
    Credentials,
    from_environment,
    from_options,
    parse_url,
)

if TYPE_CHECKING:
    from pathlib import Path

    from mirrorfs.core.clock import Clock
    from mirrorfs.net.patience import Patience
    from mirrorfs.providers.cloudinary.provider import CloudinaryProvider

__all__ = ["Credentials", "from_environment", "from_options", "open", "parse_url"]


def open(  # noqa: A001 - the verb of every provider package
    credentials: Credentials,
    clock: Clock,
    patience: Patience,
    root: str = "",
    notes: Path | None = None,
) -> CloudinaryProvider:
    """Return the account, or its folder ``root``, as a provider; connects to nothing yet.

    ``notes`` is a file of this account in which processes tell each other what they wrote,
    which searches may not show yet.
    """
    # here, so that to look at credentials costs no more than these
    from mirrorfs.core import paths
    from mirrorfs.net.session import Manners, Sessions
    from mirrorfs.providers.cloudinary.api import Api
    from mirrorfs.providers.cloudinary.catalogue import Catalogue
    from mirrorfs.providers.cloudinary.connector import open_line
    from mirrorfs.providers.cloudinary.delivery import Delivery
    from mirrorfs.providers.cloudinary.moving import Mover
    from mirrorfs.providers.cloudinary.neighbours import Neighbours
    from mirrorfs.providers.cloudinary.notebook import Notebook
    from mirrorfs.providers.cloudinary.provider import CloudinaryProvider, Parts
    from mirrorfs.providers.cloudinary.recent import Recent
    from mirrorfs.providers.cloudinary.tree import raw_name
    from mirrorfs.providers.cloudinary.writing import Writer

    line = open_line(credentials, clock)
    api = Api(line, patience)
    spelling = "/".join(raw_name(name) for name in paths.parse(root).split("/") if name)
    recent = Recent(clock, Notebook(notes) if notes else None)
    catalogue = Catalogue(api, recent, spelling)
    sessions = Sessions(clock, Manners("Cloudinary", "X-Cld-Error", secrets=credentials.secrets))
    delivery = Delivery(api, sessions, patience, catalogue.current)
    neighbours = Neighbours(catalogue, clock)
    writer = Writer(api, catalogue, neighbours, credentials.upload_preset)
    mover = Mover(api, catalogue, neighbours, writer)
    return CloudinaryProvider(Parts(api, catalogue, delivery, writer, mover, sessions, line.quota))
