"""rclone's patterns as regular expressions (rclone documentation, filtering).

``*`` is anything within one name, ``**`` anything at all, ``?`` one character of a name,
``[…]`` one of these, ``{a,b}`` one or the other, ``{{…}}`` a regular expression, ``\\`` takes the
next character as it is. A pattern that begins with ``/`` begins at the root, others after any
``/``; each ends at the end of the path.
"""

from __future__ import annotations

import re

from mirrorfs.core.errors import Misuse

_TOKEN = re.compile(
    r"""
    \{\{ (?P<regexp> .*? ) \}\} (?!\})            # ends with the longest run of braces
    | \\ (?P<escaped> .)
    | (?P<stars> \*+ )
    | \[ (?P<members> (?: [^\[\]] | \[[^\[\]]*\] )* ) \]
    | (?P<plain> .)
    """,
    re.VERBOSE | re.DOTALL,
)
_STARS = {1: "[^/]*", 2: ".*"}
_POSIX = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:blank:]": r"\t ",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:punct:]": r"!-\/:-@\[-`{-~",
    "[:space:]": r"\t\n\v\f\r ",
    "[:upper:]": "A-Z",
    "[:word:]": "0-9A-Za-z_",
    "[:xdigit:]": "0-9A-Fa-f",
}
_CLASS = re.compile(r"\[:[a-z]+:\]")
_FLAGS = re.compile(r"\(\?([ims]+)\)(.*)", re.DOTALL)
_ANYWHERE = "/**"
_UNSPLITTABLE = re.compile(r"\{[^{}]*(?:\*\*|/)[^{}]*\}|\{\{|\}\}|\{[^{}]*\{")
_LAST_CUT = re.compile(r"(.*)(/|\*\*)", re.DOTALL)


def compile_glob(glob: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return what finds (``search``) the paths that ``glob`` matches.

    Raises:
        Misuse: the pattern makes no sense.
    """
    try:
        return re.compile(_expression(glob), re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise Misuse(f"The pattern {glob!r} cannot be understood: {error}.") from None


def folder_globs(glob: str) -> list[str]:
    """Return the patterns of the folders that a match of ``glob`` may be in, root apart.

    They are for paths with a ``/`` at their end. Where that cannot be told from the pattern it
    is every folder.
    """
    if _UNSPLITTABLE.search(glob):
        return [_ANYWHERE]
    rest = re.sub("/{2,}", "/", glob)
    found: list[str] = []
    while cut := _LAST_CUT.match(rest):
        rest = cut[1]
        found.append(f"{rest}/" if cut[2] == "/" else f"{rest}**/")
    return [folder for folder in dict.fromkeys(found) if folder != "/"] if found else [_ANYWHERE]


def _expression(glob: str) -> str:
    start, body = ("^", glob[1:]) if glob.startswith("/") else ("(?:^|/)", glob)
    depth = 0
    pieces = [start]
    for token in _TOKEN.finditer(body):
        plain = token["plain"]
        if plain is None:
            pieces.append(_special(token, glob))
        elif plain == "{":
            depth += 1
            pieces.append("(?:")
        elif plain == "}":
            depth -= 1
            pieces.append(")")
        elif plain == "," and depth:
            pieces.append("|")
        elif plain == "?":
            pieces.append("[^/]")
        elif plain in "[]\\" or depth < 0:
            raise Misuse(f"The pattern {glob!r} has a {plain} without its partner.")
        else:
            pieces.append(re.escape(plain))
        if depth < 0:
            break
    if depth:
        raise Misuse(f"The pattern {glob!r} has a brace without its partner.")
    return "".join([*pieces, r"\Z"])


def _special(token: re.Match[str], glob: str) -> str:
    """Return the expression for what is more than one plain character."""
    if (regexp := token["regexp"]) is not None:
        flagged = _FLAGS.fullmatch(regexp)
        flags, regexp = (flagged[1], flagged[2]) if flagged else ("", regexp)
        return f"(?a{flags}:{_CLASS.sub(_posix, regexp)})"
    if (escaped := token["escaped"]) is not None:
        return rf"(?a:\{escaped})" if escaped.isascii() else re.escape(escaped)
    if (stars := token["stars"]) is not None:
        if len(stars) not in _STARS:
            raise Misuse(f"The pattern {glob!r} has too many stars together.")
        return _STARS[len(stars)]
    members = re.split(rf"({_CLASS.pattern})", token["members"])
    return f"[{''.join(_POSIX.get(part) or _quoted(part) for part in members)}]"


def _posix(match: re.Match[str]) -> str:
    return _POSIX.get(match[0], match[0])


def _quoted(members: str) -> str:
    """Write what Python alone would take for an operation on sets as plain characters."""
    return re.sub(r"[\[&~|]|(?<=-)-", r"\\\g<0>", members)
