"""The three OAuth endpoints and the page on which a user lets an application in.

``getRequestToken`` needs ``oauth_callback``, a URL or ``oob``; ``authorize`` takes ``Access`` (Full
or Public) and ``Permissions`` (Read, Add or Modify), Public and Read unless they are given;
``getAccessToken`` needs the verifier (SmugMug API, tutorial/authorization). Replies are
form-encoded. The page asks for nothing but consent: whoever can reach this server is the owner.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from mirrorfs.emulators.smugmug.authentication import Authentication, Sent
from mirrorfs.emulators.smugmug.errors import ApiError, oauth_problem
from mirrorfs.emulators.smugmug.hosts import site_of
from mirrorfs.emulators.smugmug.keys import Access, Permissions

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.smugmug.access import Grants
    from mirrorfs.emulators.smugmug.authentication import Proof
    from mirrorfs.emulators.smugmug.keys import RequestToken

_ACCESS: dict[str, Access] = {name: name for name in get_args(Access)}
_PERMISSIONS: dict[str, Permissions] = {name: name for name in get_args(Permissions)}

_PAGE = """<!doctype html><title>SmugMug</title><h1>{consumer} wants access</h1>
<form method="post"><input type="hidden" name="oauth_token" value="{token}">
<p>Account <input name="nick" value="{nick}">
<p>Access <select name="Access">{access}</select>
<p>Permissions <select name="Permissions">{permissions}</select>
<p><button name="consent" value="yes">Authorize</button>
<button name="consent" value="no">Deny</button></form>"""
_PIN = """<!doctype html><title>SmugMug</title>
<p>Enter this six-digit code to finish: <strong id="verifier">{verifier}</strong>"""
_DENIED = "<!doctype html><title>SmugMug</title><p>Access denied."


class Authorizing:
    """The endpoints below ``/services/oauth/1.0a``."""

    def __init__(self, access: Grants, authentication: Authentication, nick: str) -> None:
        self._access = access
        self._authentication = authentication
        self._nick = nick

    def routes(self) -> list[Route]:
        """Give the routes of the endpoints."""
        return [
            Route("/getRequestToken", self._get_request_token, methods=["GET", "POST"]),
            Route("/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/getAccessToken", self._get_access_token, methods=["GET", "POST"]),
        ]

    async def _get_request_token(self, request: Request) -> Response:
        try:
            proof = self._authentication.read(await read_sent(request))
            callback = proof.fields.get("oauth_callback", "")
            if not callback:
                raise oauth_problem("parameter_absent", oauth_parameters_absent="oauth_callback")
            proof.check()
            self._authentication.use(proof)
        except ApiError as error:
            return _refuse(error)
        token = self._access.ask(proof.consumer.key, callback)
        return _pairs(token.token, token.secret, oauth_callback_confirmed="true")

    async def _get_access_token(self, request: Request) -> Response:
        try:
            proof = self._authentication.read(await read_sent(request))
            token = self._exchange(proof)
        except ApiError as error:
            return _refuse(error)
        return _pairs(*token)

    def _exchange(self, proof: Proof) -> tuple[str, str]:
        asked = self._access.request(proof.fields.get("oauth_token", ""))
        if asked.consumer != proof.consumer.key:
            raise oauth_problem("token_rejected")
        proof.check(asked.secret)
        self._authentication.use(proof)
        verifier = proof.fields.get("oauth_verifier", "")
        if not verifier:
            raise oauth_problem("parameter_absent", oauth_parameters_absent="oauth_verifier")
        granted = self._access.exchange(asked.token, verifier)
        return granted.token, granted.secret

    async def _authorize(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        params = {**request.query_params, **form}
        try:
            asked = self._access.request(params.get("oauth_token", ""))
        except ApiError as error:
            return _refuse(error)
        if request.method == "GET":
            return HTMLResponse(self._page(asked, params))
        if params.get("consent") != "yes":
            return HTMLResponse(_DENIED, 403)
        access, permissions = _levels(params)
        nick = params.get("nick") or self._nick
        granted = self._access.consent(asked.token, nick, access, permissions)
        if asked.callback == "oob":
            return HTMLResponse(_PIN.format(verifier=granted.verifier))
        return RedirectResponse(_callback(granted), 302)

    def _page(self, asked: RequestToken, params: dict[str, str]) -> str:
        access, permissions = _levels(params)
        return _PAGE.format(
            consumer=escape(self._access.consumer(asked.consumer).name),
            token=escape(asked.token),
            nick=escape(params.get("username") or self._nick),
            access=_options(_ACCESS, access),
            permissions=_options(_PERMISSIONS, permissions),
        )


async def read_sent(request: Request) -> Sent:
    """Give what of a request is signed: its query and, of a form body, the fields."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/x-www-form-urlencoded":
        pairs += parse_qsl((await request.body()).decode(), keep_blank_values=True)
    authorization = request.headers.get("authorization", "")
    return Sent(request.method, site_of(request).signed_url, pairs, authorization)


def _levels(params: dict[str, str]) -> tuple[Access, Permissions]:
    access = _ACCESS.get(params.get("Access", ""), "Public")
    return access, _PERMISSIONS.get(params.get("Permissions", ""), "Read")


def _options(names: dict[str, Access] | dict[str, Permissions], chosen: str) -> str:
    marks = {name: " selected" if name == chosen else "" for name in names}
    return "".join(f"<option{mark}>{name}</option>" for name, mark in marks.items())


def _callback(granted: RequestToken) -> str:
    answer = {"oauth_token": granted.token, "oauth_verifier": granted.verifier}
    joint = "&" if urlsplit(granted.callback).query else "?"
    return granted.callback + joint + urlencode(answer)


def _pairs(token: str, secret: str, **more: str) -> Response:
    text = urlencode({"oauth_token": token, "oauth_token_secret": secret, **more})
    return PlainTextResponse(text, media_type="application/x-www-form-urlencoded")


def _refuse(error: ApiError) -> Response:
    return PlainTextResponse(error.message, error.status)
