from mirrorfs.cache.listings import Listing
from mirrorfs.core import entry, paths
from mirrorfs.vfs.memory import ListingMemory


def _listing(count: int) -> Listing:
    return Listing({str(n): entry.folder(paths.parse(str(n))) for n in range(count)}, 0.0)


def test_it_is_bounded_in_entries_and_the_least_used_goes_first() -> None:
    memory = ListingMemory(30)
    for name in "abc":
        memory.put(paths.parse(name), _listing(8), memory.generation)
    memory.get(paths.parse("a"))
    memory.put(paths.parse("d"), _listing(8), memory.generation)
    assert memory.folders() == ["c", "a", "d"]


def test_one_folder_larger_than_the_limit_is_still_remembered() -> None:
    memory = ListingMemory(10)
    memory.put(paths.ROOT, _listing(100), memory.generation)
    assert memory.get(paths.ROOT)


def test_what_was_read_before_a_change_is_not_remembered_after_it() -> None:
    memory = ListingMemory(10)
    before = memory.generation
    memory.drop([])
    memory.put(paths.ROOT, _listing(1), before)
    assert memory.get(paths.ROOT) is None
