"""Reading: right bytes or an error, wherever they are by now."""

from __future__ import annotations

import os

import pytest

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    BadAnswer,
    Changed,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    Unavailable,
)
from mirrorfs.providers.smugmug.provider import SmugmugProvider
from tests.net.server import Reply, serve
from tests.providers.smugmug.account import Account, content, tree

BODY = b"\xff\xd8\xff" + os.urandom(300_000)
LARGE = b"\xff\xd8\xff" + os.urandom(9 << 20)


@pytest.fixture
def file(account: Account) -> tuple[SmugmugProvider, Entry]:
    account.photo(account.album("One", privacy="Private"), "a.jpg", BODY)
    provider = account.open()
    return provider, tree(provider)["One/a.jpg"]


def test_a_private_file_whole_and_in_parts(file: tuple[SmugmugProvider, Entry]) -> None:
    provider, entry = file
    assert content(provider, entry) == BODY
    assert b"".join(provider.read(entry, 1000, 5000)) == BODY[1000:6000]
    assert b"".join(provider.read(entry, len(BODY) - 3, 100)) == BODY[-3:]
    assert b"".join(provider.read(entry, len(BODY))) == b""


def test_a_large_file_is_proven_at_its_end(account: Account) -> None:
    account.photo(account.album("One"), "a.jpg", LARGE)
    provider = account.open()
    entry = tree(provider)["One/a.jpg"]
    assert content(provider, entry) == LARGE
    account.fail("/photos/", {"corrupt_bytes": 3}, times=None)
    with pytest.raises(Corrupt):
        content(provider, entry)


def test_the_whole_where_a_part_was_asked_for(
    account: Account, file: tuple[SmugmugProvider, Entry]
) -> None:
    provider, entry = file
    account.fail("/photos/", {"ignore_range": True}, times=None)
    assert b"".join(provider.read(entry, 1000, 5000)) == BODY[1000:6000]


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ({"corrupt_bytes": 3}, Corrupt),
        ({"status": 200, "html": "<html>Sign in</html>"}, MirrorError),
        ({"status": 404, "html": "<html>Gone</html>"}, BadAnswer),
        ({"status": 403, "body": "No"}, Denied),
        ({"status": 503, "body": "Busy"}, Unavailable),
        ({"truncate_body_to": 100}, Unavailable),
        ({"status": 200, "body": ""}, MirrorError),
    ],
)
def test_nothing_else_is_taken_for_the_file(
    account: Account,
    file: tuple[SmugmugProvider, Entry],
    action: dict[str, object],
    error: type[MirrorError],
) -> None:
    provider, entry = file
    account.fail("/photos/", action, times=None)
    for start, length in ((0, None), (1000, 5000)):
        if "corrupt_bytes" in action and start:
            continue  # a part has no digest of its own
        with pytest.raises(error) as said:
            list(provider.read(entry, start, length))
        assert not isinstance(said.value, NotFound)
        assert "oauth" not in str(said.value)


def test_bad_bytes_once_are_asked_for_again(
    account: Account, file: tuple[SmugmugProvider, Entry]
) -> None:
    provider, entry = file
    account.fail("/photos/", {"corrupt_bytes": 3})
    assert content(provider, entry) == BODY


def test_a_renamed_album_has_its_files_elsewhere(
    account: Account, file: tuple[SmugmugProvider, Entry]
) -> None:
    provider, entry = file
    node = account.state.album(entry.facts["album_key"]).node_id
    account.state.change_node(node, name="Uno", url_name="Uno")
    assert content(provider, entry) == BODY
    assert b"".join(provider.read(entry, 5, 5)) == BODY[5:10]


def test_another_revision_is_never_given(
    account: Account, file: tuple[SmugmugProvider, Entry]
) -> None:
    provider, entry = file
    account.state.replace_image(entry.facts["image_key"], BODY[::-1])
    for span in ((0, None), (5, 5)):
        with pytest.raises(Changed):
            list(provider.read(entry, *span))


def test_a_picture_that_is_gone(account: Account, file: tuple[SmugmugProvider, Entry]) -> None:
    provider, entry = file
    account.state.remove_image(entry.facts["album_key"], entry.facts["image_key"])
    with pytest.raises(NotFound, match="gone"):
        content(provider, entry)


def test_a_redirect_is_followed_and_signed_for_the_service_only(
    account: Account, file: tuple[SmugmugProvider, Entry]
) -> None:
    provider, entry = file
    with serve(lambda _: Reply(200, BODY)) as other:
        headers = {"Location": other.url}
        account.fail("/photos/", {"status": 302, "body": "", "headers": headers})
        assert content(provider, entry) == BODY
        assert "Authorization" not in other.asked[0].headers
    target = entry.facts["private.url"].replace(account.server.url, "")
    account.fail("/elsewhere", {"status": 301, "body": "", "headers": {"Location": target}})
    account.fail("/photos/", {"status": 301, "body": "", "headers": {"Location": "/elsewhere"}})
    assert content(provider, entry) == BODY
