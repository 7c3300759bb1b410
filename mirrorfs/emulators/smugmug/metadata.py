"""What the camera wrote into a file, as ``!metadata`` tells it.

Times are the camera's wall clock, without a zone. All that is not known is an empty text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.answers import Answer, Body
from mirrorfs.emulators.smugmug.errors import not_found
from mirrorfs.emulators.smugmug.images import tells_exif
from mirrorfs.emulators.smugmug.seeing import see_album_inside, see_image

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Album, Image

_NAMES = """
UserComment Author Copyright CopyrightUrl CopyrightFlag UsageTerms Source Credit City State Country
Rating CreatorContactInfo Category SupplementalCategories SpecialInstructions AuthorTitle
CountryCode TransmissionReference Headline WriterEditor Lens Make Model Aperture DateCreated
TimeCreated MicroDateTimeCreated MicroDateTimeDigitized DateDigitized Exposure ISO FocalLength
FocalLength35mm CompressedBitsPerPixel Flash Metering ExposureProgram ExposureCompensation
ExposureMode LightSource WhiteBalance DigitalZoomRatio Contrast Saturation Sharpness SubjectDistance
SubjectRange SensingMethod ColorSpace Brightness LatitudeReference LongitudeReference
AltitudeReference SceneCaptureType GainControl ScaleFactor CircleOfConfusion FieldOfView
DepthOfField HyperfocalDistance NormalizedLightValue Duration AudioCodec VideoCodec Software
SerialNumber LensSerialNumber
"""


def read_metadata(call: Call) -> Answer:
    """``image/KEY!metadata``; 404 where the album does not show it."""
    image = see_image(call, call.ids["image"])
    return _answer(call, call.state.album(image.album_key), image)


def read_album_metadata(call: Call) -> Answer:
    """``album/KEY/image/KEY!metadata``."""
    album = see_album_inside(call, call.ids["album"])
    return _answer(call, album, see_image(call, call.ids["image"]))


def _answer(call: Call, album: Album, image: Image) -> Answer:
    if not tells_exif(call, album, image):
        raise not_found()
    ids = (*([album.album_key] if "album" in call.ids else []), image.locator)
    about = {"Uri": call.endpoint.uri(*ids), "UriDescription": call.endpoint.description}
    return Answer(Body({**_fields(image), **about}))


def _fields(image: Image) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "Title": image.title,
        "Caption": image.caption,
        "Keywords": "; ".join(image.keywords),
        **dict.fromkeys(_NAMES.split(), ""),
    }
    if image.taken:
        fields |= {"DateTimeCreated": image.taken, "DateDigitized": image.taken}
        fields |= {} if image.is_video else {"DateTimeModified": image.taken}
    if image.latitude or image.longitude:
        fields |= {
            "LatitudeReference": "North" if image.latitude >= 0 else "South",
            "LongitudeReference": "East" if image.longitude >= 0 else "West",
            "Latitude": image.latitude,
            "Longitude": image.longitude,
            "AltitudeReference": "Above Sea Level",
            "Altitude": f"{float(image.altitude)} m Above Sea Level",
        }
    if image.film:
        fields["Duration"] = f"{image.film.duration} s"
    return fields
