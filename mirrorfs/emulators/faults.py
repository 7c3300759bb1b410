"""Scripted failures.

``POST /_emulator/faults`` takes one rule or a list of them::

    {"match": {"method": "GET", "path_regex": "/resources/"},   # both optional; path with query
     "after": 2,           # let that many matching requests pass first (default 0)
     "times": 1,           # how often it strikes; null: for ever (default 1)
     "action": {…}}

An action may combine: ``delay_seconds``; ``status`` with ``body`` (JSON value or text), ``html``
and ``headers``, answered instead of the service; ``drop_connection``, which cuts it without an
answer. These change the service's own answer: ``truncate_body_to`` bytes, after which the
connection is cut while Content-Length tells the full size; ``corrupt_bytes``, how many bytes of the
body's middle are inverted; ``stale``, which repeats the first answer a URL got while the rule was
in force, as a CDN does for an address whose content was replaced. A service's ``Dialect`` adds
failures in its own words.
The first rule that matches strikes. ``DELETE /_emulator/faults`` forgets all rules.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from mirrorfs.emulators.spoiling import Spoiler

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_GENERAL = {
    "delay_seconds", "status", "body", "html", "headers", "drop_connection", "truncate_body_to",
    "corrupt_bytes", "stale",
}  # fmt: skip

CUT = "mirrorfs.cut"
"""Name of the ASGI extension that drops a request's connection."""


@dataclass(frozen=True)
class Dialect:
    """Failures that only one service has, by the name of their action.

    ``answers`` make the answer given in the service's place from the action's value; ``edits``
    change the service's own JSON answer; ``marks`` set an ASGI extension on the request.
    """

    answers: Mapping[str, Callable[[Any], Response]] = field(default_factory=dict)
    edits: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> set[str]:
        """The names of all actions."""
        return _GENERAL | self.answers.keys() | self.edits.keys() | self.marks.keys()


class BadRule(ValueError):
    """A rule that is not understood; its text says why."""


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

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._rules: list[Rule] = []

    def add(self, rules: Any) -> int:
        """Add one rule or several; give how many there are now. Raises ``BadRule``."""
        entries = rules if isinstance(rules, list) else [rules]
        self._rules.extend([_read_rule(entry, self._dialect.known) for entry in entries])
        return len(self._rules)

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()

    def match(self, method: str, path: str) -> Rule | None:
        """Give the rule that strikes a request, if any."""
        return next((rule for rule in self._rules if rule.strikes(method, path)), None)

    async def play(self, rule: Rule, app: ASGIApp, exchange: tuple[Scope, Receive, Send]) -> None:
        """Carry a rule's action out on one request."""
        action, (scope, receive, send) = rule.action, exchange
        if "delay_seconds" in action:
            await asyncio.sleep(float(action["delay_seconds"]))
        if action.get("drop_connection"):
            scope["extensions"][CUT]()
            return
        response = self._instead(action)
        if response:
            await response(scope, receive, send)
            return
        for name in self._dialect.marks.keys() & action.keys():
            scope.setdefault("extensions", {})[self._dialect.marks[name]] = action[name]
        if action.get("stale"):
            await _repeat(rule, app, exchange)
            return
        edits = [self._dialect.edits[name] for name in action if name in self._dialect.edits]
        if not edits and not {"truncate_body_to", "corrupt_bytes"} & action.keys():
            await app(scope, receive, send)
            return
        spoiler = Spoiler(action, edits, send)
        await app(scope, receive, spoiler.take)
        if await spoiler.finish():
            scope["extensions"][CUT]()

    def _instead(self, action: Mapping[str, Any]) -> Response | None:
        """Make the answer given in the service's place, if the action is one."""
        headers = {name: str(value) for name, value in action.get("headers", {}).items()}
        for name, answer in self._dialect.answers.items():
            if action.get(name):
                response = answer(action[name])
                response.headers.update(headers)
                return response
        if "html" in action:
            return HTMLResponse(str(action["html"]), int(action.get("status", 503)), headers)
        if "status" not in action:
            return None
        body = action.get("body", {"error": {"message": "Scripted failure"}})
        if isinstance(body, str):
            return Response(body, int(action["status"]), headers)
        return JSONResponse(body, int(action["status"]), headers)


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


def _read_rule(entry: Any, known: set[str]) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("action"), dict):
        raise BadRule(f"A rule needs an action: {json.dumps(entry)}")
    unknown = entry["action"].keys() - known
    if unknown:
        raise BadRule(f"Unknown actions: {', '.join(sorted(unknown))}")
    match = entry.get("match", {})
    try:
        path = re.compile(match.get("path_regex", ""))
    except re.error as error:
        raise BadRule(f"path_regex: {error}") from None
    times = entry.get("times", 1)
    return Rule(
        match.get("method", "").upper(), path, entry.get("after", 0), times, entry["action"]
    )
