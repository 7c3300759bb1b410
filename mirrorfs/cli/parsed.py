"""Options whose text is read by a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from mirrorfs.core.errors import MirrorError


class Parsed(click.ParamType[Any]):
    """A text that ``parse`` turns into a value; its complaint becomes click's."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value; a text that is none ends the command with status 2."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except (MirrorError, ValueError) as error:
            self.fail(str(error), param, ctx)
