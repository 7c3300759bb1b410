import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.cache import rows
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath, is_lawful, join, name

text = st.text(st.characters(exclude_categories=["Cs"]) | st.characters(codec="ascii"))
odd = text | st.text(
    st.characters(categories=["Cs"], min_codepoint=0xDC80, max_codepoint=0xDCFF), max_size=3
)
names = odd.filter(is_lawful).map(lambda name: unicodedata.normalize("NFC", name)).filter(is_lawful)
digests = st.none() | st.builds(Digest, text, text)
numbers = st.integers(-(2**70), 2**70)


@st.composite
def listings(draw: st.DrawFn) -> tuple[RemotePath, list[Entry]]:
    folder = RemotePath("/".join(draw(st.lists(names, max_size=3))))
    entries = [
        Entry(
            join(folder, name),
            draw(st.sampled_from(Kind)),
            draw(odd),
            draw(odd),
            draw(numbers),
            draw(numbers),
            draw(digests),
            draw(st.dictionaries(odd, odd, max_size=3)),
            draw(odd),
        )
        for name in draw(st.lists(names, unique=True, max_size=4))
    ]
    return folder, entries


@given(listings())
def test_entries_come_back_exactly(listing: tuple[RemotePath, list[Entry]]) -> None:
    folder, entries = listing
    found = rows.decode(folder, rows.encode(entries))
    assert list(found.values()) == entries
    assert [join(folder, name) for name in found] == [entry.path for entry in entries]


@given(st.data(), listings())
def test_each_is_the_same_however_often_it_is_asked_for(
    data: st.DataObject, listing: tuple[RemotePath, list[Entry]]
) -> None:
    folder, entries = listing
    found = rows.decode(folder, rows.encode(entries))
    for entry in data.draw(st.lists(st.sampled_from(entries))) if entries else []:
        assert found[name(entry.path)] == entry
