"""One tree of errors: what went wrong, in the words of the person who asked.

Nothing above ``net`` and the providers' ``api`` modules sees a status code. Only
:class:`Transient` errors may be retried.
"""

from __future__ import annotations


class MirrorError(Exception):
    """Anything this project raises on purpose.

    ``message`` names the cause; ``hint``, when there is one, names the next step.
    Neither MUST ever hold a secret.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Misuse(MirrorError):
    """The arguments or the settings are wrong; found before anything was done."""


class MissingCredentials(Misuse):
    """A credential that is needed is not set anywhere; the message names it."""


class Denied(MirrorError):
    """The service refused the credentials, or this account may not do that."""


class WrongCode(Denied):
    """The code that the user typed is not the one that the service showed."""


class Expired(Denied):
    """What was begun is not good any more; begin anew."""


class NotFound(MirrorError):
    """There is nothing at that path, or no longer."""


class NoFile(NotFound):
    """Something is at that path, or above it, that is neither a file nor a folder."""


class AlreadyExists(MirrorError):
    """Something is there already and nobody said it may be replaced."""


class NotEmpty(MirrorError):
    """The folder still holds something."""


class Changed(MirrorError):
    """The file is not at the revision that was asked for; look again, then decide."""


class Corrupt(MirrorError):
    """The bytes are not those that the service's checksum or size promises."""


class Unsupported(MirrorError):
    """This provider cannot hold or do that; the message says what and why."""


class NoRoom(MirrorError):
    """The disk is full."""


class BadAnswer(MirrorError):
    """The service answered with something that its protocol does not allow.

    A listing that raises this MUST be thrown away whole: it proves nothing.
    """


class MountFailed(MirrorError):
    """The kernel or the mountpoint would not have it."""


class CacheBusy(MirrorError):
    """Another process owns this cache folder."""


class Transient(MirrorError):
    """It may work later, unchanged."""


class Unavailable(Transient):
    """The service, or the way to it, is down."""


class RateLimited(Transient):
    """The quota is used up until ``retry_at`` (seconds since the epoch, UTC)."""

    def __init__(self, message: str, retry_at: float) -> None:
        super().__init__(message)
        self.retry_at = retry_at
