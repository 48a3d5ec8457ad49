"""The reconcilers of both designs, in the simulation: one process a minute, and a queue of shards with workers."""

from collections import deque
from collections.abc import Collection, Generator
from typing import NamedTuple

from orderdesk.operations import Due
from orderdesk.shopify import SUBMITS_NEED
from reconcile_operations import turns
from reconcile_operations.action import _SECONDS_EACH, _SECONDS_OF_SILENCE

from .deployment import (
    DYNAMODB_SECONDS,
    SHOPIFY_SECONDS,
    Open,
    Simulated,
    Try,
)
from .machine import Process
from .quotas import QUEUE_BEGINS, QUEUE_GROWS
from .stores import Store

#: A look, which ends with what was found.
Looking = Generator[float, None, str]

MINUTE = 60.0
#: After so many stores in a row that do not answer, the next ones get less time (`turns.Silence.everywhere`).
_IN_A_ROW = 3


class Reconciler:
    """What both have in common: a look at an operation."""

    def __init__(self, it: Simulated) -> None:
        self.it = it
        self.looks = self.twice = 0
        #: Stores that do not answer, whatever happens.
        self.silent_stores: set[str] = set()

    def look(self, operation: Open, seconds: float = _SECONDS_EACH) -> Looking:
        """Ask Shopify what became of an operation, and write it. Ends with what was found: `ended`, `busy`, `silent`,
        `refused`, `unwritten`."""
        it, store = self.it, operation.store
        self.looks += 1
        if operation.sent:
            if it.down[0] <= it.clock.now < it.down[1] or store.name in self.silent_stores:
                yield seconds
                return "silent"
            if store.token_revoked:
                yield SHOPIFY_SECONDS
                return "refused"
            deadline = it.clock.now + seconds
            for step in it.design.jobs[f"{operation.action}: look"]:
                if "shopify" not in step:
                    continue
                if not (yield from it._shopify(store, step["shopify"], deadline, leaves=SUBMITS_NEED)):
                    return "busy"
        [write] = [
            step["writes"]
            for step in it.design.jobs[f"{operation.action}: look"]
            if "TimelineTable" in step.get("writes", {})
        ]
        if not (yield from it._write(write, it._keys(operation))):
            return "unwritten"
        if operation.number not in it.open:
            # Another process has ended it meanwhile; the condition of the write refuses a second end.
            self.twice += 1
            return "ended"
        it.end(operation, "reconciled")
        return "ended"

    def later(self, operation: Open, wait: float) -> Process:
        """Let it wait for another look: its key in the index changes."""
        it = self.it
        yield from it._write({it.design.index: 2, "OperationsTable": 1}, it._keys(operation), transaction=False)
        operation.check_at = it.clock.now + wait


class OneProcess(Reconciler):
    """Before: each minute one process takes up to 500, the longest waiting first, one after the other."""

    def run(self) -> Process:
        """All its runs."""
        while True:
            began = self.it.clock.now
            yield from self._once(began + self.it.design.seconds)
            yield began + MINUTE - self.it.clock.now

    def _once(self, until: float) -> Process:
        it = self.it
        due = sorted((one for one in it.open.values() if one.check_at <= it.clock.now), key=lambda one: one.check_at)
        yield DYNAMODB_SECONDS * 4
        silent: set[Store] = set()
        for operation in due[: it.design.at_most]:
            if it.clock.now >= until:
                return
            if operation.number not in it.open:
                continue
            found = "silent"
            if operation.store not in silent:
                found = yield from self.look(operation)
            if found != "ended":
                silent |= {operation.store} if found in ("silent", "busy", "refused") else set()
                age = it.clock.now - operation.since
                yield from self.later(operation, min(max(MINUTE, age), 5 * MINUTE))


class Run(NamedTuple):
    """A message: a shard, and when the first of the runs that it goes on from began."""

    shard: str
    began: float


