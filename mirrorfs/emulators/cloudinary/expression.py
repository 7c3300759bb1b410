"""Search expressions: from text to a tree.

The language is the documented Lucene-like one
(https://cloudinary.com/documentation/search_expressions): ``field:token``, ``field=exact``,
``> >= < <=``, ranges ``[a TO b]`` and ``{a TO b}``, a trailing ``*``, groups, and the capitalised
operators AND, OR, NOT (also ``&&``, ``||``, ``-``, ``+``, ``!``). Within quotes only ``"`` and
``*`` need a backslash. Clauses written side by side are taken as joined by AND. Text that is not
an expression is an error, never an empty answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request


@dataclass(frozen=True, slots=True)
class Word:
    """A value: its text without escapes; ``prefix`` when it ended in a bare ``*``."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Two bounds, None for ``*``, each with whether it belongs to the range."""

    low: str | None
    high: str | None
    includes_low: bool
    includes_high: bool


@dataclass(frozen=True, slots=True)
class Clause:
    """One test; an empty ``field`` stands for all text fields."""

    field: str
    operator: str
    value: Word | Range


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """Conjunction; an empty one is always true."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Disjunction."""

    nodes: tuple[Node, ...]


Node = Clause | Not | All | Either

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<operator>>=|<=|:|=|>|<)
      | (?P<mark>&&|\|\||[()\[\]{}])
      | (?P<word>[-+!]?(?:[^\s"()\[\]{}:=<>\\&|^~?!]|\\.|&(?!&)|\|(?!\|))*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_BARE_STAR = re.compile(r"(?<!\\)((?:\\\\)*)\*")
_DEEPEST = 100
_SYNONYMS = {"&&": "AND", "||": "OR"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    stop: int


def parse_expression(text: str) -> Node:
    """Parse an expression; an empty one matches everything; 400 for what is none."""
    if not text.strip():
        return All(())
    if text.count("(") > _DEEPEST:
        raise bad_request(f"Invalid expression: more than {_DEEPEST} groups")
    parser = _Parser(text)
    node = parser.either()
    if parser.peek() is not None:
        raise parser.error()
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _scan(text)
        self._at = 0

    def error(self) -> ApiError:
        token = self.peek()
        where = f"near '{self._text[token.start :][:30]}'" if token else "at its end"
        return bad_request(f"Invalid expression: cannot be parsed {where}")

    def peek(self, ahead: int = 0) -> _Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def either(self) -> Node:
        nodes = [self.all()]
        while self._accept("mark", "OR"):
            nodes.append(self.all())
        return nodes[0] if len(nodes) == 1 else Either(tuple(nodes))

    def all(self) -> Node:
        nodes = [self.unary()]
        while True:
            token = self.peek()
            ends = token is None or (token.kind == "mark" and token.text in {"OR", ")"})
            if self._accept("mark", "AND") or not ends:
                nodes.append(self.unary())
            else:
                return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def unary(self) -> Node:
        if self._accept("mark", "NOT"):
            return Not(self.unary())
        if self._accept("mark", "+"):
            return self.unary()
        if self._accept("mark", "("):
            node = self.either()
            self._expect(")")
            return node
        return self._clause()

    def _clause(self) -> Node:
        token, following = self.peek(), self.peek(1)
        if token and token.kind == "word" and following and following.kind == "operator":
            self._at += 2
            return self._values(_unescape(token.text), following.text)
        return Clause("", ":", self._word())

    def _values(self, field: str, operator: str) -> Node:
        """Read what follows an operator: a word, a range, or a group of words."""
        if operator in {":", "="} and self._accept("mark", "("):
            node = self._group(field, operator)
            self._expect(")")
            return node
        token = self.peek()
        if token and token.kind == "mark" and token.text in {"[", "{"}:
            return Clause(field, operator, self._range())
        return Clause(field, operator, self._word())

    def _group(self, field: str, operator: str) -> Node:
        alternatives: list[Node] = []
        terms = [self._member(field, operator)]
        while (token := self.peek()) and not (token.kind == "mark" and token.text == ")"):
            if self._accept("mark", "OR"):
                alternatives.append(All(tuple(terms)))
                terms = []
            else:
                self._accept("mark", "AND")
            terms.append(self._member(field, operator))
        return Either((*alternatives, All(tuple(terms))))

    def _member(self, field: str, operator: str) -> Node:
        if self._accept("mark", "NOT"):
            return Not(self._member(field, operator))
        return self._values(field, operator)

    def _range(self) -> Range:
        opening = self._next()
        low = self._word()
        if not self._accept("word", "TO"):
            raise self.error()
        high = self._word()
        closing = self.peek()
        if not (closing and closing.kind == "mark" and closing.text in {"]", "}"}):
            raise self.error()
        self._at += 1
        return Range(_bound(low), _bound(high), opening.text == "[", closing.text == "]")

    def _word(self) -> Word:
        token = self.peek()
        if token is None or token.kind not in {"word", "quoted"}:
            raise self.error()
        text = token.text[1:-1] if token.kind == "quoted" else token.text
        stars = [match.end() for match in _BARE_STAR.finditer(text)]
        if stars and stars != [len(text)]:
            raise self.error()
        self._at += 1
        return Word(_unescape(text[:-1] if stars else text), bool(stars))

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, kind: str, text: str) -> bool:
        token = self.peek()
        if token and token.kind == kind and token.text == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept("mark", text):
            raise self.error()


def _scan(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise bad_request(f"Invalid expression: cannot be parsed near '{text[at:][:30]}'")
        kind, start = match.lastgroup, match.start(match.lastgroup)
        if start == match.end():
            raise bad_request(f"Invalid expression: cannot be parsed near '{text[at:][:30]}'")
        tokens.extend(_tokens(kind, match[kind], start, after_operator=_ends_open(tokens, start)))
        at = match.end()
    return tokens


def _ends_open(tokens: list[_Token], start: int) -> bool:
    """Tell whether a value is due: then ``-5`` is a number and ``AND`` a word."""
    return bool(tokens) and tokens[-1].kind == "operator" and tokens[-1].stop == start


def _tokens(kind: str, text: str, start: int, *, after_operator: bool) -> list[_Token]:
    stop = start + len(text)
    if kind != "word" or after_operator:
        return [_Token(kind, _SYNONYMS.get(text, text), start, stop)]
    if text in {"AND", "OR", "NOT"}:
        return [_Token("mark", text, start, stop)]
    if text[0] in "-!+":
        sign = _Token("mark", "+" if text[0] == "+" else "NOT", start, start + 1)
        rest = [_Token("word", text[1:], start + 1, stop)] if len(text) > 1 else []
        return [sign, *rest]
    return [_Token(kind, text, start, stop)]


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _bound(word: Word) -> str | None:
    if word.prefix and not word.text:
        return None
    return word.text
