"""Answers changed on their way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Message, Send


class Spoiler:
    """Cuts short, damages or edits an answer as an action says."""

    def __init__(
        self, action: Mapping[str, Any], edits: Sequence[Callable[[Any], Any]], send: Send
    ) -> None:
        self._action = action
        self._edits = edits
        self._send = send
        self._start: Message = {}
        self._body: list[bytes] = []

    async def take(self, message: Message) -> None:
        """Collect a part of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body.append(message.get("body", b""))

    async def finish(self) -> bool:
        """Send the answer spoilt; tell whether the connection is to be cut after it."""
        body = b"".join(self._body)
        if self._edits:
            body = self._edit(body)
        body = _invert(body, int(self._action.get("corrupt_bytes", 0)))
        await self._send(self._start)
        limit = self._action.get("truncate_body_to")
        if limit is not None and limit < len(body):
            await self._send(
                {"type": "http.response.body", "body": body[:limit], "more_body": True}
            )
            return True
        await self._send({"type": "http.response.body", "body": body})
        return False

    def _edit(self, body: bytes) -> bytes:
        """Change a JSON answer and correct its length."""
        values = json.loads(body)
        for edit in self._edits:
            values = edit(values)
        edited = json.dumps(values).encode()
        headers = [pair for pair in self._start["headers"] if pair[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(edited)).encode()))
        self._start = {**self._start, "headers": headers}
        return edited


def _invert(body: bytes, count: int) -> bytes:
    start = max(0, (len(body) - count) // 2)
    piece = bytes(255 - byte for byte in body[start : start + count])
    return body[:start] + piece + body[start + count :]
