"""Answers as JSON: the envelope, filters, the forms of ``Uris``, expansions.

SmugMug API: advanced/filters, advanced/expansions, advanced/config. What the documentation leaves
open is decided thus: a filter drops ``Uri`` and ``WebUri`` too unless it names them; an expansion
whose link ``filteruri`` drops, or whose endpoint answers with an error, is left out; results of
nested expansions stand beside the others; arguments do not show in an expansion's key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mirrorfs.emulators.smugmug.answers import Answer, Body, Link, Listing
from mirrorfs.emulators.smugmug.catalog import ROUTER
from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.paging import choose_page

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.endpoints import Endpoint, Match
    from mirrorfs.emulators.smugmug.reading import Asker, Readers
    from mirrorfs.emulators.smugmug.wishes import Plan, Wishes

_METADATA = frozenset({"UriDescription", "ResponseLevel"})

Json = dict[str, Any]


class Presenter:
    """Writes one request's answers; ``expansions`` gathers what is expanded on the way."""

    def __init__(self, asker: Asker, readers: Readers, wishes: Wishes) -> None:
        self._asker = asker
        self._readers = readers
        self._wishes = wishes
        self._inline = wishes.inline and asker.state.settings.inline_expansions
        self._left = asker.state.settings.largest_expansion
        self.expansions: Json = {}

    def envelope(self, match: Match, uri: str, params: Mapping[str, str], plan: Plan) -> Json:
        """Read an endpoint and write what stands under ``Response``, or in ``Expansions``."""
        if plan.multiargs and not any("multiargs" in note for note in match.endpoint.notes):
            return self._envelopes(match, uri, params, plan)
        answer = self._readers.read(self._asker, match, {**params, **plan.args})
        return self.write(match.endpoint, uri, answer, ({**params, **plan.args}, plan))

    def write(
        self, endpoint: Endpoint, uri: str, answer: Answer, wanted: tuple[Mapping[str, str], Plan]
    ) -> Json:
        """Write the envelope of an answer, the locator's key left out when there is nothing."""
        params, plan = wanted
        value = answer.value
        locator = answer.locator or endpoint.locator
        entry = self._head(endpoint, uri, locator)
        pages = None
        if isinstance(value, Body):
            content: Any = self._body(value, plan)
        elif isinstance(value, Listing):
            entry["LocatorType"] = "Objects"
            page = choose_page(params, self._asker.state.settings, endpoint.type, len(value.items))
            content = [self._body(value.write(item), plan) for item in page.cut(value.items)]
            pages = page.describe(uri.partition("?")[0], params)
        else:
            content = [self._body(Body(fields), plan) for fields in value or ()]
        if content:
            entry[locator] = content
        entry.update(self._tail(endpoint))
        if pages:
            entry["Pages"] = pages
        return entry

    def _head(self, endpoint: Endpoint, uri: str, locator: str) -> Json:
        return {"Uri": uri, "Locator": locator, "LocatorType": endpoint.shape}

    def _tail(self, endpoint: Endpoint) -> Json:
        if self._wishes.verbosity == 1:
            return {}
        about = {"UriDescription": endpoint.description, "EndpointType": endpoint.type}
        return {**about, "DocUri": endpoint.doc} if endpoint.doc else about

    def _envelopes(self, match: Match, uri: str, params: Mapping[str, str], plan: Plan) -> Json:
        """Read an endpoint once for each set of arguments; the objects form a list."""
        endpoint, found = match.endpoint, []
        for args in plan.multiargs:
            answer = self._readers.read(self._asker, match, {**params, **args})
            entry = self.write(endpoint, uri, answer, ({**params, **args}, plan))
            content = entry.get(endpoint.locator, [])
            found += content if isinstance(content, list) else [content]
        entry = {**self._head(endpoint, uri, endpoint.locator), "LocatorType": "Objects"}
        if found:
            entry[endpoint.locator] = found
        return {**entry, **self._tail(endpoint)}

    def _body(self, body: Body, plan: Plan) -> Json:
        fields = {name: value for name, value in body.fields.items() if self._wants(name, plan)}
        level = {name: fields.pop(name) for name in ("ResponseLevel",) if name in fields}
        if body.links:
            fields["Uris"] = self._links(body.links, plan) or []
        return {**fields, **level}

    def _wants(self, name: str, plan: Plan) -> bool:
        if name == "UriDescription" and self._wishes.verbosity == 1:
            return False
        return plan.filter is None or name in plan.filter or name in _METADATA

    def _links(self, links: Iterable[Link], plan: Plan) -> Json:
        return {
            link.name: self._link(link, plan.expand.get(link.name))
            for link in links
            if plan.filteruri is None or link.name in plan.filteruri
        }

    def _link(self, link: Link, expand: Plan | None) -> Any:
        entry = {
            "Uri": link.uri,
            "Locator": link.endpoint.locator,
            "LocatorType": link.endpoint.shape,
            "UriDescription": link.endpoint.description,
            "EndpointType": link.endpoint.type,
        }
        entry = {name: value for name, value in entry.items() if value}
        result = self._expand(link, expand) if expand else None
        if result and self._wishes.verbosity > 1 and link.endpoint.doc:
            entry["DocUri"] = link.endpoint.doc
        if result and self._inline:
            return {**entry, **result}
        return link.uri if self._wishes.short_uris else entry

    def _expand(self, link: Link, plan: Plan) -> Json | None:
        if link.uri in self.expansions:
            known: Json = self.expansions[link.uri]
            return known
        path, _, query = link.uri.partition("?")
        match = ROUTER.find(path)
        if match is None or self._left <= 0:
            return None
        self._left -= 1
        try:
            result = self.envelope(match, link.uri, dict(parse_qsl(query)), plan)
        except ApiError:
            return None
        self.expansions[link.uri] = result
        return result
