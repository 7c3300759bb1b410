"""The service's API through the official SDK: the only module that uses it.

All credentials are given with each call, so that several accounts live in one process; the
SDK's global configuration is never used. Paths are escaped before the SDK gets them, because
it decodes ``%XX`` in URLs first, which would address something else.
https://cloudinary.com/documentation/admin_api,
https://cloudinary.com/documentation/image_upload_api_reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3

from mirrorfs.core.errors import AlreadyExists, BadAnswer, MirrorError, NotFound, Unsupported
from mirrorfs.core.provider import About
from mirrorfs.net.patience import Patience, persist
from mirrorfs.net.strangers import read_json
from mirrorfs.providers.cloudinary.about import read_about
from mirrorfs.providers.cloudinary.connector import Connector, Line
from mirrorfs.providers.cloudinary.sdk import execute_request, utils

Json = Mapping[str, Any]

_VERSION = "v1_1"
_NO_FOLDER = "find folder"
_NO_ASSET = "not found"
_URL_SIGNATURE = re.compile(r"/(s--[\w-]+--)/")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said, and when by its own clock (seconds since the epoch)."""

    data: Json
    at: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to be uploaded; ``headers`` place them among the pieces of a large file."""

    data: bytes
    headers: Mapping[str, str]


class Api:
    """Each method is one call, tried again as the patience says.

    All raise what :meth:`~mirrorfs.providers.cloudinary.connector.Connector.request` raises,
    ``Unavailable`` for what is not JSON, and ``BadAnswer`` for JSON that is not an object. Of the
    questions only those about one folder or one asset raise ``NotFound``; any other refusal of one
    is ``BadAnswer``.
    """

    def __init__(self, line: Line, patience: Patience) -> None:
        self._line = line
        self._patience = patience

    def is_dynamic(self) -> bool:
        """Ask for the account's folder mode: dynamic, or else fixed."""
        settings = self._ask("GET", "config", {"settings": "true"}).data.get("settings")
        mode = settings.get("folder_mode") if isinstance(settings, dict) else None
        if mode not in {"dynamic", "fixed"}:
            raise BadAnswer("Cloudinary does not say which folder mode the account is in.")
        return bool(mode == "dynamic")

    def about(self) -> About:
        """Ask for what the account holds and may hold."""
        return read_about(self._line.credentials.cloud_name, self._ask("GET", "usage", {}).data)

    def search(self, query: Json) -> Answer:
        """Ask for one page of assets (https://cloudinary.com/documentation/search_method)."""
        return self._ask("POST", "resources/search", query)

    def latest(self, resource_type: str) -> Answer:
        """Ask the Admin API, which does not lag, for the latest few assets of one type.

        https://cloudinary.com/documentation/admin_api#get_resources
        """
        return self._ask("GET", f"resources/{resource_type}", {"max_results": 10})

    def search_folders(self, query: Json) -> Answer:
        """Ask for one page of folders; the service tells of 2000 at most."""
        return self._ask("POST", "folders/search", query)

    def sub_folders(self, path: str, cursor: str) -> Answer:
        """Ask for one page of the folders directly in ``path`` (empty: the root)."""
        query = {"max_results": 500, **({"next_cursor": cursor} if cursor else {})}
        where = f"folders/{_escape(path)}" if path else "folders"
        return self._ask("GET", where, query, missing=_NO_FOLDER if path else "")

    def create_folder(self, path: str) -> None:
        """Make a folder."""
        self._admin("POST", f"folders/{_escape(path)}", {})

    def delete_folder(self, path: str) -> None:
        """Delete a folder and every folder below it, provided none holds an asset."""
        self._admin("DELETE", f"folders/{_escape(path)}", {})

    def details(self, asset_id: str) -> Json:
        """Ask for one asset as it is now; ``media_metadata`` is what brings the ETag of raw ones.

        https://cloudinary.com/documentation/admin_api#get_details_of_a_single_resource_by_asset_id
        """
        query = {"media_metadata": "true"}
        where = f"resources/{_escape(asset_id)}"
        return self._ask("GET", where, query, missing=_NO_ASSET).data

    def update(self, asset_id: str, changes: Json) -> Json:
        """Change folder, display name or context of an asset; return its details."""
        return self._admin("PUT", f"resources/{_escape(asset_id)}", changes).data

    def act(
        self, resource_type: str, action: str, params: Json, piece: Piece | None = None
    ) -> Json:
        """Call an action of the Upload API with signed ``params``; it costs no quota.

        Text, numbers and booleans go as the SDK writes them, ``context`` may be a mapping.
        """
        url = self._url(f"{resource_type}/{action}")
        return persist(
            lambda: self._post(url, params, piece), self._patience, self._line.clock
        ).data

    def download_url(self, resource_type: str, params: Json) -> str:
        """Return a URL, good for an hour, of the stored original, past the CDN.

        https://cloudinary.com/documentation/control_access_to_media#providing_time_limited_access_to_private_media_assets
        """
        signed = self._signed({"timestamp": utils.now(), **params})
        return f"{self._url(f'{resource_type}/download')}?{utils.urlencode(signed)}"

    def url_signature(self, public_id: str, transformation: str, format_: str) -> str:
        """Return the ``s--…--`` that a delivery URL with ``transformation`` needs.

        https://cloudinary.com/documentation/delivery_url_signatures
        """
        url, _ = utils.cloudinary_url(
            _escape(public_id),
            raw_transformation=transformation,
            format=format_ or None,
            sign_url=True,
            api_secret=self._line.credentials.api_secret,
            signature_algorithm=self._line.credentials.signature_algorithm,
            cloud_name=self._line.credentials.cloud_name,
            auth_token=False,
        )
        found = _URL_SIGNATURE.search(url)
        return found[1] if found else ""

    def _ask(self, method: str, path: str, params: Json, missing: str = "") -> Answer:
        """Ask; ``missing`` is in the service's words when there is no such thing."""
        try:
            return self._admin(method, path, params)
        except (NotFound, AlreadyExists, Unsupported) as error:
            if isinstance(error, NotFound) and missing and missing in error.message.lower():
                raise
            raise BadAnswer(error.message, error.hint) from None

    def _admin(self, method: str, path: str, params: Json) -> Answer:
        credentials = self._line.credentials
        auth = {
            "key": credentials.api_key,
            "secret": credentials.api_secret,
            "oauth_token": credentials.oauth_token,
        }
        options: dict[str, Any] = {"headers": {}, "auth": auth, "params": dict(params)}
        if method != "GET":
            body, headers = utils.json_body(dict(params))
            options |= {"body": body, "headers": headers, "params": None}
        url = self._url(path)

        def call() -> Answer:
            connector = Connector(self._line, is_counted=True)
            return _execute(connector, method, url, options)

        return persist(call, self._patience, self._line.clock)

    def _post(self, url: str, params: Json, piece: Piece | None) -> Answer:
        named = dict(params)
        if isinstance(named.get("context"), dict):
            named["context"] = utils.encode_context(named["context"])
        form = self._signed({"timestamp": utils.now(), **named})
        if piece:
            form["file"] = ("file", piece.data)
        body, kind = urllib3.encode_multipart_formdata(form)
        headers = {"Content-Type": kind, **(piece.headers if piece else {})}
        if self._line.credentials.oauth_token:
            headers["Authorization"] = f"Bearer {self._line.credentials.oauth_token}"
        options = {"headers": headers, "auth": {"anonymous": True}, "params": None, "body": body}
        return _execute(Connector(self._line, is_counted=False), "POST", url, options)

    def _signed(self, params: Json) -> dict[str, Any]:
        credentials = self._line.credentials
        if credentials.oauth_token:
            return dict(utils.cleanup_params(params))
        options = {
            "api_key": credentials.api_key,
            "api_secret": credentials.api_secret,
            "signature_algorithm": credentials.signature_algorithm,
            "signature_version": 2,
            "non_signable": ("file",),
        }
        return dict(utils.sign_request(dict(params), options))

    def _url(self, path: str) -> str:
        credentials = self._line.credentials
        return f"{credentials.upload_prefix}/{_VERSION}/{_escape(credentials.cloud_name)}/{path}"


def _execute(connector: Connector, method: str, url: str, options: Json) -> Answer:
    try:
        told = execute_request(connector, method, api_url=url, timeout=None, **options)
    except MirrorError:
        raise
    except Exception:  # the SDK raises plain ones for what it cannot read
        read_json(connector.body, "Cloudinary")
        raise BadAnswer("Cloudinary's answer is not what its API promises.") from None
    return Answer(told, connector.answered_at)


def _escape(path: str) -> str:
    return quote(path, safe="/")
