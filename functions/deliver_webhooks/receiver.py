"""One request to a receiver: only to a public address, over TLS, within a few seconds, and without reading its answer.

A name is looked up once, each of its addresses is checked, and the connection goes to an address that was checked: a
name that points elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed, and proxies of
the environment are not used.
"""

import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple

import certifi

from .webhook import Webhook

#: For the connection and its answer together, name look-up included.
SECONDS = 10.0
_CONNECT_SECONDS = 3.0
#: How many of a host's addresses are tried.
_ADDRESSES = 3
_RETRY_AFTER = re.compile(r"[0-9]{1,6}\Z")

#: The IPv6 addresses that IANA gives to the internet, without two networks: one of 6to4 stands for an IPv4 address,
#: which may be a private one; the other is for documentation, which Python's list does not know yet.
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_BUT_NOT = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("3fff::/20"))


class NotReached(Exception):
    """The receiver gave no answer. `why`: `timeout`, `not_public`, `no_address`, `tls`, `no_connection`, `not_http`, or
    `no_answer` if something else is the cause."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Answer(NamedTuple):
    """The receiver's status, and the seconds for which it wants to be left alone; 0 if it does not say."""

    status: int
    retry_after: int


def is_public(address: str) -> bool:
    """True if an IP address is one of the public internet: not private, loopback, link-local (such as that of a cloud's
    metadata), shared (CGNAT), multicast, reserved, or one that stands for another."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, ipaddress.IPv6Address) and (
        known not in _GLOBAL_IPV6 or any(known in network for network in _BUT_NOT)
    ):
        return False
    return known.is_global and not known.is_multicast and not known.is_reserved


def send(webhook: Webhook, headers: Mapping[str, str], body: bytes, seconds: float = SECONDS) -> Answer:
    """POST `body` to the receiver. Raises NotReached.

    A thread of its own makes the request, since neither a name look-up nor an answer that comes byte by byte has a
    limit for the whole.
    """
    request = _Request(webhook, headers, body)
    request.start()
    request.join(seconds)
    if request.is_alive():
        request.give_up()
        raise NotReached("timeout")
    if request.failure:
        raise NotReached(request.failure)
    return request.answer


class _Request(threading.Thread):
    """A request that can be given up from outside."""

    def __init__(self, webhook: Webhook, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(daemon=True)
        self._webhook, self._headers, self._body = webhook, headers, body
        self._connection = _connection(webhook)
        if not webhook.on_this_machine:
            # What `connect` opens its socket with. TLS then checks the certificate against the host's name.
            self._connection._create_connection = self._to_checked_address  # type: ignore[attr-defined]
        self._is_given_up = False
        self.answer = Answer(0, 0)
        self.failure = "no_answer"

    def run(self) -> None:
        """Make the request."""
        try:
            self.answer, self.failure = self._made(), ""
        except NotReached as failure:
            self.failure = failure.why
        except TimeoutError:
            self.failure = "timeout"
        except ssl.SSLError:
            self.failure = "tls"
        except socket.gaierror:
            self.failure = "no_address"
        except HTTPException:
            self.failure = "not_http"
        except (OSError, ValueError):
            self.failure = "no_connection"
        finally:
            self._connection.close()

    def give_up(self) -> None:
        """End the connection. If there is none yet, none is made."""
        self._is_given_up = True
        if opened := self._connection.sock:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    def _made(self) -> Answer:
        self._connection.request("POST", self._webhook.target, self._body, dict(self._headers))
        response = self._connection.getresponse()
        waits = response.headers.get("Retry-After", "")
        return Answer(response.status, int(waits) if _RETRY_AFTER.match(waits) else 0)

    def _to_checked_address(self, place: tuple[str, int], *_: Any) -> socket.socket:
        """A connection to one of the host's addresses, all of which are public. Raises NotReached, or OSError."""
        found = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)
        if not all(is_public(str(address[0])) for *_, address in found):
            raise NotReached("not_public")
        failure: OSError = socket.gaierror("no address")
        for family, kind, protocol, _name, address in found[:_ADDRESSES]:
            if self._is_given_up:
                raise NotReached("timeout")
            opened = socket.socket(family, kind, protocol)
            try:
                opened.settimeout(_CONNECT_SECONDS)
                opened.connect(address)
                opened.settimeout(SECONDS)
            except OSError as one:
                opened.close()
                # With its traceback it would keep this call, and so the answer with its connection, until the next gc.
                failure = one.with_traceback(None)
            else:
                return opened
        raise failure


def _connection(webhook: Webhook) -> HTTPConnection:
    if webhook.on_this_machine:
        return HTTPConnection(webhook.host, webhook.port, timeout=SECONDS)
    return HTTPSConnection(webhook.host, webhook.port, timeout=SECONDS, context=_tls())


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
