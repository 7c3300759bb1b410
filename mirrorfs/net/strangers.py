"""Answers that no service gave: a page of the network in between, or what is left of one."""

from __future__ import annotations

import codecs
import json
from typing import Any

from mirrorfs.core.errors import BadAnswer, Unavailable

_LOGIN = "Is a login page of the network in between?"


def read_json(body: bytes, service: str) -> Any:
    """Return what an answer of ``service`` holds.

    Raises:
        Unavailable: it is no JSON at all. That passes, as a failure of the service does.
        BadAnswer: it is JSON too deep to be read.
    """
    try:
        return json.loads(body)
    except ValueError:
        raise _no_data(body, service) from None
    except RecursionError:
        raise BadAnswer(f"The answer of {service} is too deep.") from None


def _no_data(body: bytes, service: str) -> Unavailable:
    text = body.removeprefix(codecs.BOM_UTF8).strip()
    if text.startswith(b"<"):
        said = f"Something else than {service} answered: a page, not data."
        return Unavailable(said, _LOGIN)
    what = "broke off or is garbled" if text else "is empty"
    return Unavailable(f"The answer of {service} {what}.")
