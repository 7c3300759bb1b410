"""Who is asking: an application's key, and the account that granted it access.

A key and its secret come from https://api.smugmug.com/api/developer/apply, a token and its
secret from the OAuth 1.0a dance (SmugMug API, tutorial/authorization). A key alone reads what
a public account, named by ``nickname``, shows to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from mirrorfs.core.errors import MissingCredentials
from mirrorfs.net import address

API = "https://api.smugmug.com"

_OAUTH = "https://secure.smugmug.com"
_UPLOAD = "https://upload.smugmug.com/"
_PREFIX = "SMUGMUG_"
_KEY_HINT = "A key comes from https://api.smugmug.com/api/developer/apply"
_TOKEN_HINT = "Run: mirrorfs login smugmug"  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class Credentials:
    """One application and one account, and how the service is reached.

    ``nickname`` names an account to be seen as a visitor; empty means the token's own.
    ``url`` is the base of the API; another than SmugMug's also holds OAuth and uploads.
    """

    api_key: str
    api_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    token_secret: str = field(default="", repr=False)
    url: str = API
    nickname: str = ""

    def __post_init__(self) -> None:
        """Check ``url``; an address of :attr:`oauth_url` is shown to the user."""
        address.base(self.url, "SmugMug's url")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may hold."""
        return tuple(filter(None, (self.api_secret, self.token, self.token_secret)))

    @property
    def is_signed(self) -> bool:
        """Whether calls are signed for an account, or show the key only."""
        return bool(self.token)

    @property
    def oauth_url(self) -> str:
        """The base of ``getRequestToken``, ``authorize`` and ``getAccessToken``."""
        base = _OAUTH if self.url == API else self.url
        return f"{base}/services/oauth/1.0a"

    @property
    def upload_url(self) -> str:
        """Where files are posted to."""
        return _UPLOAD if self.url == API else f"{self.url}/upload/"

    def of(self, nickname: str) -> Credentials:
        """Return these for the account ``nickname``, with or without its leading ``@``."""
        return replace(self, nickname=nickname.removeprefix("@"))


def from_options(options: Mapping[str, str]) -> Credentials:
    """Return the credentials in a remote's options: one key for each field; others are ignored.

    Raises:
        MissingCredentials: a needed one is missing; the message names all that are.
        Misuse: ``url`` is no address.
    """
    names = [one.name for one in fields(Credentials)]
    return _checked({name: options[name] for name in names if options.get(name)}, "")


def from_environment(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials in ``SMUGMUG_API_KEY``, ``_API_SECRET``, ``_TOKEN`` and so on.

    Raises:
        MissingCredentials: a needed variable is not set; the message names it.
        Misuse: ``SMUGMUG_URL`` is no address.
    """
    names = {one.name: f"{_PREFIX}{one.name.upper()}" for one in fields(Credentials)}
    known = {name: environment[key] for name, key in names.items() if environment.get(key)}
    return _checked(known, _PREFIX)


def _checked(known: dict[str, str], prefix: str) -> Credentials:
    token = known.get("token") or known.get("token_secret")
    needed = ["api_key", "api_secret", "token", "token_secret"] if token else ["api_key"]
    missing = [name for name in needed if name not in known]
    if not token and not known.get("nickname"):
        missing += [name for name in ("token", "token_secret") if name not in missing]
    if missing:
        named = ", ".join(f"{prefix}{name.upper()}" if prefix else name for name in missing)
        hint = _KEY_HINT if "api_key" in missing else _TOKEN_HINT
        raise MissingCredentials(f"SmugMug needs {named}.", hint)
    known["url"] = known.get("url", API).rstrip("/")
    known["nickname"] = known.get("nickname", "").removeprefix("@")
    return Credentials(**known)
