"""`requests` as Orderdesk uses it: sessions that go by what they are told alone, and bodies read within a deadline."""

from http.cookiejar import DefaultCookiePolicy

import requests

from .deadline import Deadline


def plain() -> requests.Session:
    """A session that keeps no cookies, and does not read proxies or passwords of the environment. Mount another
    transport on it with `requests`' own `mount`."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def body(response: requests.Response, deadline: Deadline, at_most: int, *, cut: bool = False) -> bytes:
    """The whole body of a streamed response within the deadline: `requests`' own timeout starts again with each piece.

    Raises ReadTimeout if it is not complete in time, or longer than `at_most` bytes; with `cut`, the rest of what is
    longer is left unread.
    """
    content = b""
    with response:
        for piece in response.iter_content(65536):
            content += piece
            if cut and len(content) > at_most:
                break
            if not deadline.left() or len(content) > at_most:
                raise requests.exceptions.ReadTimeout("the answer was not complete in time")
            socket = getattr(getattr(response.raw, "connection", None), "sock", None)
            if socket:
                socket.settimeout(max(deadline.left(), 0.01))
    return content
