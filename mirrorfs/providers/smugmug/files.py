"""Files as they are now: the picture behind an entry, and the entry of what was just written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, NotFound
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.smugmug import looking, translate, uploads
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.records import Image, Media, Rendition


def current(api: Api, entry: Entry) -> Image:
    """Return the picture of an entry as the service has it now.

    Raises:
        NotFound: it is not in that album any more. Changed: it is at another revision.
    """
    album, key = entry.facts["album_key"], entry.facts["image_key"]
    try:
        image = looking.placed(api, album, key)
    except NotFound:
        raise NotFound(f"{entry.path} is gone.") from None
    if translate.revision_of(image) != entry.revision:
        raise Changed(f"{entry.path} is not at the revision that was asked for.")
    return image


def described(api: Api, image: Image, facts: Mapping[str, str]) -> Image:
    """Return a picture after it was given these facts, as far as it has others."""
    fields = uploads.describing_fields(image.facts, facts)
    if not fields:
        return image
    api.patch(looking.image_uri(image), fields)
    return looking.placed(api, image.album_key, image.key)


def entry_of(image: Image, path: RemotePath, sent: int) -> Entry:
    """Return the entry of what was just written; ``sent`` is its size until another is known."""
    if image.media is None or image.media.size is None:
        media = image.media or Media(Rendition.VIDEO, "", None, extension="mp4")
        image = replace(image, media=replace(media, size=sent))
    return translate.to_entry(image, path)
