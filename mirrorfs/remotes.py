"""From a remote's settings to its provider: the one place that knows every service."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mirrorfs import vault
from mirrorfs.core.clock import Clock, SystemClock
from mirrorfs.core.errors import MissingCredentials, Misuse
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.logins import Login
from mirrorfs.providers.cloudinary import credentials as cloudinary
from mirrorfs.providers.smugmug import credentials as smugmug

if TYPE_CHECKING:
    from mirrorfs.core.provider import Target
    from mirrorfs.net.patience import Patience
    from mirrorfs.settings import Remote

Options = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be known of a service to open its accounts; ``Any`` is its own credentials.

    ``options`` and ``environment`` read credentials. ``identity`` takes them, and the name that
    a login stored, and tells whose they are and at which address: the same for the same account.
    ``open`` makes the provider. ``asked`` are the options that a person has to give. ``visits``
    says that a first folder ``@NAME`` is the public account of that name, ``login`` how one signs
    in, if one can.
    """

    options: Callable[[Options], Any]
    environment: Callable[[Options], Any]
    identity: Callable[[Any, str], tuple[str, str]]
    open: Callable[[Any, Clock, Patience, RemotePath], Target]
    hint: str
    asked: tuple[str, ...]
    visits: bool = False
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A folder of an account whose credentials are known; nothing is asked of it yet.

    ``key`` names the account and ``tree_key`` the folder, both fit for a file name and the
    same for the same.
    """

    service: Service = field(repr=False)
    credentials: Any = field(repr=False)
    folder: RemotePath
    key: str

    @property
    def tree_key(self) -> str:
        """See the class."""
        mark = hashlib.sha256(self.folder.encode()).hexdigest()[:8]
        return f"{self.key}-{mark}" if self.folder else self.key

    def open(self, patience: Patience | None = None) -> Target:
        """Return the folder as a provider; nothing is asked of the service yet.

        Without a ``patience`` a used-up quota is an error at once, never a wait.
        """
        from mirrorfs.net.patience import Patience

        return self.service.open(
            self.credentials, SystemClock(), patience or Patience(), self.folder
        )


def find(remote: Remote, folder: RemotePath = ROOT) -> Account:
    """Return ``folder`` of ``remote``.

    Raises:
        MissingCredentials: one is not set; the message names it and says what to do.
        Misuse: they make no sense.
    """
    service = SERVICES[remote.service]
    visited: dict[str, str] = {}
    if service.visits and folder.startswith("@"):
        nickname, _, rest = folder.removeprefix("@").partition("/")
        if not nickname:
            raise Misuse("There is no name after the @.", f"Write {remote.name}:@NAME.")
        visited, folder = {"nickname": nickname}, RemotePath(rest)
    credentials = _credentials(remote, service, visited)
    identity = service.identity(credentials, remote.options.get("account", ""))
    return Account(service, credentials, folder, _key(remote.service, *identity))


def open_remote(
    remote: Remote, folder: RemotePath = ROOT, patience: Patience | None = None
) -> Target:
    """Return ``folder`` of ``remote`` as a provider; errors as in :func:`find`."""
    return find(remote, folder).open(patience)


def _key(service: str, who: str, where: str) -> str:
    known = re.sub(r"[^A-Za-z0-9._-]", "_", who)[:60]
    mark = hashlib.sha256(f"{who}\n{where}".encode()).hexdigest()[:8]
    return f"{service}-{known}-{mark}"


def _credentials(remote: Remote, service: Service, visited: Options) -> Any:
    try:
        if remote.options:
            return service.options({**remote.options, **vault.recall(remote.options), **visited})
        prefix = f"{remote.service.upper()}_"
        named = {f"{prefix}{name.upper()}": value for name, value in visited.items()}
        return service.environment({**remote.environment, **named})
    except MissingCredentials as error:
        target = (
            remote.service if remote.name == remote.service else f"{remote.service}:{remote.name}"
        )
        how = f"Sign in with: mirrorfs login {target}. " if service.login else ""
        raise MissingCredentials(f"{remote.name}: {error.message}", how + service.hint) from None


def _identity_of_cloudinary(account: cloudinary.Credentials, _: str) -> tuple[str, str]:
    where = "" if account.upload_prefix == cloudinary.API else account.upload_prefix
    return account.cloud_name, where


def _open_cloudinary(
    account: cloudinary.Credentials, clock: Clock, patience: Patience, folder: RemotePath
) -> Target:
    from mirrorfs.providers.cloudinary import open as open_account
    from mirrorfs.settings import recent_dir

    name = _key("cloudinary", *_identity_of_cloudinary(account, ""))
    return open_account(account, clock, patience, folder, recent_dir() / f"{name}.jsonl")


def _identity_of_smugmug(account: smugmug.Credentials, name: str) -> tuple[str, str]:
    """A visitor sees another tree than the owner; a token belongs to one account for ever."""
    where = "" if account.url == smugmug.API else account.url
    token = hashlib.sha256(account.token.encode()).hexdigest()[:16] if account.is_signed else ""
    if account.nickname:
        return f"@{account.nickname}", f"{where}\n{token}"
    return (name, where) if name else ("own", f"{where}\n{token}")


def _open_smugmug(*opened: Any) -> Target:
    from mirrorfs.providers.smugmug import open as open_account

    return open_account(*opened)


class _SmugMugAttempt:
    """SmugMug API, tutorial/authorization: a request token lives five minutes."""

    def __init__(self, application: Options, wishes: Options) -> None:
        from mirrorfs.net.oauth import Application, Walk

        known = smugmug.Credentials(
            application["api_key"],
            application["api_secret"],
            url=application.get("url", smugmug.API).rstrip("/"),
        )
        paths = ("getRequestToken", "authorize", "getAccessToken")
        asks = Application(
            "SmugMug", known.oauth_url, paths, known.api_key, known.api_secret, lifetime=300.0
        )
        wish = {"Access": wishes["access"], "Permissions": wishes["permissions"]}
        self._walk = Walk(asks, wish, SystemClock())
        self.url = self._walk.url

    def finish(self, code: str) -> Options:
        token, secret = self._walk.finish(code)
        return {"token": token, "token_secret": secret}


_SMUGMUG_LOGIN = Login(
    _SmugMugAttempt,
    MappingProxyType(
        {"access": ("Full", "Public"), "permissions": ("Modify", "Add", "Read")},
    ),
    ("token", "token_secret"),
    re.compile(r"\d{6}"),
    "six-digit code",
    "Full access shows private galleries, too. Modify lets files be replaced and removed when "
    "you ask for it; for mounts alone, --permissions Read is enough.",
    "SmugMug, Account Settings > Privacy > Authorized Services",
)

SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "cloudinary": Service(
            cloudinary.from_options,
            cloudinary.from_environment,
            _identity_of_cloudinary,
            _open_cloudinary,
            "Set CLOUDINARY_URL (the console shows it under API Keys) in the environment or in "
            ".env, or run: mirrorfs config set NAME",
            ("cloud_name", "api_key", "api_secret"),
        ),
        "smugmug": Service(
            smugmug.from_options,
            smugmug.from_environment,
            _identity_of_smugmug,
            _open_smugmug,
            "A key comes from https://api.smugmug.com/api/developer/apply. It alone opens what an "
            "account shows to everybody: smugmug:@NICKNAME",
            ("api_key", "api_secret"),
            visits=True,
            login=_SMUGMUG_LOGIN,
        ),
    }
)
"""Service → what is to be known of it."""
