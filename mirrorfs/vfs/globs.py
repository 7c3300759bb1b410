"""Which files of a tree are shown: ``--include`` and ``--exclude``.

A pattern without a leading ``/`` matches at any depth. ``*`` and ``?`` stop at a ``/``, ``**``
does not; ``[abc]``, ``[!abc]`` and ``{jpg,png}`` choose. A pattern that ends in ``/`` means
folders with all that is in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath

_SYMBOL = re.compile(r"\*\*|\*|\?|\[!?\]?[^\]]*\]|[{},]|.", re.DOTALL)
_PLAIN = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}


@dataclass(frozen=True, slots=True)
class Globs:
    """Compiled patterns; ``include`` concerns files only, ``exclude`` folders too."""

    include: tuple[re.Pattern[str], ...] = ()
    exclude: tuple[re.Pattern[str], ...] = ()

    @property
    def show_all(self) -> bool:
        """Say whether nothing is ever hidden."""
        return not self.include and not self.exclude

    def hide(self, path: RemotePath) -> bool:
        """Say whether ``path``, or a folder above it, is excluded."""
        return any(
            pattern.match(step)
            for step in (*paths.ancestors(path)[1:], path)
            for pattern in self.exclude
        )

    def shows_file(self, path: RemotePath) -> bool:
        """Say whether a file at ``path`` is to be seen."""
        if self.hide(path):
            return False
        return not self.include or any(pattern.match(path) for pattern in self.include)


def parse(include: Iterable[str], exclude: Iterable[str]) -> Globs:
    """Compile patterns.

    Raises:
        Misuse: one of them makes no sense; the message quotes it.
    """
    return Globs(tuple(map(_compile, include)), tuple(map(_compile, exclude)))


def _compile(glob: str) -> re.Pattern[str]:
    anchored = glob.startswith("/")
    body = glob.lstrip("/").rstrip("/")
    expression, depth = [], 0
    for symbol in _SYMBOL.findall(body):
        depth += (symbol == "{") - (symbol == "}")
        if symbol == "," and depth:
            expression.append("|")
        elif len(symbol) > 1 and symbol.startswith("["):
            inside = symbol[1:-1].replace("\\", "\\\\")
            expression.append(f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]")
        elif symbol == "," or symbol not in _PLAIN:
            expression.append(re.escape(symbol))
        else:
            expression.append(_PLAIN[symbol])
    start = "" if anchored else "(?:.*/)?"
    end = "/.*" if glob.endswith("/") else ""
    try:
        if not body or depth:
            raise re.error("its braces do not match" if depth else "it is empty")
        return re.compile(f"{start}{''.join(expression)}(?:{end})?\\Z", re.DOTALL)
    except re.error as error:
        raise Misuse(f"{glob!r} is no pattern: {error}.") from error
