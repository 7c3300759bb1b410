"""The service's API (SmugMug API v2): each method is one call, signed and checked.

Uris are those of the replies, relative to the API's host (``/api/v2/node/zx4Fx!children``).
https://api.smugmug.com/api/v2/doc/pages/concepts
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from mirrorfs.core.errors import BadAnswer, NotFound
from mirrorfs.net.patience import Patience, persist
from mirrorfs.net.session import Request
from mirrorfs.net.strangers import read_json
from mirrorfs.providers.smugmug import envelope
from mirrorfs.providers.smugmug.envelope import Json, Reply
from mirrorfs.providers.smugmug.line import Line
from mirrorfs.providers.smugmug.signing import is_own

Query = Mapping[str, str | int]

_PREFIX = "/api/v2"
_UPLOAD_SECONDS = 600.0
_MOST_REDIRECTS = 5
_NO_QUERY: Query = {}


class Api:
    """Calls of one account; safe to use from several threads.

    All raise what :meth:`~mirrorfs.providers.smugmug.line.Line.call` raises, ``Unavailable`` for
    what is not JSON, and ``BadAnswer`` for JSON that is not in the API's envelope. Questions
    (``get``, ``pages``) are asked again as the patience says; writes are made once, and after a
    429, which did nothing, again.
    """

    def __init__(self, line: Line, patience: Patience) -> None:
        self.line = line
        self.patience = patience
        self._once = Patience(1, notice=patience.notice)

    def get(self, uri: str, query: Query = _NO_QUERY) -> Reply:
        """Ask for an object or one page of a list.

        An object that has a new Uri (301) is asked for there.
        """
        where = self._where(uri, query)
        return persist(lambda: self._follow(where), self.patience, self.line.clock)

    def pages(self, uri: str, query: Query) -> Iterator[Reply]:
        """Ask for a list, page by page, as long as the service names a next one.

        ``NextPage`` does not repeat the parameters that begin with ``_``, so all of ``query``
        is given again. A page that does not begin where the one before it ended, or goes beyond
        the total that it tells, or an empty one with another after it, is ``BadAnswer``.
        """
        at, reply = 1, self.get(uri, query)
        while True:
            page = reply.pages()
            if page.count and page.start != at:
                raise reply.bad(f"a page that begins at {page.start} instead of {at}")
            if at + page.count - 1 > page.total:
                raise reply.bad(f"more objects than the {page.total} that it tells of")
            yield reply
            if not page.next_uri:
                return
            if not page.count:
                raise reply.bad("an empty page before its end")
            at += page.count
            reply = self.get(page.next_uri, _without_place(query))

    def post(self, uri: str, body: Json) -> Reply:
        """Make a new object in the list at ``uri``, or call an action (``!moveimages``)."""
        return self._write("POST", uri, body)

    def patch(self, uri: str, body: Json) -> Reply:
        """Change fields of an object; return it as it is then."""
        return self._write("PATCH", uri, body)

    def delete(self, uri: str) -> Reply:
        """Delete an object."""
        return self._write("DELETE", uri, None)

    def upload(self, headers: Mapping[str, str], body: BinaryIO | bytes) -> Json:
        """Send a file (SmugMug API, reference/upload) and return what the uploader said of it.

        ``headers`` are the ``X-Smug-…`` ones and the digest; the signer sends them as UTF-8.
        An open file is read from where it stands, and nothing is sent twice.

        Raises:
            Unavailable: the uploader's answer is not JSON.
            BadAnswer: it does not say how it went. A failure that it tells of with status 200
                (``"stat": "fail"``) is not judged here.
        """
        kind = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
        request = Request(
            "POST",
            self.line.credentials.upload_url,
            {**kind, "X-Smug-Version": "v2", "X-Smug-ResponseType": "JSON", **headers},
            body,
            _UPLOAD_SECONDS,
        )
        answer = self.line.send(request)
        data = {} if answer.moved else read_json(answer.body, "SmugMug")
        if not isinstance(data, dict) or "stat" not in data:
            raise BadAnswer("SmugMug: the uploader's answer does not say how it went.")
        return data

    def _write(self, method: str, uri: str, body: Json | None) -> Reply:
        where = self._where(uri, _NO_QUERY)
        data = None if body is None else json.dumps(body).encode()
        request = self._request(method, where, data)

        def call() -> Reply:
            answer = self.line.call(request)
            if answer.moved:
                raise NotFound(f"SmugMug: the API has {_shown(where)} elsewhere now.")
            return envelope.read(uri, answer.body, answer.at)

        return persist(call, self._once, self.line.clock)

    def _follow(self, where: str) -> Reply:
        for _ in range(_MOST_REDIRECTS):
            answer = self.line.call(self._request("GET", where, None))
            if not answer.moved:
                return envelope.read(_shown(where), answer.body, answer.at)
            if not is_own(answer.moved, self.line.credentials.url):
                raise BadAnswer(f"SmugMug: the API sends {_shown(where)} to another service.")
            where = answer.moved
        raise BadAnswer(f"SmugMug: the API sends {_shown(where)} around in circles.")

    def _request(self, method: str, where: str, data: bytes | None) -> Request:
        headers = {"Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        return Request(method, where, headers, data)

    def _where(self, uri: str, query: Query) -> str:
        """Return the address of ``uri`` with ``query`` over what it has in itself."""
        path, _, own = uri.partition("?")
        if not path.startswith(_PREFIX):
            raise BadAnswer(f"SmugMug: the API names {path!r}, which is no Uri of its.")
        asked = {**dict(parse_qsl(own, keep_blank_values=True)), **query}
        if not self.line.credentials.is_signed:
            asked["APIKey"] = self.line.credentials.api_key
        asked_text = urlencode(asked, quote_via=quote)
        return f"{self.line.credentials.url}{path}{'?' if asked_text else ''}{asked_text}"


def _without_place(query: Query) -> Query:
    return {name: value for name, value in query.items() if name not in {"start", "count"}}


def _shown(where: str) -> str:
    return urlsplit(where).path
