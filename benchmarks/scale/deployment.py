"""A simulated deployment: what an agent asks of it becomes the steps that the real code was measured to make."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple
from zlib import crc32

from orderdesk.shopify import SUBMITS_NEED

from .designs import Design, Step
from .machine import Bucket, Clock, DynamoDB, Functions, Process
from .quotas import GATEWAY, GATEWAY_BURST, LAMBDA, LAMBDA_SCALING, NEW_TABLE_WRITES, PARTITION_WRITES, SSM
from .stores import LOOKUPS, Store, Stores

#: A part of a process that ends with whether it got what it asked for.
Try = Generator[float, None, bool]

#: Seconds that a call takes. Shopify's is the benchmarks' latency; those within a region are AWS's single-digit
#: milliseconds, and a transaction's and a parameter's a few more.
SHOPIFY_SECONDS, DYNAMODB_SECONDS, TRANSACTION_SECONDS, SSM_SECONDS = 0.1, 0.005, 0.012, 0.015
#: Within how many seconds of its begin a submit, and a lookup, must have Shopify's answer.
SUBMIT_SECONDS, LOOKUP_SECONDS = 12.0, 4.5
#: How long a call to a Shopify that does not answer lasts in a submit: what is left of its time.
_LOST_SECONDS = 11.0
#: Why a submit was refused, by the step that could not be made.
_REFUSED = {"ssm": "refused: parameters", "shopify": "refused: Shopify", "dynamodb": "refused: DynamoDB"}
#: So long after its claim an operation is looked at, if it has no end by then.
_UNTIL_CHECKED = 61.0


class Sizes(NamedTuple):
    """What the deployment's account and template allow: the stage's requests a second and their burst, calls to SSM,
    invocations at once, and write units a second of each table and index."""

    requests: float = GATEWAY.value
    burst: float = GATEWAY_BURST.value
    ssm: float = SSM.value
    at_once: float = LAMBDA.value
    writes: float = NEW_TABLE_WRITES.value


@dataclass(slots=True)
class Open:
    """An operation without an end. `sent`: it may have been carried out, so Shopify is asked; else it was never sent.
    `check_at`: when it is looked at next. `shard`: the key of the index."""

    number: int
    store: Store
    action: str
    sent: bool
    since: float
    check_at: float
    shard: str


class Simulated:
    """One run: a design, its sizes, its stores and a seed."""

    def __init__(self, design: Design, sizes: Sizes, stores: Stores, seed: int) -> None:
        self.design, self.sizes, self.stores, self.random = design, sizes, stores, Random(seed)
        self.clock = Clock()
        partitions = max(1, round(sizes.writes / PARTITION_WRITES.value))
        self.dynamodb = DynamoDB(partitions, self.random)
        self.ssm = Bucket(sizes.ssm)
        self.stage = Bucket(sizes.requests, sizes.burst)
        self.functions = Functions(sizes.at_once, LAMBDA_SCALING.value)
        #: Shopify answers nothing that changes something, and from when to when it does not answer at all.
        self.down = (0.0, 0.0)
        self.open: dict[int, Open] = {}
        #: The same, by the key of the index.
        self.shards: dict[str, dict[int, Open]] = {}
        #: Seconds of functions at work, by name.
        self.seconds: Counter[str] = Counter()
        self.submits = 0
        #: How submits ended: `succeeded`, `refused: …`, `reconciled`.
        self.ends: Counter[str] = Counter()
        self.lookups: Counter[str] = Counter()
        self.ended_at: dict[int, tuple[Open, float]] = {}
        self.ssm_calls = self.ssm_throttled = 0
        self._read_at: dict[tuple[str, int, str], float] = {}

    # -- an agent --------------------------------------------------------------------------------------------------
    def action(self, store: Store, action: str, *, loses: bool = False) -> Process:
        """An agent's way: two lookups, the form, its submit, and a lookup to see it. `loses`: the submit's answer is
        lost on its way."""
        for job in LOOKUPS[:-1]:
            yield from self._request("lookup", job, store)
            yield self.random.uniform(2, 20)
        ready = yield from self._request(action, f"{action}: form", store)
        if not ready:
            return
        yield self.random.uniform(5, 40)
        yield from self.submit(store, action, loses=loses)
        yield from self._request("lookup", LOOKUPS[-1], store)

    def _request(self, function: str, job: str, store: Store) -> Try:
        """A lookup or a form: True if it has what it should have. It is counted, and nothing depends on it."""
        if not self._let_in(function):
            self.lookups["refused"] += 1
            return False
        found = "answered"
        began, deadline = self.clock.now, self.clock.now + LOOKUP_SECONDS
        keeps = not self._knows(function, store)
        for step in self.design.jobs[job]:
            if "ssm" in step:
                if keeps and not (yield from self._parameters(0)):
                    found = "without parameters"
                    break
            elif "shopify" in step:
                if not (yield from self._shopify(store, step["shopify"], deadline, leaves=SUBMITS_NEED)):
                    found = "without Shopify"
                    break
            else:
                yield from self._write(step["writes"], {}, transaction=False)
        self._leave(function, began)
        self.lookups[found] += 1
        self.lookups["late"] += self.clock.now - began > LOOKUP_SECONDS + 0.5
        return found == "answered"

    def submit(self, store: Store, action: str, *, loses: bool = False) -> Process:
        """A submit: it succeeds, is refused with nothing sent, or stays open for the reconciler."""
        self.submits += 1
        number = self.submits
        if not self._let_in(action):
            self.ends["refused: API"] += 1
            return
        began = self.clock.now
        yield from self._carried_out(number, store, action, loses)
        self._leave(action, began)

    def _carried_out(self, number: int, store: Store, action: str, loses: bool) -> Process:
        deadline = self.clock.now + SUBMIT_SECONDS
        steps = self.design.jobs[f"{action}: submit"]
        written = [place for place, step in enumerate(steps) if "dynamodb" in step]
        claims, sends, ends = written[0], written[-2], written[-1]
        shard = self.shard(store, number)
        operation = Open(number, store, action, False, self.clock.now, self.clock.now + _UNTIL_CHECKED, shard)
        for place, step in enumerate(steps):
            if "shopify" in step and place > sends and (loses or self._is_down()):
                # It may have been carried out; the agent is told so, and the reconciler finds out.
                yield _LOST_SECONDS
                return
            if not (yield from self._made(step, store, shard, deadline)):
                if place <= sends or "shopify" in step:
                    yield from self._refused(operation, _REFUSED[next(iter(step))])
                return
            if place == claims:
                self.open[number] = operation
                self.shards.setdefault(shard, {})[number] = operation
            elif place == sends:
                operation.sent, operation.check_at = True, max(operation.check_at, self.clock.now + 60)
            elif place == ends:
                self.end(operation, "succeeded")

    def _made(self, step: Step, store: Store, shard: str, deadline: float) -> Try:
        """A step of a submit: whether it was made."""
        if "ssm" in step:
            return (yield from self._parameters(self.design.patience))
        if "shopify" in step:
            return (yield from self._shopify(store, step["shopify"], deadline))
        transaction = step["dynamodb"] == "TransactWriteItems"
        return (yield from self._write(step["writes"], {self.design.index: shard}, transaction=transaction))

    def _refused(self, operation: Open, why: str) -> Process:
        """Nothing was sent: the refusal is written, or the reconciler writes it."""
        if operation.number not in self.open:
            self.ends[why] += 1
            return
        if (yield from self._write({self.design.index: 1, "OperationsTable": 2}, self._keys(operation))):
            self.end(operation, why)

    def end(self, operation: Open, how: str) -> None:
        """An operation has its end. Each has one."""
        if operation.number in self.ended_at:
            raise RuntimeError("an operation has ended twice")
        del self.open[operation.number]
        del self.shards[operation.shard][operation.number]
        self.ends[how] += 1
        self.ended_at[operation.number] = operation, self.clock.now

    # -- what a step asks for --------------------------------------------------------------------------------------
    def shard(self, store: Store, number: int) -> str:
        """The key of the index for a store's operation."""
        spread = crc32(f"operation {number}".encode()) % self.design.spread
        return str((crc32(store.name.encode()) + spread) % self.design.shards)

    def _keys(self, operation: Open) -> dict[str, str]:
        return {self.design.index: operation.shard}

    def _let_in(self, function: str) -> bool:
        return self.stage.take(self.clock.now, 1) and self.functions.enter(self.clock.now, function)

    def _leave(self, function: str, began: float) -> None:
        self.functions.leave(function)
        self.seconds[function] += self.clock.now - began

    def _is_down(self) -> bool:
        return self.down[0] <= self.clock.now < self.down[1]

    def _knows(self, function: str, store: Store) -> bool:
        """Whether the process that takes the request has read the store's parameters in the last half a minute. Any of
        those that are warm may take it."""
        process = self.random.randrange(max(1, self.functions.warm[function]))
        key, now = (function, process, store.name), self.clock.now
        if now < self._read_at.get(key, 0.0):
            return True
        self._read_at[key] = now + 30 * self.random.uniform(0.7, 1)
        return False

    def _parameters(self, patience: float) -> Try:
        """A call to SSM: as often as botocore makes it, and for `patience` seconds more."""
        until, tries = self.clock.now + patience, 0
        while True:
            self.ssm_calls += 1
            yield SSM_SECONDS
            if self.ssm.take(self.clock.now, 1):
                return True
            self.ssm_throttled += 1
            tries += 1
            if tries % 3:
                yield self.random.uniform(0, tries % 3)
            elif self.clock.now >= until:
                return False
            else:
                yield self.random.uniform(0.1, 0.5)

    def _shopify(self, store: Store, points: list[int], deadline: float, leaves: int = 0) -> Try:
        """A round trip to Shopify: waits for the rate limit up to four times, as long as there is time."""
        asked, taken = points
        for _ in range(5):
            yield SHOPIFY_SECONDS * self.random.lognormvariate(0, 0.3)
            if store.token_revoked:
                return False
            if store.bucket.has(self.clock.now, asked):
                store.bucket.take(self.clock.now, taken)
                return True
            wait = max(0.1, store.bucket.after(asked + leaves))
            if self.clock.now + wait > deadline - 0.5:
                return False
            yield wait
        return False

    def _write(self, writes: dict[str, int], keys: dict[str, str], *, transaction: bool = True) -> Try:
        """A write, made again if it is throttled: as `orderdesk.tables` waits for a transaction, and botocore for a
        single write."""
        waits = (0.03, 0.06, 0.12, 0.24) if transaction else (1.0, 2.0)
        for wait in (*waits, None):
            yield TRANSACTION_SECONDS if transaction else DYNAMODB_SECONDS
            if not writes or self.dynamodb.write(self.clock.now, writes, keys):
                return True
            if wait is not None:
                yield wait * (self.random.uniform(0.5, 1.5) if transaction else self.random.random())
        return False
