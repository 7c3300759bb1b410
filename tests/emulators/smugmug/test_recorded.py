"""Replies of the real service, and what the emulator answers for an account like theirs.

The replies are those of the libraries bzimmer/smugmug and tommyblue/smugmug-backup (MIT). Of each
the emulator must give every field, of the same JSON type, and the same values but for some fields.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulators.smugmug.likeness import World, missing, objects, other

if TYPE_CHECKING:
    from tests.emulators.smugmug.conftest import Caller

FOLDER = Path(__file__).parent / "recorded"
REPLIES = sorted(path.stem for path in FOLDER.glob("*.json"))
CHANGES = ("node_create_xmQnCV_", "image_743XwH7_delete", "upload_CVvj69L")
BY_HAND = "tommyblue_"

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

LACKING = {
    r"\.Options\.Output: missing": "the emulator does not list the fields of its objects",
    r"\.Options\.Notes\[\d\]: missing": "fewer notes are told",
    r"\.Uris\.Printmark: missing": "printmarks are not emulated",
    r"\.ImageSize\w+\.Size: missing": "copies are made on demand, so their size is not told",
    r"\.ImageMetadata\.ISO: string is no number": "no ISO is known here: empty, as others are",
    r"\.Pages\.(Next|Prev)Page: missing": "the account is small; test_envelope judges pages",
}
"""What an answer may lack, as patterns of what ``missing`` tells, and why."""

CAMERA = """
Aperture CircleOfConfusion ColorSpace DigitalZoomRatio Exposure ExposureMode ExposureProgram
FieldOfView Flash FocalLength FocalLength35mm HyperfocalDistance Lens Make Metering
MicroDateTimeCreated MicroDateTimeDigitized Model NormalizedLightValue SceneCaptureType
SensingMethod Software WhiteBalance
"""

DIFFERING = {
    # addresses, which hold secrets and the site's name
    "Url", "ThumbnailUrl", "ArchivedUri", "ImageUrlTemplate", "WebUri", "Uri", "param_value",
    # the account is another one
    "NickName", "Name", "RefTag", "HasChildren", "IsEmpty", "ImageCount", "OriginalSizes",
    "TotalSizes", "Total", "Start", "Count", "LastPage", "FirstPage", "RequestedCount",
    "HighlightAlbumImageUri", "Date", "Privacy",
    # nothing is sold or marked here
    "CanBuy", "Collectable", "Watermarked", "CommerceLightbox",
    # coordinates are written without needless zeros, as by the service today
    "Latitude", "Longitude",
    # thumbnails are not cropped to squares, lengths are rounded
    "Height", "Width", "SquareThumbs",
    # of what the camera wrote, time and place are told
    *CAMERA.split(), "Keywords", "Altitude",
    # addresses in texts are made links by the service
    "html",
    # of the moment, or edited by hand in the recorded reply
    "time", "Notes[]", "Type", "DateModified",
}  # fmt: skip
"""Fields whose values may be other ones; all others must be equal."""

EDITED = {
    "_bad_expansion": ("Expansions", "a text stands where an object was"),
    "_no_expansion": ("Expansions", "all were taken out"),
    "_metadata_iso": ("Expansions", "another ISO stands there"),
}
"""Replies in which somebody edited a part for the tests of a client; the rest is judged."""

UNTOLD = {
    "image_B2fHSt7-0": "/api/v2/image/B2fHSt7-0?_expand=ImageAlbum&_pretty=true",
    "image_UQpV019": "/api/v2/image/UQpV019-0?_expand=ImageAlbum,ImageMetadata&_pretty=true",
}
"""What was asked for, where the reply does not repeat it."""


def load(name: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    for part in {part for middle, (part, _) in EDITED.items() if middle in name}:
        del reply[part]
    return reply


def asked(name: str, reply: dict[str, Any]) -> str:
    """Give the URI that was asked for, from the first page on."""
    known = next((uri for begin, uri in UNTOLD.items() if name.startswith(begin)), "")
    uri: str = known or reply["Request"]["Uri"]
    uri = re.sub(r"start=\d+&?", "", uri)
    return uri if known else f"{uri}{'&' if '?' in uri else '?'}_verbosity=3"


def unexplained(recorded: Any, given: Any) -> list[str]:
    """Tell what an answer lacks, but for what it may lack."""
    lacking = missing(recorded, given)
    return [one for one in lacking if not any(re.search(known, one) for known in LACKING)]


@pytest.mark.parametrize(
    "name", [one for one in REPLIES if one not in CHANGES and not one.startswith(BY_HAND)]
)
def test_a_recorded_reply_is_given(owner: Caller, name: str) -> None:
    reply = load(name)
    world = World(owner)
    world.make(reply)
    world.know(asked(name, reply), reply)
    found = objects(reply, "Album", "AlbumImage", "Folder", "Image", "Node", "User")
    own = any(one.get("ResponseLevel") == "Full" or one.get("CanEdit") for one in found)
    caller = owner if own else owner.visitor()
    answer = caller.call("GET", world.translate(asked(name, reply)).removeprefix("/api/v2"))
    assert answer.status_code == 200, answer.text
    recorded = json.loads(world.translate(json.dumps(reply)))
    assert not unexplained(recorded, answer.json())
    differing = {one.partition(":")[0] for one in other(recorded, answer.json())}
    assert {path.rpartition(".")[2] for path in differing} <= DIFFERING


def test_a_recorded_creation_is_answered_alike(owner: Caller) -> None:
    reply = load("node_create_xmQnCV_")
    parent = owner.add_node("Folder", "Blogging").node_id
    body = {"Type": "Album", "Name": "C", "UrlName": "C", "Privacy": "Unlisted"}
    answer = owner.call("POST", f"/node/{parent}!children", json=body)
    assert answer.status_code == 201
    del reply["Options"]  # lists every parameter of the change, which is not emulated
    assert not unexplained(reply, without_ids(reply, answer.json()))


def test_a_recorded_deletion_is_answered_alike(owner: Caller) -> None:
    reply = load("image_743XwH7_delete")
    image = owner.add_image(owner.add_album())
    path = f"/album/{image.album_key}/image/{image.locator}?_pretty=true"
    answer = owner.call("DELETE", path)
    assert not unexplained(reply, answer.json())
    assert answer.json()["Response"].keys() == reply["Response"].keys()


def test_a_recorded_upload_is_answered_alike(owner: Caller) -> None:
    album = owner.add_album()
    headers = {
        "X-Smug-AlbumUri": f"/api/v2/album/{album.album_key}",
        "X-Smug-ResponseType": "JSON",
        "X-Smug-Version": "v2",
        "X-Smug-FileName": "a.png",
    }
    answer = owner.session.post(owner.server.upload, data=PNG, headers=headers)
    assert not unexplained(load("upload_CVvj69L"), answer.json())


def without_ids(recorded: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Give an answer under the URI of the recorded one, whose node has another id."""
    uri = recorded["Response"]["Uri"]
    return json.loads(json.dumps(given).replace(given["Response"]["Uri"], uri))


@pytest.mark.parametrize("name", [one for one in REPLIES if one.startswith(BY_HAND)])
def test_what_a_client_reads_is_given(owner: Caller, name: str) -> None:
    """Replies written by hand, of the few fields one client reads."""
    reply = load(name)
    album = owner.add_album("01", parent=owner.add_node(name="MyAlbum").node_id)
    owner.add_image(album, "somePhoto.jpg", taken="2024-01-05T12:00:00")
    paths = {
        "tommyblue_authuser": "!authuser",
        "tommyblue_user": "/user/demo",
        "tommyblue_useralbums_1": "/user/demo!albums",
        "tommyblue_albumimages_1": f"/album/{album.album_key}!images",
    }
    text = re.sub(r'"Uri": "[^"]*"', '"Locator": "any"', json.dumps(reply))
    assert not unexplained(json.loads(text), owner.get(paths[name]))


def test_all_replies_are_judged() -> None:
    by_hand = [name for name in REPLIES if name.startswith(BY_HAND)]
    assert (len(REPLIES), len(by_hand), len(CHANGES)) == (40, 4, 3)
