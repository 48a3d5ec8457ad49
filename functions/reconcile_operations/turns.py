"""Whose turn it is: of the operations that are due in a shard, one of each store, again and again."""

import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta

from orderdesk.operations import Due
from orderdesk.operations.model import iso, now

#: So long a store that did not answer is not asked again, and one whose rate limit is used up.
ASK_AGAIN_SECONDS, BUSY_SECONDS = 30.0, 2.0
#: In a run, so many seconds may be lost to stores that were silent before. After that they come last.
_LOST_AT_MOST = 6.0
#: What is due for longer is looked at even if its store does not answer: a person may be needed.
_OVERDUE = timedelta(hours=24)


def in_turns(due: Iterable[Due], last: Collection[str] = ()) -> Iterator[Due]:
    """The operations in the order of their turns: of each store the longest waiting, then the next of each. In each
    round, the stores of `last` come last."""
    by_store: dict[str, deque[Due]] = {}
    for one in due:
        by_store.setdefault(one.store, deque()).append(one)
    waiting = deque(sorted(by_store.values(), key=lambda of: of[0].store in last))
    while waiting:
        of = waiting.popleft()
        yield of.popleft()
        if of:
            waiting.append(of)


class Silence:
    """Which stores do not answer: in this run, and in the last ones, as the shard's lease remembers it.

    `remembered`: when a store was asked last and did not answer, by its handle. `began`: when this run did, or the
    first of those that it goes on from. Both as seconds since 1970.
    """

    def __init__(self, remembered: Mapping[str, float], began: float) -> None:
        self._asked = dict(remembered)
        self._began = began
        self._busy: dict[str, float] = {}
        self._lost = 0.0
        self._in_a_row = 0

    @property
    def stores(self) -> Mapping[str, float]:
        """The stores that did not answer when they were asked last, as the lease remembers them."""
        return self._asked

    @property
    def everywhere(self) -> bool:
        """Whether the last few stores that were asked were all silent: then the cause is not theirs."""
        return self._in_a_row >= 3

    def skips(self, one: Due) -> bool:
        """Whether an operation is left for the next minute, since its store does not answer."""
        asked = self._asked.get(one.store, 0.0)
        is_silent = asked >= self._began or asked > time.time() - ASK_AGAIN_SECONDS
        # As texts, since a record may have anything for a time.
        return is_silent and one.since > iso(now() - _OVERDUE)

    def sets_aside(self, one: Due, *, again: bool) -> bool:
        """Whether others come first: the store's rate limit is used up, or it was silent before and enough time was
        lost so. `again`: the others have had their turn."""
        is_suspect = one.store in self._asked and self._lost > _LOST_AT_MOST
        return (is_suspect and not again) or self._busy.get(one.store, 0.0) > time.time()

    def lost(self, store: str, seconds: float) -> None:
        """A store did not answer, which took this long."""
        self._lost += seconds
        self._in_a_row += 1
        self._asked[store] = time.time()

    def answered(self, store: str) -> None:
        """A store has answered."""
        self._in_a_row = 0
        self._asked.pop(store, None)

    def busy(self, store: str) -> None:
        """A store has answered that its rate limit is used up."""
        self.answered(store)
        self._busy[store] = time.time() + BUSY_SECONDS