class Workers(Reconciler):
    """After: each minute the shards with something due are queued, the fullest first; workers take one each, every
    store in its turn, and queue again what they have no time for."""

    def __init__(self, it: Simulated) -> None:
        super().__init__(it)
        self.queue: deque[Run] = deque()
        self.at_work = 0
        self.leased: dict[str, float] = {}
        self.remembered: dict[str, dict[str, float]] = {}
        self.most_at_work = self.messages = 0
        self._active_since = 0.0
        self._growing = False

    def run(self) -> Process:
        """The dispatcher, each minute."""
        while True:
            began = self.it.clock.now
            found: dict[str, int] = {}
            for one in self.it.open.values():
                if one.check_at <= began:
                    found[one.shard] = found.get(one.shard, 0) + 1
            yield 0.2 + DYNAMODB_SECONDS * len(self.it.open) / 5000
            for shard in sorted(found, key=lambda name: -found[name]):
                self._queue(Run(shard, 0.0))
            yield began + MINUTE - self.it.clock.now

    def _queue(self, run: Run) -> None:
        # A standard queue may deliver a message twice.
        for _ in range(2 if self.it.random.random() < 0.01 else 1):
            self.messages += 1
            self.queue.append(run)
        self._take()

    def _take(self) -> None:
        """Let workers take messages, as many at once as the queue's readers have grown to."""
        now = self.it.clock.now
        if not self.queue:
            return
        if not self.at_work:
            self._active_since = now
        grown = QUEUE_BEGINS.value + QUEUE_GROWS.value * (now - self._active_since) / MINUTE
        while self.queue and self.at_work < min(self.it.design.workers, grown):
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
            self.it.clock.start(self._work(self.queue.popleft()))
        if self.queue and self.at_work < self.it.design.workers and not self._growing:
            self._growing = True
            self.it.clock.start(self._grow())

    def _grow(self) -> Process:
        yield MINUTE / QUEUE_GROWS.value
        self._growing = False
        self._take()

    def _work(self, run: Run) -> Process:
        it, now = self.it, self.it.clock.now
        yield DYNAMODB_SECONDS
        if self.leased.get(run.shard, 0.0) <= now:
            self.leased[run.shard] = now + it.design.seconds + 12
            complete = yield from self._shard(run)
            self.leased[run.shard] = 0.0
            yield DYNAMODB_SECONDS
            if not complete:
                self._queue(Run(run.shard, run.began or now))
        self.at_work -= 1
        self._take()

    def _shard(self, run: Run) -> Try:
        """Look at all that is due in a shard; True if there was time enough."""
        it, now = self.it, self.it.clock.now
        silence = _Silence(it, self.remembered.setdefault(run.shard, {}), run.began or now)
        until, looked = now + it.design.seconds, 0
        due = sorted(
            (one for one in it.shards.get(run.shard, {}).values() if one.check_at <= now),
            key=lambda one: one.check_at,
        )
        yield DYNAMODB_SECONDS * (1 + len(due) / 5000)
        waiting, again = in_turns(due, silence.asked), False
        while waiting:
            aside: list[Open] = []
            for one in waiting:
                if silence.sets_aside(one, again=again):
                    aside.append(one)
                elif not silence.skips(one):
                    if it.clock.now >= until:
                        return not looked
                    looked += 1
                    yield from self._look_at(one, silence)
            if aside and len(aside) == len(waiting):
                if until - it.clock.now < turns.BUSY_SECONDS:
                    return False
                yield turns.BUSY_SECONDS
            waiting, again = aside, True
        return True

    def _look_at(self, one: Open, silence: "_Silence") -> Process:
        """Look at an operation, unless it has ended since it was listed, and let it wait if it has no end."""
        it, name = self.it, one.store.name
        yield DYNAMODB_SECONDS
        if one.number not in it.open:
            return
        if (name, one.action) in silence.refused:
            yield from self.later(one, self._wait(one))
            return
        started = it.clock.now
        found = yield from self.look(one, silence.patience)
        silence.note(one, found, it.clock.now - started)
        if found in ("silent", "busy"):
            yield from self.later(one, it.design.check_after_silence)
        elif found == "refused":
            yield from self.later(one, self._wait(one))

    def _wait(self, operation: Open) -> float:
        return min(max(MINUTE, self.it.clock.now - operation.since), 5 * MINUTE)


class _Silence:
    """Which stores do not answer, as `turns.Silence` has it, by the simulated clock. `asked`: when those that did not
    answer were asked last; the shard's lease remembers it. `began`: when this run did, or the first of those that it
    goes on from. `refused`: the stores and actions that the app may not see."""

    def __init__(self, it: Simulated, asked: dict[str, float], began: float) -> None:
        self._it, self.asked, self._began = it, asked, began
        self._busy: dict[str, float] = {}
        self.refused: set[tuple[str, str]] = set()
        self._lost, self._in_a_row = 0.0, 0

    @property
    def patience(self) -> float:
        """How long Shopify may take over the next operation."""
        return _SECONDS_OF_SILENCE if self._in_a_row >= _IN_A_ROW else _SECONDS_EACH

    def sets_aside(self, one: Open, *, again: bool) -> bool:
        """Whether others come first."""
        name = one.store.name
        is_suspect = name in self.asked and self._lost > turns._LOST_AT_MOST
        return (is_suspect and not again) or self._busy.get(name, 0.0) > self._it.clock.now

    def skips(self, one: Open) -> bool:
        """Whether it is left for the next minute."""
        asked = self.asked.get(one.store.name, -MINUTE)
        return asked >= self._began or asked > self._it.clock.now - turns.ASK_AGAIN_SECONDS

    def note(self, one: Open, found: str, seconds: float) -> None:
        """Note what a look has found, after so many seconds."""
        name, now = one.store.name, self._it.clock.now
        if found == "silent":
            self._lost, self._in_a_row, self.asked[name] = self._lost + seconds, self._in_a_row + 1, now
            return
        self._in_a_row = 0
        self.asked.pop(name, None)
        if found == "busy":
            self._busy[name] = now + turns.BUSY_SECONDS
        elif found == "refused":
            self.refused.add((name, one.action))


def in_turns(due: list[Open], last: Collection[str]) -> list[Open]:
    """The operations in the order of their turns, by the code's own rule."""
    by_number = {str(one.number): one for one in due}
    listed = [Due(number, one.store.name, "") for number, one in by_number.items()]
    return [by_number[one.operation] for one in turns.in_turns(listed, last)]
