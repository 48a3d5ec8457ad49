"""Which Gladlys this process leaves alone for a while, so that it has time for the others.

Each process knows only what it has seen itself: that is enough, and needs no call.
"""

import time
from threading import Lock

#: For how long one rests that did not answer, and one whose requests of this second are used up, in seconds; and the
#: longest that it may ask for.
_SECONDS, _BUSY, _LONGEST = 15.0, 2.0, 60.0

_until: dict[str, float] = {}
_lock = Lock()


def rests(url: str) -> bool:
    """True if the Gladly at this address is left alone now."""
    with _lock:
        return _until.get(url, 0.0) > time.monotonic()


def let_rest(url: str, asked: int, *, busy: bool) -> None:
    """Leave it alone for a while. `asked`: for so many seconds it wants to be; 0 if it does not say. `busy`: it
    answers, but not so many requests in a second."""
    with _lock:
        _until[url] = time.monotonic() + min(max(_BUSY if busy else _SECONDS, float(asked)), _LONGEST)


def forget() -> None:
    """Forget all of it."""
    with _lock:
        _until.clear()
