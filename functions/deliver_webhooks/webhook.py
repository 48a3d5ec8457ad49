"""A store's webhook: where its events go, and how they are signed, by Standard Webhooks (standardwebhooks.com).

The signature is `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. While one secret
replaces the other, each signs, and a receiver accepts any of the signatures.
"""

import base64
import binascii
import hashlib
import hmac
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from orderdesk import config

URL, SECRET = "helpdesk/webhook_url", "helpdesk/webhook_secret"
#: The first is one that each store has, so that a store without a webhook is known as well.
PARAMETERS = ("shopify/domain", URL, SECRET)

URL_CHARACTERS = 2048
#: The length of a secret in bytes, by the specification.
SECRET_BYTES = range(24, 65)
_PREFIX = "whsec_"
_PRINTABLE = re.compile(r"[!-~]+\Z")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z")
#: In the stage `local`, a receiver on the function's own machine, for the demo and the tests.
_ON_THIS_MACHINE = ("127.0.0.1", "host.docker.internal")


class Unusable(Exception):
    """The store's webhook can't be called: a parameter is missing, or wrong. The text says which and why."""


class Webhook(NamedTuple):
    """Where a store's events go. `target`: path and query. `secrets` never appear in its `repr`."""

    host: str
    port: int
    target: str
    secrets: tuple[bytes, ...]
    on_this_machine: bool = False

    def __repr__(self) -> str:
        return f"Webhook(host={self.host!r}, port={self.port})"

    def headers(self, event: str, moment: int, body: bytes) -> dict[str, str]:
        """The headers of a delivery. `event`: its id. `moment`: of this attempt, in seconds since 1970."""
        signed = f"{event}.{moment}.".encode() + body
        return {
            "Content-Type": "application/json",
            "User-Agent": "Orderdesk",
            "webhook-id": event,
            "webhook-timestamp": str(moment),
            "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in self.secrets),
        }


def _signature(secret: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def of_store(known: config.Settings) -> Webhook | None:
    """The store's webhook; None if it has none. Raises Unusable."""
    url = known.values.get(URL, "").strip()
    if not url:
        return None
    return of(url, known.listed(SECRET), local=known.stage == "local")


def of(url: str, secrets: tuple[str, ...], *, local: bool = False) -> Webhook:
    """The webhook of an address and its secrets. Raises Unusable."""
    webhook = _addressed(url, local=local)
    keys = tuple(_key(secret) for secret in secrets)
    if not keys:
        raise Unusable(f"{SECRET} is not set, and nothing is sent unsigned")
    return webhook._replace(secrets=keys)


def _addressed(url: str, *, local: bool) -> Webhook:
    if len(url) > URL_CHARACTERS or not _PRINTABLE.match(url):
        raise Unusable(f"{URL} must have at most {URL_CHARACTERS} characters, without spaces")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise Unusable(f"{URL} is not an address") from None
    if parts.username is not None or parts.password is not None or "#" in url:
        raise Unusable(f"{URL} must not have a user, a password or a fragment")
    here = local and parts.scheme == "http" and host in _ON_THIS_MACHINE
    if parts.scheme != "https" and not here:
        raise Unusable(f"{URL} must begin with https://")
    if not (_HOST.match(host) or ":" in host):
        raise Unusable(f"{URL} must name a host")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Webhook(host, port or (80 if here else 443), target, (), here)


def _key(secret: str) -> bytes:
    """The bytes of a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`. Raises Unusable."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in SECRET_BYTES:
        raise Unusable(f"{SECRET} must be {_PREFIX} and the base64 of 24 to 64 random bytes")
    return key
