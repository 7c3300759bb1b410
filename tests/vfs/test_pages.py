from mirrorfs.core import paths
from mirrorfs.vfs.pages import PageCache, Paging

PATH = paths.parse("a.jpg")


def test_pages_stay_as_long_as_the_revision_does() -> None:
    pages = PageCache()
    assert pages.open(PATH, "1") is Paging.RENEW
    assert pages.open(PATH, "1") is Paging.KEEP
    pages.close(PATH, Paging.RENEW)
    pages.close(PATH, Paging.KEEP)
    assert pages.open(PATH, "1") is Paging.KEEP
    pages.close(PATH, Paging.KEEP)
    assert pages.open(PATH, "2") is Paging.RENEW


def test_two_revisions_at_once_are_not_mixed() -> None:
    pages = PageCache()
    pages.open(PATH, "1")
    assert pages.open(PATH, "2") is Paging.BYPASS
    pages.close(PATH, Paging.BYPASS)
    assert pages.open(PATH, "1") is Paging.KEEP
    pages.close(PATH, Paging.KEEP)
    pages.close(PATH, Paging.RENEW)
    assert pages.open(PATH, "2") is Paging.RENEW


def test_wrong_pages_are_not_seen_again() -> None:
    pages = PageCache()
    pages.open(PATH, "1")
    assert pages.distrust("2") == []
    assert pages.distrust("1") == [PATH]
    assert pages.open(PATH, "1") is Paging.BYPASS
    pages.close(PATH, Paging.BYPASS)
    pages.close(PATH, Paging.RENEW)
    assert pages.open(PATH, "1") is Paging.RENEW


def test_pages_of_what_is_not_proven_do_not_stay() -> None:
    pages = PageCache()
    assert pages.open(PATH, "1", is_proven=False) is Paging.RENEW
    pages.close(PATH, Paging.RENEW)
    assert pages.open(PATH, "1", is_proven=False) is Paging.RENEW
    pages.close(PATH, Paging.RENEW)
    assert pages.open(PATH, "1", is_proven=True) is Paging.KEEP
