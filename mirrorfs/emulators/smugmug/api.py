"""Everything below ``/api/v2``: from an HTTP request to a handler and back."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from mirrorfs.emulators.smugmug.asking import HARMLESS, Asked, read_body, understand
from mirrorfs.emulators.smugmug.authorizing import read_sent
from mirrorfs.emulators.smugmug.calls import Call, Handler, Viewer
from mirrorfs.emulators.smugmug.catalog import ROUTER
from mirrorfs.emulators.smugmug.describing import (
    describe_briefly,
    describe_problems,
    describe_wholly,
)
from mirrorfs.emulators.smugmug.errors import ApiError, not_found, oauth_problem
from mirrorfs.emulators.smugmug.forms import choose_form, write_page
from mirrorfs.emulators.smugmug.hosts import site_of
from mirrorfs.emulators.smugmug.moving import moved_to
from mirrorfs.emulators.smugmug.presenting import Presenter
from mirrorfs.emulators.smugmug.reading import Asker, Readers

if TYPE_CHECKING:
    from starlette.requests import Request

    from mirrorfs.emulators.smugmug.answers import Answer
    from mirrorfs.emulators.smugmug.authentication import Authentication
    from mirrorfs.emulators.smugmug.endpoints import Match
    from mirrorfs.emulators.smugmug.keys import Permissions
    from mirrorfs.emulators.smugmug.rates import Rates
    from mirrorfs.emulators.smugmug.state import State

_NEEDS: Mapping[str, Permissions] = {"POST": "Add", "PATCH": "Modify", "DELETE": "Modify"}
_UNCACHED = {"Cache-Control": "private, no-store, no-cache, must-revalidate", "Pragma": "no-cache"}
_MESSAGES = {200: "Ok"}

Json = dict[str, Any]


class Api:
    """The API's one endpoint: every path below ``/api/v2`` is routed by the catalog."""

    def __init__(
        self,
        state: State,
        admission: tuple[Authentication, Rates],
        readers: Mapping[str, Handler],
        changes: Mapping[tuple[str, str], Handler],
    ) -> None:
        self._state = state
        self._authentication, self._rates = admission
        self._readers = Readers(readers)
        self._changes = changes

    async def answer(self, request: Request) -> Response:
        """Answer any request; failures are told in the same form as results."""
        started = time.perf_counter()
        form = choose_form(request)
        headers = dict(_UNCACHED)
        try:
            viewer = await self._admit(request, browser=form == "text/html")
            headers.update(self._rates.spend(viewer))
            asked = understand(request, form)
        except ApiError as error:
            return _turn_away(error, headers)
        asker = Asker(self._state, viewer, site_of(request))
        try:
            sent = await read_body(request) if asked.method not in HARMLESS else {}
            with self._state.lock:
                self._state.agenda.run()
                body, status, more = self._run(asker, asked, sent)
        except ApiError as error:
            body, status, more = self._refuse(asked, error), error.status, error.headers
        if asked.wishes.verbosity == 3:
            passed = time.perf_counter() - started
            total = {"time": round(passed, 5), "cycles": 1, "objects": 0}
            body["Response"]["Timing"] = {"Total": total}
        return _respond(body, status, {**headers, **more}, (asked, form))

    async def _admit(self, request: Request, *, browser: bool) -> Viewer:
        viewer = self._authentication.admit(await read_sent(request))
        if viewer is None and not browser:
            raise oauth_problem("parameter_absent", oauth_parameters_absent="oauth_consumer_key")
        return viewer or Viewer("")

    def _run(
        self, asker: Asker, asked: Asked, sent: Mapping[str, Any]
    ) -> tuple[Json, int, Mapping[str, str]]:
        match = ROUTER.find(asked.path)
        if match is None:
            raise not_found()
        if asked.method == "GET":
            return *self._read(asker, asked, match), {}
        if asked.method == "OPTIONS":
            return _options(asker, asked, match), 200, {}
        return self._change(asker, asked, (match, sent))

    def _read(self, asker: Asker, asked: Asked, match: Match) -> tuple[Json, int]:
        presenter = Presenter(asker, self._readers, asked.wishes)
        try:
            response = presenter.envelope(match, asked.echoed, asked.params, asked.wishes.plan)
        except ApiError as error:
            place = moved_to(self._state, match) if error.status == 404 else None
            if place:
                query = asked.uri.partition("?")
                raise ApiError(301, headers={"Location": place + query[1] + query[2]}) from None
            raise
        return self._body(asker, asked, match, (response, presenter.expansions)), 200

    def _change(
        self, asker: Asker, asked: Asked, wanted: tuple[Match, Mapping[str, Any]]
    ) -> tuple[Json, int, Mapping[str, str]]:
        match, sent = wanted
        handler = self._changes.get((asked.method, match.endpoint.type))
        if handler is None:
            raise ApiError(405)
        needed = match.endpoint.permissions.get(asked.method) or _NEEDS.get(asked.method, "Modify")
        token = asker.viewer.token
        if token is None:
            raise oauth_problem("parameter_absent", oauth_parameters_absent="oauth_token")
        if not token.allows(needed):
            raise ApiError(403, "The user has not granted the required permissions")
        call = asker.call(match, sent)
        try:
            answer = handler(call)
        except ApiError as error:
            raise _with_values(error, call) from None
        answer = self._shown(asker, answer)
        endpoint = answer.endpoint or match.endpoint
        presenter = Presenter(asker, self._readers, asked.wishes)
        uri, plan = answer.uri or asked.echoed, asked.wishes.plan
        response = presenter.write(endpoint, uri, answer, (asked.params, plan))
        body = self._body(asker, asked, match, (response, presenter.expansions))
        body |= {"Code": answer.status, "Message": _message(answer.status)}
        return body, answer.status, answer.headers

    def _shown(self, asker: Asker, answer: Answer) -> Answer:
        """Read the object that a change answers with."""
        match = ROUTER.find(answer.shows.uri) if answer.shows else None
        if match is None or answer.shows is None:
            return answer
        maker = replace(asker, viewer=replace(asker.viewer, just_made=True))
        read = self._readers.read(maker, match, {})
        uri = answer.shows.uri
        return replace(read, status=answer.status, endpoint=match.endpoint, uri=uri)

    def _body(self, asker: Asker, asked: Asked, match: Match, found: tuple[Json, Json]) -> Json:
        wishes, (response, expansions) = asked.wishes, found
        options: Json = {}
        if wishes.verbosity == 2:
            options = describe_briefly(match.endpoint, asked.method, asked.params)
        elif wishes.verbosity == 3:
            options = describe_wholly(match, asked.params, asker.viewer.token)
        inline = wishes.inline and self._state.settings.inline_expansions
        told: Json = {"Expansions": expansions or []} if wishes.plan.expand and not inline else {}
        return {
            **_request(asked),
            **({"Options": options} if options else {}),
            "Response": response,
            "Code": 200,
            "Message": "Ok",
            **told,
        }

    def _refuse(self, asked: Asked, error: ApiError) -> Json:
        match = ROUTER.find(asked.path)
        about: Json = {"Uri": asked.echoed}
        options: Json = {}
        if match:
            about["Locator"] = match.endpoint.locator
            about["LocatorType"] = match.endpoint.shape
        if match and error.problems and asked.wishes.verbosity > 1:
            values = {**asked.params, **error.values}
            options = describe_problems(match.endpoint, asked.method, values, error.problems)
        return {
            **_request(asked),
            **({"Options": options} if options else {}),
            "Response": about,
            "Code": error.status,
            "Message": error.message,
        }


