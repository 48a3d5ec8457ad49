"""The deployed stack that the desk works with, and the desk's credentials for it."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_STORE = re.compile(r"(?P<before>.*)/stores/(?P<store>[a-z0-9][a-z0-9-]{0,62})\Z")
_REGION = re.compile(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com")


class WrongAddressError(Exception):
    """A value is not valid; the text says why and what to give instead."""


@dataclass(frozen=True)
class Stack:
    """A store of a deployed stack.

    `base` is the store's base address (`…/stores/main`). `key` is its signing key, `token` its bearer token; one is
    enough, and the key is preferred. `stage` and `region` say where its parameters are. `aws` is the endpoint of a
    local AWS, `shopify` and `shopify_token` are the sandbox's, `gladly…` those of the stand-in for Gladly; all of them
    are empty except in the demo.
    """

    base: str
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    stage: str = ""
    region: str = ""
    aws: str = ""
    shopify: str = ""
    shopify_token: str = field(default="", repr=False)
    gladly: str = ""
    gladly_user: str = ""
    gladly_token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _STORE.match(parts.path):
            raise WrongAddressError(
                f"{self.base or 'Nothing'} is not a store's address. "
                "Use the stack's output ApiUrl followed by /stores/ and the store's handle."
            )
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise WrongAddressError("Use https. Plain http is only allowed on this computer.")
        if not (self.key or self.token):
            raise WrongAddressError("Set KEY=… (the store's signing key) or TOKEN=… (its bearer token).")
        if not all(secret.isascii() and secret.isprintable() for secret in (self.key, self.token)):
            raise WrongAddressError("A signing key or bearer token may only contain ASCII characters.")

    @property
    def demo(self) -> bool:
        """True if a sandbox stands in for Shopify, so that it may be broken on purpose."""
        return bool(self.shopify)

    @property
    def store(self) -> str:
        """The store's handle."""
        return self.base.rpartition("/")[2]


def deployed(url: str, key: str, token: str, *, stage: str = "", region: str = "") -> Stack:
    """The stack of a store's address. Stage and region are read from an API Gateway address.

    Raises WrongAddressError.
    """
    base = url.rstrip("/")
    found = _REGION.search(urlsplit(base).netloc)
    path = _STORE.match(urlsplit(base).path)
    before = path["before"].rpartition("/")[2] if path and found else ""
    return Stack(base, key.strip(), token.strip(), stage or before, region or (found[1] if found else ""))


def demonstrated(file: Path) -> Stack:
    """The stack of a demo, from the demo's file. Raises WrongAddressError if there is none."""
    try:
        facts = json.loads(file.read_text("utf-8"))
        return Stack(
            base=facts["base_url"],
            key=facts["signing_key"],
            stage=facts["stage"],
            region=facts["region"],
            aws=facts["aws_endpoint_url"],
            shopify=facts["shopify_url"],
            shopify_token=facts["shopify_token"],
            gladly=facts["gladly_url"],
            gladly_user=facts["gladly_user"],
            gladly_token=facts["gladly_token"],
        )
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise WrongAddressError(f"{file} does not belong to a running demo ({type(failure).__name__}).") from None
