"""Scripted failures.

``POST /_emulator/faults`` takes one rule or a list of them::

    {"match": {"method": "GET", "path_regex": "/resources/"},   # both optional; path with query
     "after": 2,           # let that many matching requests pass first (default 0)
     "times": 1,           # how often it strikes; null: for ever (default 1)
     "action": {…}}

An action may combine: ``delay_seconds``; ``status`` with ``body`` (JSON value or text), ``html``
and ``headers``, answered instead of the service; ``rate_limit`` ``{"reset": <Unix seconds>,
"limit": 500}``, answered as the documented 420; ``deny``, answered as the CDN's 401 with
``X-Cld-Error: deny or ACL failure``; ``drop_connection``, which cuts it without an answer. These
change the service's own answer: ``truncate_body_to`` bytes, after which the connection is cut while
Content-Length tells the full size; ``corrupt_bytes``, how many bytes of the body's middle are
inverted; ``null_cursor``, which takes ``next_cursor`` out of a JSON answer; ``reencode``, which
delivers an image as optimize-by-default would, unless the URL says ``fl_original``; ``stale``,
which repeats the first answer a URL got while the rule was in force, as a CDN does for a URL
without version after an overwrite.
The first rule that matches strikes. ``DELETE /_emulator/faults`` forgets all rules.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.moments import next_hour
from mirrorfs.emulators.cloudinary.rates import exceeded, rate_headers
from mirrorfs.emulators.cloudinary.spoiling import Spoiler

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SPOILS = {"truncate_body_to", "corrupt_bytes", "null_cursor"}
_KNOWN = _SPOILS | {
    "delay_seconds", "status", "body", "html", "headers", "rate_limit", "deny", "drop_connection",
    "reencode", "stale",
}  # fmt: skip
_LIMIT = 500

CUT = "mirrorfs.cut"
"""Name of the ASGI extension that drops a request's connection."""

OPTIMIZE = "mirrorfs.optimize"
"""Name of the ASGI extension that has images re-encoded."""


@dataclass
class Rule:
    """One scripted failure and how far it has come."""

    method: str
    path: re.Pattern[str]
    after: int
    times: int | None
    action: Mapping[str, Any]
    remembered: dict[tuple[bytes, bytes, bytes], list[Message]] = field(default_factory=dict)

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether the rule strikes this request, and count it."""
        if self.times == 0 or self.method not in {"", method} or not self.path.search(path):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The rules in force, in order."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rules: Any) -> int:
        """Add one rule or several; give how many there are now; 400 for malformed ones."""
        entries = rules if isinstance(rules, list) else [rules]
        self._rules.extend([_read_rule(entry) for entry in entries])
        return len(self._rules)

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    def match(self, method: str, path: str) -> Rule | None:
        """Give the rule that strikes a request, if any."""
        return next((rule for rule in self._rules if rule.strikes(method, path)), None)


async def play(rule: Rule, app: ASGIApp, exchange: tuple[Scope, Receive, Send]) -> None:
    """Carry a rule's action out on one request."""
    action, (scope, receive, send) = rule.action, exchange
    if "delay_seconds" in action:
        await asyncio.sleep(float(action["delay_seconds"]))
    if action.get("drop_connection"):
        scope["extensions"][CUT]()
        return
    response = _instead(action)
    if response:
        await response(scope, receive, send)
        return
    if action.get("reencode"):
        scope.setdefault("extensions", {})[OPTIMIZE] = True
    if action.get("stale"):
        await _repeat(rule, app, exchange)
        return
    if not _SPOILS & action.keys():
        await app(scope, receive, send)
        return
    spoiler = Spoiler(action, send)
    await app(scope, receive, spoiler.take)
    if await spoiler.finish():
        scope["extensions"][CUT]()


async def _repeat(rule: Rule, app: ASGIApp, exchange: tuple[Scope, Receive, Send]) -> None:
    """Answer as the first time this URL (and range) was asked for."""
    scope, receive, send = exchange
    span = dict(scope["headers"]).get(b"range", b"")
    key = (scope["raw_path"], scope["query_string"], span)
    if key not in rule.remembered:
        answer = rule.remembered[key] = []

        async def remember(message: Message) -> None:
            answer.append(message)

        await app(scope, receive, remember)
    for message in rule.remembered[key]:
        await send(message)


def _instead(action: Mapping[str, Any]) -> Response | None:
    """Make the answer given in the service's place, if the action is one."""
    headers = {name: str(value) for name, value in action.get("headers", {}).items()}
    if "rate_limit" in action:
        wanted = action["rate_limit"] if isinstance(action["rate_limit"], dict) else {}
        limit = int(wanted.get("limit", _LIMIT))
        reset = float(wanted.get("reset", next_hour(time.time())))
        error = exceeded(limit, reset)
        return JSONResponse(error.body(), 420, {**rate_headers(limit, 0, reset), **headers})
    if action.get("deny"):
        return Response(status_code=401, headers={"X-Cld-Error": "deny or ACL failure", **headers})
    if "html" in action:
        return HTMLResponse(str(action["html"]), int(action.get("status", 503)), headers)
    if "status" not in action:
        return None
    body = action.get("body", {"error": {"message": "Scripted failure"}})
    if isinstance(body, str):
        return Response(body, int(action["status"]), headers)
    return JSONResponse(body, int(action["status"]), headers)


def _read_rule(entry: Any) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("action"), dict):
        raise bad_request(f"A rule needs an action: {json.dumps(entry)}")
    unknown = entry["action"].keys() - _KNOWN
    if unknown:
        raise bad_request(f"Unknown actions: {', '.join(sorted(unknown))}")
    match = entry.get("match", {})
    try:
        path = re.compile(match.get("path_regex", ""))
    except re.error as error:
        raise bad_request(f"path_regex: {error}") from None
    times = entry.get("times", 1)
    return Rule(
        match.get("method", "").upper(), path, entry.get("after", 0), times, entry["action"]
    )
