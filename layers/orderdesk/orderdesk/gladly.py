"""A store's Gladly: where late outcomes are written, and with whose key.

Gladly's REST API takes an agent's email address and an API token of that agent (HTTP Basic). A token may do anything in
the organization, so it only ever goes to a host of Gladly's own.
"""

import re
from dataclasses import dataclass, field

from .config import Settings

HOST, USER, TOKEN, INBOX = (f"helpdesk/gladly_{name}" for name in ("host", "user", "token", "inbox"))
#: The first is one that each store has, so that a store without a Gladly is known as well; links lead there.
PARAMETERS = ("shopify/domain", HOST, USER, TOKEN, INBOX)

#: An organization's host, `acme.gladly.com` or `acme.us-1.gladly.com`, and its sandbox, `acme.gladly.qa`.
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}gladly\.(?:com|qa)\Z")
#: In the stage `local`, a stand-in on the function's own machine.
_STAND_IN = re.compile(r"http://(?:127\.0\.0\.1|host\.docker\.internal):[0-9]{1,5}\Z")
#: HTTP Basic ends the user's name at the first colon.
_USER = re.compile(r"[!-9;-~]{1,254}\Z")
_TOKEN = re.compile(r"[!-~]{1,1000}\Z")
_INBOX = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}\Z")


class Unusable(Exception):
    """The store's Gladly can't be called: a parameter is missing, or wrong. The text says which and why."""


@dataclass(frozen=True)
class Account:
    """A store's Gladly. `url`: such as `https://acme.gladly.com`. `inbox`: the id of the inbox for tasks; "" if it has
    none, then nothing becomes a task. User and token stay out of its `repr`."""

    url: str
    user: str = field(repr=False)
    token: str = field(repr=False)
    inbox: str = ""


def of_store(known: Settings) -> Account | None:
    """The store's Gladly; None if none of its parameters is set, which means that nothing is written. Raises
    Unusable."""
    host, user, token, inbox = (known.values.get(name, "").strip() for name in (HOST, USER, TOKEN, INBOX))
    if not (host or user or token):
        return None
    for name, value, valid in ((USER, user, _USER), (TOKEN, token, _TOKEN)):
        if not valid.match(value):
            raise Unusable(f"{name} is not set" if not value else f"{name} is not valid")
    if inbox and not _INBOX.match(inbox):
        raise Unusable(f"{INBOX} is not the ID of an inbox")
    return Account(url_of(host, local=known.stage == "local"), user, token, inbox)


def url_of(host: str, *, local: bool = False) -> str:
    """The address of a host as an admin may write or paste it: `acme.gladly.com`, `https://acme.gladly.com/`.

    `local`: in the stage `local`, which allows a stand-in. Raises Unusable for anything but a host of Gladly's.
    """
    if local and _STAND_IN.match(host):
        return host
    # `lower()` makes an ASCII letter of some that are not ASCII.
    bare = host if not host.isascii() else host.lower().removeprefix("https://").removesuffix("/")
    if not _HOST.match(bare):
        raise Unusable(f"{HOST} is not set" if not host else f"{HOST} must end in .gladly.com or .gladly.qa")
    return f"https://{bare}"
