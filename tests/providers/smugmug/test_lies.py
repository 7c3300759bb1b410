"""Whatever the service says, nothing that was there before is deleted for it."""

from typing import Any

import pytest

from mirrorfs.core import digest
from mirrorfs.core.errors import BadAnswer, MirrorError, NotFound, Unsupported
from mirrorfs.core.paths import parse
from mirrorfs.emulators.smugmug.values import Image, Node
from tests.providers.smugmug.account import Account
from tests.providers.smugmug.files import jpeg
from tests.providers.smugmug.test_changing import NEW, OLD, UPLOAD, put, stored


def answered(**response: Any) -> dict[str, Any]:
    return {"status": 200, "body": {"Response": response, "Code": 200, "Message": "Ok"}}


def uploaded(album: Node, image: Image) -> dict[str, Any]:
    uri = f"/api/v2/image/{image.image_key}-0"
    place = f"/api/v2/album/{album.album_key}/image/{image.image_key}-0"
    told = {"ImageUri": uri, "AlbumImageUri": place}
    return {"status": 200, "body": {"stat": "ok", "Image": told}}


def placed(uri: str, image: Image, data: bytes) -> dict[str, Any]:
    told = {
        "Uri": uri,
        "ImageKey": image.image_key,
        "Serial": 0,
        "FileName": image.file_name,
        "ArchivedUri": "https://photos.smugmug.com/x",
        "ArchivedSize": len(data),
        "ArchivedMD5": digest.of(data).value,
    }
    return answered(Locator="AlbumImage", AlbumImage=told)


def test_an_upload_that_is_said_to_be_another_picture(account: Account) -> None:
    album = account.album("A")
    image = account.photo(album, "old.jpg", OLD)
    account.fail(UPLOAD, uploaded(album, image), times=None)
    with pytest.raises(BadAnswer, match="before"):
        put(account.open(), "A/new.jpg", NEW)
    assert stored(account) == {"A/old.jpg": OLD}


def test_an_upload_that_is_stored_and_said_to_be_another_picture(account: Account) -> None:
    album = account.album("A")
    image = account.photo(album, "old.jpg", OLD)
    provider = account.open()
    put(provider, "A/first.jpg", jpeg(3))
    real = provider._parts.writer._sender._upload

    def lie(*given: Any) -> Any:
        real(*given)
        account.fail(UPLOAD, uploaded(album, image))
        return real(*given)

    provider._parts.writer._sender._upload = lie  # type: ignore[method-assign]
    entry = put(provider, "A/new.jpg", NEW)
    assert entry.facts["image_key"] != image.image_key
    assert stored(account) == {"A/old.jpg": OLD, "A/first.jpg": jpeg(3), "A/new.jpg": NEW}


def test_the_first_half_of_replacing_is_said_to_be_the_old_picture(account: Account) -> None:
    album = account.album("A")
    image = account.photo(album, "old.jpg", OLD)
    provider = account.open()
    entry = provider.stat(parse("A/old.jpg"))
    account.fail(UPLOAD, uploaded(album, image), times=None)
    with pytest.raises(MirrorError):
        put(provider, "A/old.jpg", NEW, entry)
    assert stored(account) == {"A/old.jpg": OLD}


@pytest.mark.parametrize("verb", ["remove", "replace"])
def test_albums_of_a_picture_that_are_not_all_told(account: Account, verb: str) -> None:
    album, other = account.album("A"), account.album("Best")
    image = account.photo(album, "x.jpg", OLD)
    account.state.collect_image(image.image_key, other.album_key or "")
    provider = account.open()
    entry = provider.stat(parse("A/x.jpg"))
    own = {"Uri": f"/api/v2/album/{album.album_key}", "Name": "A"}
    nobody = {"Total": 0, "Start": 1, "Count": 0}
    for told in (
        {"Album": [own], "Pages": {"Total": 2, "Start": 1, "Count": 2}},
        {"Album": [own], "Pages": {"Total": 2, "Start": 1, "Count": 1}},
        {"Pages": {"Total": 2, "Start": 1, "Count": 2}},
        {"Pages": nobody},
    ):
        account.fail("/image/.*!albums", answered(Locator="Album", **told), times=None)
        with pytest.raises(BadAnswer):
            provider.remove(entry) if verb == "remove" else put(provider, entry.path, NEW, entry)
        account.server.service.faults.clear()
    assert stored(account) == {"A/x.jpg": OLD, "Best/x.jpg": OLD}


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("/api/v2/album/{album}", BadAnswer),
        ("/api/v2/album/{album}/image/{next}-0", BadAnswer),
        ("/api/v2/node/{node}", BadAnswer),
        ("/api/v2/album/other/image/{image}-0", NotFound),
    ],
)
def test_a_picture_whose_address_is_another(
    account: Account, where: str, error: type[MirrorError]
) -> None:
    album = account.album("A")
    image, other = account.photo(album, "x.jpg", OLD), account.photo(album, "y.jpg", NEW)
    provider = account.open()
    entry = provider.stat(parse("A/x.jpg"))
    keys = {"album": album.album_key, "image": image.image_key, "next": other.image_key}
    uri = where.format(**keys, node=album.node_id)
    account.fail("/album/[^!]*/image/", placed(uri, image, OLD), method="GET", times=None)
    with pytest.raises(error):
        provider.remove(entry)
    assert stored(account) == {"A/x.jpg": OLD, "A/y.jpg": NEW}


def test_a_new_folder_that_is_said_to_be_an_old_one(account: Account) -> None:
    folder = account.folder("Old")
    account.photo(account.album("A", folder), "x.jpg", OLD)
    uri = f"/api/v2/node/{folder.node_id}"
    node = {"NodeID": folder.node_id, "Uri": uri, "Type": "Folder", "Name": "Old"}
    account.fail("!children", answered(Locator="Node", Node=node), method="POST", times=None)
    with pytest.raises(Unsupported, match="'Old'"):
        account.open().mkdir(parse("New"))
    assert stored(account) == {"Old/A/x.jpg": OLD}


def test_a_new_album_that_is_said_to_be_an_old_one(account: Account) -> None:
    album = account.album("Old")
    account.photo(album, "x.jpg", OLD)
    uri, within = f"/api/v2/node/{album.node_id}", f"/api/v2/album/{album.album_key}"
    node = {"NodeID": album.node_id, "Uri": uri, "Type": "Album", "Name": "Old"}
    told = answered(Locator="Node", Node={**node, "Uris": {"Album": within}})
    account.fail("!children", told, method="POST", times=None)
    with pytest.raises(Unsupported, match="'Old'"):
        put(account.open(), "New/x.jpg", NEW)
    assert stored(account) == {"Old/x.jpg": OLD}


def test_an_album_at_whose_address_is_an_empty_one(account: Account) -> None:
    empty, full = account.album("Empty"), account.album("Full")
    account.photo(full, "x.jpg", OLD)
    provider = account.open()
    entry = provider.stat(parse("Full"))
    account.fail(f"/node/{full.node_id}[?]", {"moved": f"/api/v2/node/{empty.node_id}"}, times=None)
    with pytest.raises(BadAnswer, match="is not the album"):
        provider.remove(entry)
    assert stored(account) == {"Full/x.jpg": OLD}
