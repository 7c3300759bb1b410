"""From a path to an answer: which reader is asked, with which ids, for one object or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.answers import Answer, Body, Listing
from mirrorfs.emulators.smugmug.calls import Call, Handler, Viewer
from mirrorfs.emulators.smugmug.errors import ApiError, bad_request, not_found

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.endpoints import Match
    from mirrorfs.emulators.smugmug.hosts import Site
    from mirrorfs.emulators.smugmug.state import State


@dataclass(frozen=True)
class Asker:
    """Everything about a request but what it asks for."""

    state: State
    viewer: Viewer
    site: Site

    def call(self, match: Match, params: Mapping[str, Any]) -> Call:
        """Make the call for one path."""
        return Call(self.state, self.viewer, self.site, match.endpoint, match.ids, params)


class Readers:
    """The readers by endpoint type."""

    def __init__(self, readers: Mapping[str, Handler]) -> None:
        self._readers = readers

    def read(self, asker: Asker, match: Match, params: Mapping[str, Any]) -> Answer:
        """Answer a GET; several ids give a list (SmugMug API, advanced/multi-get)."""
        handler = self._readers.get(match.endpoint.type)
        if handler is None:
            raise not_found()
        if len(match.several) > 1:
            return self._read_several(asker, match, params)
        return handler(asker.call(match, params))

    def _read_several(self, asker: Asker, match: Match, params: Mapping[str, Any]) -> Answer:
        """Join the answers for each id; objects that are not there are left out."""
        most = asker.state.settings.longest_multi_get
        if len(match.several) > most:
            raise bad_request(match.endpoint.several, f"At most {most} may be named")
        found: list[tuple[Listing | None, Any]] = []
        for one in match.several:
            alone = replace(match, ids={**match.ids, match.endpoint.several: one})
            try:
                answer = self.read(asker, alone, params)
            except ApiError as error:
                if error.status != 404:
                    raise
                continue
            found += _parts(answer)
        if not found:
            raise not_found()
        return Answer(Listing(found, _write))


def _parts(answer: Answer) -> list[tuple[Listing | None, Any]]:
    if isinstance(answer.value, Listing):
        return [(answer.value, item) for item in answer.value.items]
    if answer.value is None or isinstance(answer.value, Body):
        return [(None, answer.value)]
    return [(None, Body(fields)) for fields in answer.value]


def _write(part: tuple[Listing | None, Any]) -> Body:
    listing, item = part
    body: Body = listing.write(item) if listing else item
    return body
