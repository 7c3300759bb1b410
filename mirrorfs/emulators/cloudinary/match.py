"""Search expressions: from a tree to a test of one record.

A record is anything with fields; ``Field`` says how each is read and compared, as the table of
expression fields does (https://cloudinary.com/documentation/search_expressions).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.expression import All, Clause, Either, Node, Not, Range, Word
from mirrorfs.emulators.cloudinary.moments import DAY, parse_moment

Test = Callable[[Any], bool]
Kind = Literal["text", "exact", "folder", "number", "date"]


@dataclass(frozen=True, slots=True)
class Field:
    """How a field is compared and read.

    ``text`` is split into words for ``:``, ``exact`` is compared whole, ``folder`` is a path whose
    ``path/*`` means the whole subtree, ``number`` is in the field's unit, ``date`` Unix seconds.
    ``read`` gives a value, a tuple of values, or None. ``default`` fields are those a term
    without a field name is looked for in.
    """

    kind: Kind
    read: Callable[[Any], Any]
    default: bool = False


Fields = Mapping[str, Field]

_UNITS = {"h": DAY / 24, "d": DAY, "w": 7 * DAY, "m": 30 * DAY, "y": 365 * DAY}
_RELATIVE = re.compile(r"(\d+(?:\.\d+)?)([hdwmy])")
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(k|m|g|kb|mb|gb)?", re.IGNORECASE)
_SCALE = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_FEW = 4
_WORDS = re.compile(r"\w+")
_ORDER: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def compile_test(node: Node, fields: Fields, now: float) -> Test:
    """Turn a tree into a test; 400 for unknown fields and values of the wrong kind."""
    if isinstance(node, Clause):
        return _clause(node, fields, now)
    if isinstance(node, Not):
        inner = compile_test(node.node, fields, now)
        return lambda record: not inner(record)
    tests = [compile_test(one, fields, now) for one in node.nodes]
    if isinstance(node, Either):
        return reduce(_either, tests) if len(tests) <= _FEW else _any(tests)
    return reduce(_both, tests) if 0 < len(tests) <= _FEW else _all(tests)


def mentions(node: Node, field: str) -> bool:
    """Tell whether an expression says anything about a field."""
    if isinstance(node, Clause):
        return node.field == field
    if isinstance(node, Not):
        return mentions(node.node, field)
    return any(mentions(one, field) for one in node.nodes)


def pinned(node: Node, field: str, operators: str = ":=") -> str | None:
    """Give the value a field must have for the expression to hold, if it pins one down."""
    if isinstance(node, Clause) and isinstance(node.value, Word) and node.field == field:
        sure = node.operator in operators and not node.value.prefix
        return node.value.text if sure else None
    if isinstance(node, All):
        found = (pinned(one, field, operators) for one in node.nodes)
        return next((value for value in found if value is not None), None)
    return None


def pinned_subtree(node: Node, field: str) -> str | None:
    """Give the folder whose subtree holds everything the expression can match, if it names one."""
    if isinstance(node, Clause) and isinstance(node.value, Word) and node.field == field:
        inside = node.value.prefix and node.value.text.endswith("/") and node.operator in ":="
        return node.value.text[:-1] if inside else None
    if isinstance(node, All):
        found = (pinned_subtree(one, field) for one in node.nodes)
        return next((value for value in found if value is not None), None)
    return None


def find_field(name: str, fields: Fields) -> Field:
    """Look a field up by name, nested ones by their first part; 400 when there is none."""
    field = fields.get(name)
    if field is None and "." in name:
        head, _, rest = name.partition(".")
        whole = fields.get(f"{head}.*")
        if whole:
            return Field(whole.kind, lambda record: whole.read(record).get(rest))
    if field is None:
        raise bad_request(f"Invalid expression: unknown field '{name}'")
    return field


def _either(left: Test, right: Test) -> Test:
    return lambda record: left(record) or right(record)


def _both(left: Test, right: Test) -> Test:
    return lambda record: left(record) and right(record)


def _any(tests: list[Test]) -> Test:
    return lambda record: any(test(record) for test in tests)


def _all(tests: list[Test]) -> Test:
    return lambda record: all(test(record) for test in tests)


def _clause(clause: Clause, fields: Fields, now: float) -> Test:
    if not clause.field:
        tests = tuple(_text(clause, field) for field in fields.values() if field.default)
        return lambda record: any(test(record) for test in tests)
    field = find_field(clause.field, fields)
    if field.kind == "date":
        return _ordered(clause, field, lambda text: _instants(text, now))
    if field.kind == "number":
        return _ordered(clause, field, _amount)
    return _text(clause, field)


def _text(clause: Clause, field: Field) -> Test:
    read, value = field.read, clause.value
    if isinstance(value, Range) or clause.operator in _ORDER:
        raise bad_request(f"Invalid expression: '{clause.field}' cannot be ordered")
    accept = _accept_text(value, field.kind, clause.operator)
    if field.kind == "exact" and not value.prefix:
        text = value.text
        return lambda record: (
            (found := read(record)) == text or (found.__class__ is tuple and text in found)
        )

    def test(record: Any) -> bool:
        found = read(record)
        if isinstance(found, str):
            return accept(found)
        if found is None:
            return False
        return any(accept(str(one)) for one in (found if isinstance(found, tuple) else (found,)))

    return test


def _accept_text(value: Word, kind: Kind, sign: str) -> Callable[[str], bool]:
    text = value.text
    if kind == "folder" and value.prefix:
        inside, itself = text, text[:-1] if text.endswith("/") else None
        return lambda found: found.startswith(inside) or found == itself
    if sign == "=" or kind in {"exact", "folder"}:
        return (lambda found: found.startswith(text)) if value.prefix else text.__eq__
    words = _split(text)
    if not words:
        return (lambda _: True) if value.prefix else text.__eq__
    if value.prefix:
        return lambda found: _has_phrase(_split(found), words, last_is_prefix=True)
    return lambda found: _has_phrase(_split(found), words, last_is_prefix=False)


def _split(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())


def _has_phrase(found: list[str], words: list[str], *, last_is_prefix: bool) -> bool:
    count = len(words)
    for at in range(len(found) - count + 1):
        window = found[at : at + count]
        if window[:-1] == words[:-1]:
            if window[-1] == words[-1]:
                return True
            if last_is_prefix and window[-1].startswith(words[-1]):
                return True
    return False


def _ordered(
    clause: Clause, field: Field, read_value: Callable[[str], tuple[float, float]]
) -> Test:
    low, high = float("-inf"), float("inf")
    at_low = at_high = True
    value, read = clause.value, field.read
    if isinstance(value, Range):
        at_low, at_high = value.includes_low, value.includes_high
        low = read_value(value.low)[0] if value.low is not None else low
        high = read_value(value.high)[1] if value.high is not None else high
    elif value.prefix and value.text:
        raise bad_request(f"Invalid expression: '{clause.field}' takes no prefix")
    elif not value.prefix:
        first, last = read_value(value.text)
        if clause.operator in _ORDER:
            compare = _ORDER[clause.operator]
            edge = first if clause.operator in {">=", "<"} else last
            return lambda record: (found := read(record)) is not None and compare(found, edge)
        low, high = first, last

    def test(record: Any) -> bool:
        found = read(record)
        if found is None or (found == low and not at_low) or (found == high and not at_high):
            return False
        return bool(low <= found <= high)

    return test


def _amount(text: str) -> tuple[float, float]:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise bad_request(f"Invalid expression: '{text}' is not a number")
    amount = float(match[1]) * _SCALE[(match[2] or "").lower()[:1]]
    return amount, amount


def _instants(text: str, now: float) -> tuple[float, float]:
    """Give the first and last instant a date stands for, in Unix seconds."""
    if text.isdigit():
        return float(text), float(text)
    relative = _RELATIVE.fullmatch(text)
    if relative:
        instant = now - float(relative[1]) * _UNITS[relative[2]]
        return instant, instant
    try:
        instant = parse_moment(text)
    except Exception as error:
        raise bad_request(f"Invalid expression: '{text}' is not a date") from error
    return (instant, instant + DAY - 1) if len(text) == 10 else (instant, instant)
