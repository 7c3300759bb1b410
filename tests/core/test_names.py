"""Lawful, unique, stable names (the provider's side is in ``tests/providers``)."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import names, paths
from mirrorfs.core.names import Candidate

RAW = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("%/.~ 0A4Fé\u0301ßΣς"), max_size=12
)
CANDIDATES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=6),
    st.tuples(RAW | st.sampled_from(["a.jpg", "A.jpg", "a.JPG", "x" * 300]), st.text("12")),
    max_size=8,
).map(lambda rows: [Candidate(id_, name, rank) for id_, (name, rank) in rows.items()])


@given(RAW)
def test_encode_is_lawful_and_decode_its_inverse(raw: str) -> None:
    name = names.encode(raw)
    assert names.decode(name) == raw
    if len(name.encode("utf-8")) <= paths.SEGMENT_BYTES:
        assert paths.is_lawful(name)


@given(RAW, RAW)
def test_different_names_are_encoded_differently(one: str, two: str) -> None:
    assert (names.encode(one) == names.encode(two)) == (one == two)


@given(CANDIDATES)
def test_assigned_names_are_lawful_and_unique(candidates: list[Candidate]) -> None:
    given_names = names.assign(candidates)
    assert given_names.keys() == {one.id for one in candidates}
    assert all(paths.is_lawful(name) for name in given_names.values())
    assert len({names.fold(name) for name in given_names.values()}) == len(candidates)
    for name in given_names.values():
        assert unicodedata.is_normalized("NFC", name)
        assert paths.parse(name) == name


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_order_does_not_matter(candidates: list[Candidate], random: object) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert names.assign(shuffled) == names.assign(candidates)


@given(CANDIDATES, RAW)
def test_a_younger_one_renames_nobody_of_another_mark(
    candidates: list[Candidate], raw: str
) -> None:
    before = names.assign(candidates)
    newcomer = Candidate("zzzzzzzz", raw, "9")
    after = names.assign([*candidates, newcomer])
    plain = {id_ for id_, name in before.items() if "~" not in name}
    assert {id_: after[id_] for id_ in plain} == {id_: before[id_] for id_ in plain}


def test_twins() -> None:
    named = names.assign(
        [Candidate("1", "a.jpg", "2020"), Candidate("2", "A.jpg", "2019"), Candidate("3", "b")]
    )
    assert named["2"] == "A.jpg"
    assert named["1"].startswith("a~")
    assert named["1"].endswith(".jpg")
    assert named["3"] == "b"


def test_hostile_names() -> None:
    assert names.encode("..") == "%2E%2E"
    assert names.encode("a/b\0\n") == "a%2Fb%00%0A"
    assert names.encode("100%41") == "100%2541"
    assert names.encode("100%") == "100%"
    assert names.encode("") == "%20"
    assert names.encode("\0") == "%00"


def test_what_encode_never_writes_is_no_escape() -> None:
    assert names.decode("%FF.jpg") == "%FF.jpg"
    assert names.encode(names.decode("%FF")) != "%FF"
