"""``--interactive``: a question before each deletion and each replacement."""

from __future__ import annotations

import click

from sync.model import Action
from sync.words import Line, line_of

_CHOICES = "y yes, n no, ! yes to all that come, s no to all that come, q quit"


class Asker:
    """Asks on the terminal, of each action once; remembers an answer that was for all."""

    def __init__(self) -> None:
        self._all: bool | None = None
        self._answers: dict[Line, bool] = {}

    def __call__(self, action: Action) -> bool:
        """Say whether an action may be done.

        Raises:
            click.Abort: the user wants to quit; nothing was done.
        """
        line = line_of(action)
        if line not in self._answers:
            self._answers[line] = self._ask(line) if self._all is None else self._all
        return self._answers[line]

    def _ask(self, line: Line) -> bool:
        click.echo(f"{line}   [{_CHOICES}]", err=True)
        answer = click.prompt(
            "Do it?",
            type=click.Choice(["y", "n", "!", "s", "q"]),
            show_choices=False,
            err=True,
        )
        if answer == "q":
            raise click.Abort
        if answer in "!s":
            self._all = answer == "!"
        return answer in "y!"
