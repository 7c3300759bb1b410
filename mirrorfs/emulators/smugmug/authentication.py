"""Who a request comes from.

Three ways (SmugMug API, tutorial/authorization): signed with OAuth 1.0a, in the Authorization
header or in the query; an ``APIKey`` in the query, which shows public data only; and nothing at
all, which the service answers for people who look at the API in a browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mirrorfs.emulators.smugmug.calls import Viewer
from mirrorfs.emulators.smugmug.errors import oauth_problem
from mirrorfs.emulators.smugmug.signatures import Pairs, Signed, check_signature, read_header

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.access import Grants
    from mirrorfs.emulators.smugmug.keys import Consumer
    from mirrorfs.emulators.smugmug.moments import Clock

_NEEDED = ("oauth_consumer_key", "oauth_nonce", "oauth_signature_method", "oauth_timestamp")
_TOLERANCE = 300.0

Place = Literal["anywhere", "header"]


@dataclass(frozen=True)
class Sent:
    """What of a request is signed; ``pairs`` are those of the query and of a form body."""

    method: str
    url: str
    pairs: Pairs
    authorization: str = ""


@dataclass(frozen=True)
class Proof:
    """A request whose consumer is known; ``check`` tells whether its signature is right."""

    consumer: Consumer
    fields: Mapping[str, str]
    signed: Signed

    def check(self, token_secret: str = "") -> None:
        """Refuse with 401 a wrong signature."""
        sent, method = self.fields.get("oauth_signature", ""), self.fields["oauth_signature_method"]
        check_signature(self.signed, sent, method, (self.consumer.secret, token_secret))


class Authentication:
    """Checks requests against the grants; a nonce is good once, a timestamp five minutes."""

    def __init__(self, access: Grants, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._nonces: dict[tuple[str, str, str, str], float] = {}

    def admit(self, sent: Sent, place: Place = "anywhere") -> Viewer | None:
        """Tell who sends a request, None for nobody known; 401 for a wrong or missing proof.

        The uploader takes the proof in the header alone (SmugMug API, reference/upload).
        """
        header = read_header(sent.authorization)
        in_query = any(name == "oauth_consumer_key" for name, _ in sent.pairs)
        if header or (in_query and place == "anywhere"):
            return self._admit_signed(sent)
        key = next((value for name, value in sent.pairs if name == "APIKey"), "")
        if key and place == "anywhere":
            return Viewer(self._access.consumer(key).key)
        if place == "header":
            raise oauth_problem("parameter_absent", oauth_parameters_absent="oauth_token")
        return None

    def read(self, sent: Sent) -> Proof:
        """Understand the OAuth parameters of a request; 401 for one that is stale or repeated."""
        header = read_header(sent.authorization)
        pairs = [*sent.pairs, *header]
        fields = dict(header or [pair for pair in sent.pairs if pair[0].startswith("oauth_")])
        missing = [name for name in (*_NEEDED, "oauth_signature") if not fields.get(name)]
        if missing and fields.get("oauth_signature_method") == "PLAINTEXT":
            missing = [name for name in missing if name not in {"oauth_nonce", "oauth_timestamp"}]
        if missing:
            raise oauth_problem("parameter_absent", oauth_parameters_absent="&".join(missing))
        consumer = self._access.consumer(fields["oauth_consumer_key"])
        signed = [pair for pair in pairs if pair[0] != "oauth_signature"]
        return Proof(consumer, fields, Signed(sent.method, sent.url, signed))

    def use(self, proof: Proof) -> None:
        """Take a proof that was found right; 401 when it was used before or is not of now."""
        fields, now = proof.fields, self._clock()
        if "oauth_timestamp" not in fields:
            return
        stamp = fields["oauth_timestamp"]
        if not stamp.isdigit() or abs(now - int(stamp)) > _TOLERANCE:
            near = f"{int(now - _TOLERANCE)}-{int(now + _TOLERANCE)}"
            raise oauth_problem("timestamp_refused", oauth_acceptable_timestamps=near)
        nonce = (proof.consumer.key, fields.get("oauth_token", ""), stamp, fields["oauth_nonce"])
        if nonce in self._nonces:
            raise oauth_problem("nonce_used")
        self._nonces[nonce] = now
        while next(iter(self._nonces.values())) < now - 2 * _TOLERANCE:
            self._nonces.pop(next(iter(self._nonces)))

    def _admit_signed(self, sent: Sent) -> Viewer:
        proof = self.read(sent)
        if not proof.fields.get("oauth_token"):
            proof.check()
            self.use(proof)
            return Viewer(proof.consumer.key)
        token = self._access.token(proof.fields["oauth_token"])
        if token.consumer != proof.consumer.key:
            raise oauth_problem("token_rejected")
        proof.check(token.secret)
        self.use(proof)
        return Viewer(proof.consumer.key, token)
