"""Signing in, in the shape that every service has it: an address, a code, a grant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Attempt(Protocol):
    """A way to a grant that the user has to go once; it does not live for long."""

    @property
    def url(self) -> str:
        """The address at which the user says yes, and is shown a code."""
        ...

    def finish(self, code: str) -> Mapping[str, str]:
        """Return the options that are the grant, some of them secret.

        Raises:
            WrongCode: the code is not taken. Expired: a new attempt is needed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Login:
    """How one signs in to a service.

    ``begin`` takes the options of the application and what is wished for (option → value, from
    ``wishes``: option → the values it may have, the first by default). ``grant`` are the options
    that a login brings. ``code`` is what a code looks like, in words ``code_words``. ``why`` tells
    the user what the wishes mean, ``revoke`` where a grant is taken back for good.
    """

    begin: Callable[[Mapping[str, str], Mapping[str, str]], Attempt]
    wishes: Mapping[str, tuple[str, ...]]
    grant: tuple[str, ...]
    code: re.Pattern[str]
    code_words: str
    why: str
    revoke: str