def _options(asker: Asker, asked: Asked, match: Match) -> Json:
    endpoint = match.endpoint
    about = {"Uri": asked.echoed, "Locator": endpoint.locator, "LocatorType": endpoint.shape}
    options = describe_wholly(match, asked.params, asker.viewer.token)
    return {"Options": options, "Response": about, "Code": 200, "Message": "Ok"}


def _turn_away(error: ApiError, headers: Mapping[str, str]) -> Response:
    """Refuse a request before it is understood."""
    body = {"Code": error.status, "Message": error.message}
    return JSONResponse(body, error.status, {**headers, **error.headers})


def _with_values(error: ApiError, call: Call) -> ApiError:
    error.values = dict(call.params)
    return error


def _request(asked: Asked) -> Json:
    if asked.wishes.verbosity < 3:
        return {}
    return {"Request": {"Version": "v2", "Method": asked.method, "Uri": asked.uri}}


def _message(status: int) -> str:
    return _MESSAGES.get(status) or ApiError(status).message


def _respond(
    body: Json, status: int, headers: Mapping[str, str], wanted: tuple[Asked, str]
) -> Response:
    asked, form = wanted
    text = json.dumps(body, ensure_ascii=False, indent=4 if asked.wishes.pretty else None)
    if form == "text/html":
        return write_page(body, status, headers)
    return Response(text, status, headers, "application/json")
