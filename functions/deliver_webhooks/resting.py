"""Which receivers this process leaves alone for a while, so that it has time for the others.

A receiver that does not answer, or answers with an error of its own, is asked again after a pause that grows; one that
is slow gets a quarter of the process's time. Each process knows only what it has seen itself: that is enough, and needs
no call.
"""

import threading
import time
from typing import NamedTuple

#: Pauses after the first failure in a row, the second, …, in seconds.
_PAUSES = (5.0, 15.0, 60.0, 300.0)
#: An answer that took longer is slow, and its receiver rests this many times as long.
_SLOW_SECONDS, _TIMES = 1.0, 3.0


class _Rest(NamedTuple):
    until: float
    failures: int


_rests: dict[str, _Rest] = {}
_lock = threading.Lock()


def seconds(store: str) -> int:
    """For how many seconds the store's receiver is left alone from now on; 0 if it may be asked."""
    with _lock:
        left = _rests.get(store, _Rest(0.0, 0)).until - time.monotonic()
    return int(left) + 1 if left > 0 else 0


def note(store: str, took: float, *, reached: bool, asked: int = 0) -> None:
    """Note a request to the store's receiver. `took`: seconds. `reached`: whatever it said, it is at work. `asked`: the
    seconds for which it wants to be left alone."""
    with _lock:
        failures = 0 if reached else _rests.get(store, _Rest(0.0, 0)).failures + 1
        pause = _PAUSES[min(failures, len(_PAUSES)) - 1] if failures else 0.0
        slow = took * _TIMES if took > _SLOW_SECONDS else 0.0
        pause = max(pause, slow, float(min(asked, 300)))
        if pause:
            _rests[store] = _Rest(time.monotonic() + pause, failures)
        else:
            _rests.pop(store, None)


def forget() -> None:
    """Forget all of it."""
    with _lock:
        _rests.clear()
