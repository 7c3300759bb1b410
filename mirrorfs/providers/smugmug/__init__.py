"""SmugMug (SmugMug API v2, https://api.smugmug.com/api/v2/doc).

``open`` makes a provider from credentials; nothing is asked of the service before the first use.

What is shown
- A folder is a directory, an album a directory of files. Files beside directories, and deeper
  trees than SmugMug's five folders, are held by albums of certain names
  (:mod:`~mirrorfs.providers.smugmug.placing`).
- Pages, and the galleries that SmugMug makes for itself (profile and cover pictures), are not
  shown. Hidden pictures are, as far as the account may see them. A smart gallery shows what
  it gathers. A folder or album that asks for a password is left out with a warning.
- A picture is its original as SmugMug keeps it, with its MD5. Of a video SmugMug gives no
  original: it is the largest transcoded one, and its name ends on the extension that this has. Who
  may not have originals gets the largest picture that there is, named by its own format; the
  fact ``rendition`` says which it is.
- What SmugMug still processes, or never could, has no bytes to be had: it is left out with a
  warning, and told of as withheld, so that nobody takes it for deleted.
- A picture that is collected in several albums is a file in each; its bytes are cached once.
- A file's time is when it was uploaded. What the camera's clock showed is the fact ``taken``.

What is written
- JPEG, PNG and GIF are kept byte for byte, which is proven after each upload. Videos are taken
  and transcoded. HEIC would become a JPEG of another name and is refused, as is all that is no
  picture or video by its name and its first bytes, or larger than the account may have.
- A folder that is made is as visible as the one above it, in the root Unlisted.
- A directory holds 5 000 files; more are refused.
- A file keeps its name: it can be moved to another directory, not renamed.
- A picture that is in several albums is neither replaced nor removed: the others would lose it,
  or nobody says that they would not.
- The service has no conditional writes. What is to be replaced or removed is looked at right
  before; what somebody else does in that moment is not seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.providers.smugmug.credentials import Credentials, from_environment, from_options

if TYPE_CHECKING:
    from mirrorfs.core.clock import Clock
    from mirrorfs.net.patience import Patience
    from mirrorfs.providers.smugmug.provider import SmugmugProvider

__all__ = ["Credentials", "from_environment", "from_options", "open"]


def open(  # noqa: A001 - the verb of every provider package
    credentials: Credentials, clock: Clock, patience: Patience, root: str = ""
) -> SmugmugProvider:
    """Return the account, or its folder ``root``, as a provider; connects to nothing yet."""
    # here, so that to look at credentials costs no more than these
    from mirrorfs.core import paths
    from mirrorfs.providers.smugmug.account import Account
    from mirrorfs.providers.smugmug.api import Api
    from mirrorfs.providers.smugmug.catalogue import Catalogue
    from mirrorfs.providers.smugmug.delivery import Delivery
    from mirrorfs.providers.smugmug.deltas import Deltas
    from mirrorfs.providers.smugmug.folders import Folders
    from mirrorfs.providers.smugmug.ground import Ground
    from mirrorfs.providers.smugmug.line import Line
    from mirrorfs.providers.smugmug.listing import Lister
    from mirrorfs.providers.smugmug.making import Maker
    from mirrorfs.providers.smugmug.moving import Mover
    from mirrorfs.providers.smugmug.probes import Probes
    from mirrorfs.providers.smugmug.provider import Parts, SmugmugProvider
    from mirrorfs.providers.smugmug.writing import Writer

    base = paths.parse(root)
    line = Line(credentials, clock)
    api = Api(line, patience)
    account = Account(api)
    lister = Lister(api, account, Probes(line, patience))
    folders = Folders(lister, account, clock, base)
    catalogue = Catalogue(folders, lister)
    deltas = Deltas(api, account, catalogue)
    delivery = Delivery(lister, line.sessions, patience, deltas.suspect)
    ground = Ground(folders, lister, len([name for name in base.split("/") if name]))
    maker = Maker(api, ground)
    writer, mover = Writer(api, ground, maker), Mover(api, ground, maker)
    return SmugmugProvider(Parts(line, account, catalogue, deltas, delivery, writer, mover))
