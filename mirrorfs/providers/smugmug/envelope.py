"""What every reply of the API is wrapped in, read strictly (SmugMug API, pages/concepts).

``{"Response": {"Uri", "Locator", "LocatorType", "<Locator>": …, "Pages": …}, "Expansions": …,
"Code", "Message"}``. An empty list is not there at all: its key is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from mirrorfs.core.errors import BadAnswer
from mirrorfs.net.strangers import read_json

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page stands in its list: 1-based ``start``, ``count`` objects of ``total``."""

    total: int
    start: int
    count: int
    next_uri: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its ``Response``, its ``Expansions``, and when it was given.

    ``at`` is in epoch seconds by the service's own clock. All raise ``BadAnswer``, which names
    the ``uri`` that was asked, for what the protocol does not allow.
    """

    uri: str
    response: Json
    expansions: Json
    at: float = 0.0

    def one(self, locator: str) -> Json:
        """Return the object under ``locator``."""
        found = self.response.get(locator)
        if not isinstance(found, dict):
            raise self.bad(f"no {locator}")
        return found

    def many(self, locator: str) -> list[Json]:
        """Return the objects under ``locator``; none where the key is missing from a list."""
        found = self.response.get(locator, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.bad(f"no list of {locator}")
        if locator not in self.response and self.response.get("Locator") != locator:
            raise self.bad(f"no list of {locator}")
        return found

    def page(self, locator: str) -> list[Json]:
        """Return the objects under ``locator`` of a list's page, as many as the page says."""
        found, count = self.many(locator), self.pages().count
        if len(found) != count:
            raise self.bad(f"{len(found)} objects on a page of {count}")
        return found

    def expanded(self, item: Json, name: str) -> Reply | None:
        """Return the answer that the link ``name`` of ``item`` was expanded to, if it was.

        Expansions stand in ``Expansions`` under their Uri, which may have their parameters
        after it, or inside the link itself (SmugMug API, advanced/expansions).
        """
        uris = item.get("Uris")
        found = uris.get(name) if isinstance(uris, dict) else None
        uri = found.get("Uri") if isinstance(found, dict) else found
        if not isinstance(uri, str):
            return None
        told = self.expansions.get(uri)
        if told is None:
            told = next((v for k, v in self.expansions.items() if k.startswith(f"{uri}?")), found)
        if not isinstance(told, dict):
            return None
        if told.get("Locator") not in told and "Pages" not in told:
            return None
        return Reply(uri, told, self.expansions, self.at)

    def pages(self) -> Pages:
        """Return where this page stands."""
        told = self.response.get("Pages")
        if not isinstance(told, dict):
            raise self.bad("no Pages")
        numbers = [told.get(name) for name in ("Total", "Start", "Count")]
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in numbers):
            raise self.bad("no numbers in Pages")
        total, start, count = (int(n or 0) for n in numbers)
        next_uri = told.get("NextPage") or ""
        if not isinstance(next_uri, str):
            raise self.bad("a NextPage that is no address")
        return Pages(total, start, count, next_uri)

    def bad(self, what: str) -> BadAnswer:
        """Return the error for an answer that has ``what``."""
        return BadAnswer(f"SmugMug: the answer to {self.uri.partition('?')[0]} has {what}.")


def read(uri: str, body: bytes, at: float) -> Reply:
    """Return a successful answer.

    Raises:
        Unavailable: it is not JSON. BadAnswer: it is not in the envelope.
    """
    data = read_json(body, "SmugMug")
    response = data.get("Response") if isinstance(data, dict) else None
    if not isinstance(response, dict):
        raise Reply(uri, {}, {}).bad("no Response")
    expansions = data.get("Expansions") or {}
    if not isinstance(expansions, dict):
        raise Reply(uri, {}, {}).bad("no Expansions")
    return Reply(uri, response, expansions, at)


def parse(body: bytes) -> Json:
    """Return the JSON object that a refusal is; empty for anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def message(data: Json) -> str:
    """Return why the service refuses, in its words; empty when it does not say.

    ``Message`` may be percent-encoded (``oauth_problem%3Dtoken_revoked``); what is wrong with a
    parameter stands in ``Options.Parameters.<METHOD>[].Problems`` or ``…UriProblems``.
    """
    said = [unquote(str(data.get("Message") or ""))]
    options = data.get("Options")
    parameters = options.get("Parameters") if isinstance(options, dict) else None
    for each in parameters.values() if isinstance(parameters, dict) else ():
        for one in each if isinstance(each, list) else ():
            if isinstance(one, dict):
                said += _problems(one)
    return "; ".join(filter(None, said))


def _problems(parameter: Json) -> list[str]:
    name = parameter.get("Name", "")
    told = [parameter.get("Problems") or [], parameter.get("UriProblems") or {}]
    texts = [text for one in told for text in (one.values() if isinstance(one, dict) else [one])]
    return [
        f"{name}: {', '.join(map(str, text))}" for text in texts if isinstance(text, list) and text
    ]
