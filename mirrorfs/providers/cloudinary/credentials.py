"""Who is asking: an account's credentials, as the official SDK reads them.

``CLOUDINARY_URL`` is ``cloudinary://<key>:<secret>@<cloud>[/<secure_distribution>][?option=…]``
(https://cloudinary.com/documentation/python_integration#set_configuration_parameters). Nothing
in it is percent-decoded but the options; the cloud name keeps its case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import parse_qsl

from mirrorfs.core.errors import MissingCredentials, Misuse
from mirrorfs.net import address

API = "https://api.cloudinary.com"

_SCHEME = "cloudinary://"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One account ("product environment") and how it is reached.

    ``upload_prefix`` is the base of the API, for other regions
    (https://cloudinary.com/documentation/admin_api#alternative_data_centers_and_endpoints_premium_feature).
    """

    cloud_name: str
    api_key: str
    api_secret: str = field(repr=False)
    upload_prefix: str = API
    oauth_token: str = field(default="", repr=False)
    upload_preset: str = ""
    signature_algorithm: str = "sha1"
    api_proxy: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may hold."""
        return tuple(filter(None, (self.api_secret, self.oauth_token)))


def parse_url(url: str) -> Credentials:
    """Return the credentials in a ``CLOUDINARY_URL``.

    Raises:
        Misuse: it is not of that form; the message does not repeat it.
    """
    if not url.lower().startswith(_SCHEME):
        raise Misuse("CLOUDINARY_URL must begin with cloudinary://.", _FORM)
    rest, _, query = url[len(_SCHEME) :].partition("?")
    who, at, where = rest.rpartition("@")
    key, colon, secret = who.partition(":")
    cloud = where.partition("/")[0].partition(":")[0]
    if not (at and colon and key and secret and cloud):
        raise Misuse("CLOUDINARY_URL names no key, secret or cloud.", _FORM)
    named = {"cloud_name": cloud, "api_key": key, "api_secret": secret}
    return from_options({**dict(parse_qsl(query)), **named})


def from_options(options: Mapping[str, str]) -> Credentials:
    """Return the credentials in a remote's options: ``url``, or one key for each field.

    Other keys (options of the SDK that change no request of ours) are left alone.

    Raises:
        MissingCredentials: a needed one is missing; the message names all that are.
        Misuse: ``url``, ``upload_prefix`` or ``api_proxy`` is none; it is not repeated.
    """
    url = options.get("url") or options.get("cloudinary_url")
    if url:
        return parse_url(url)
    known = {one.name: options[one.name] for one in fields(Credentials) if options.get(one.name)}
    needed = ["cloud_name"] if known.get("oauth_token") else ["cloud_name", "api_key", "api_secret"]
    missing = [name for name in needed if name not in known]
    if missing:
        raise MissingCredentials(f"Cloudinary needs {', '.join(missing)}.", _FORM)
    known["upload_prefix"] = address.base(
        known.get("upload_prefix", API), "Cloudinary's upload_prefix"
    )
    if "api_proxy" in known:
        known["api_proxy"] = address.proxy(known["api_proxy"], "Cloudinary's api_proxy")
    return Credentials(**{"api_key": "", "api_secret": "", **known})


def from_environment(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials in environment variables.

    With ``CLOUDINARY_CLOUD_NAME`` the ``CLOUDINARY_*`` variables are read and ``CLOUDINARY_URL``
    is ignored, as the SDK does; ``CLOUD_NAME``, ``API_KEY`` and ``API_SECRET`` come last.

    Raises:
        MissingCredentials: a needed variable is not set; the message names it.
    """
    if not environment.get("CLOUDINARY_CLOUD_NAME") and environment.get("CLOUDINARY_URL"):
        return parse_url(environment["CLOUDINARY_URL"])
    long = bool(environment.get("CLOUDINARY_CLOUD_NAME")) or not environment.get("CLOUD_NAME")
    prefix = "CLOUDINARY_" if long else ""
    options = {
        one.name: environment[f"{prefix}{one.name.upper()}"]
        for one in fields(Credentials)
        if environment.get(f"{prefix}{one.name.upper()}")
    }
    for name in ("cloud_name", "api_key", "api_secret"):
        if name not in options and not options.get("oauth_token"):
            raise MissingCredentials(f"{prefix}{name.upper()} is not set.", _FORM)
    return from_options(options)


_FORM = (
    "It is cloudinary://<api_key>:<api_secret>@<cloud_name>, shown in the console under API Keys."
)
