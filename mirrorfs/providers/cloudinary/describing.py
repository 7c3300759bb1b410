"""What people write of an asset: title and caption in its context, keywords as its tags. Pure.

The keys ``caption`` and ``alt`` are those of the service's own media library
(https://cloudinary.com/documentation/contextual_metadata). An upload or update replaces context
and tags as a whole, so what is there is given again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirrorfs.core import facts
from mirrorfs.core.errors import Unsupported
from mirrorfs.providers.cloudinary.translate import Asset

KEPT = frozenset({facts.TITLE, facts.CAPTION, facts.KEYWORDS})

_NOTHING: Mapping[str, str] = {}


def description(given: Mapping[str, str], old: Asset | None) -> dict[str, Any]:
    """Return ``context`` and ``tags`` of an asset that is described anew.

    Raises:
        Unsupported: a keyword has a comma, which parts the tags for the service.
    """
    context = {**(old.context if old else _NOTHING)}
    for name in (facts.TITLE, facts.CAPTION):
        if name in given:
            context[name] = given[name]
    if given.get(facts.CAPTION) == "":
        context.pop("alt", None)
    kept = {name: text for name, text in context.items() if text}
    return {"context": kept, "tags": _tags(given, old.tags if old else ())}


def _tags(given: Mapping[str, str], old: tuple[str, ...]) -> str:
    keywords = facts.keywords_of(given[facts.KEYWORDS]) if facts.KEYWORDS in given else old
    for keyword in keywords:
        if "," in keyword:
            raise Unsupported(f"Cloudinary's tags cannot hold a comma: {keyword!r}.")
    return ",".join(keywords)
