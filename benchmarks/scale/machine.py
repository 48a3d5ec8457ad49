"""The simulated machine: a clock, limits as buckets, partitions of tables, and the processes of functions.

A process is a generator that yields the seconds until it goes on. Nothing here reads the real clock or an unseeded
random number, so the same seed gives the same run.
"""

import heapq
from collections import Counter
from collections.abc import Generator, Mapping
from random import Random
from zlib import crc32

from .quotas import PARTITION_WRITES

#: A process: it yields for how many seconds it waits.
Process = Generator[float, None, None]


class Clock:
    """Runs processes in the order of time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, Process]] = []
        self._started = 0

    def start(self, process: Process, at: float | None = None) -> None:
        """Start a process now, or at a time (seconds)."""
        self._started += 1
        heapq.heappush(self._waiting, (self.now if at is None else at, self._started, process))

    def run(self, until: float) -> None:
        """Run everything that happens until then."""
        while self._waiting and self._waiting[0][0] <= until:
            self.now, number, process = heapq.heappop(self._waiting)
            if (wait := next(process, None)) is not None:
                heapq.heappush(self._waiting, (self.now + wait, number, process))
        self.now = max(self.now, until)


class Bucket:
    """A limit of so many units a second, of which `size` may be used at once. It starts full."""

    __slots__ = ("level", "rate", "seen", "size", "taken")

    def __init__(self, rate: float, size: float | None = None) -> None:
        self.rate, self.size = rate, rate if size is None else size
        self.level, self.seen, self.taken = self.size, 0.0, 0.0

    def has(self, now: float, units: float) -> bool:
        """Whether so many units are there. What is larger than the bucket needs a full one."""
        self.level = min(self.size, self.level + (now - self.seen) * self.rate)
        self.seen = now
        return self.level + 1e-9 >= min(units, self.size)

    def take(self, now: float, units: float) -> bool:
        """Take units, if they are there."""
        if not self.has(now, units):
            return False
        self.level -= units
        self.taken += units
        return True

    def after(self, units: float) -> float:
        """Seconds until so many units are there."""
        return max(0.0, min(units, self.size) - self.level) / self.rate

    def give_back(self, units: float) -> None:
        """Give back units that were not used."""
        self.level = min(self.size, self.level + units)
        self.taken -= units


class Place:
    """A table or an index: partitions of 1,000 write units a second each. DynamoDB could split a hot one in time, or
    let it use what it saved; neither is counted on.

    `partitions`: how many. `keys`: how many values its key has at most; None if there is a new one for each item.
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = [Bucket(PARTITION_WRITES.value) for _ in range(partitions)]

    def of(self, key: str) -> Bucket:
        """The partition of a key's value."""
        return self.partitions[crc32(key.encode()) % len(self.partitions)]


class DynamoDB:
    """Tables and indexes by name (`OperationsTable/open_by_shard`). A write needs units in the table's partition and in
    those of each index that it changes: an index that has none throttles its table. `partitions`: how many each has."""

    def __init__(self, partitions: int, random: Random) -> None:
        self._places: dict[str, Place] = {}
        self._partitions, self._random = partitions, random
        self.throttled: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.per_second: dict[str, Counter[int]] = {}
        #: From when to when DynamoDB allows nothing.
        self.closed = (0.0, 0.0)

    def write(self, now: float, writes: Mapping[str, int], keys: Mapping[str, str]) -> bool:
        """Write, or be throttled. `keys`: the key's value by place; any other place has a new value each time."""
        if self.closed[0] <= now < self.closed[1]:
            self.throttled["everything"] += 1
            return False
        wanted = [(place, self._partition(place, keys), units) for place, units in writes.items()]
        for place, partition, units in wanted:
            if not partition.has(now, units):
                self.throttled[place] += 1
                return False
        for place, partition, units in wanted:
            partition.take(now, units)
            self.units[place] += units
            self.per_second.setdefault(place, Counter())[int(now)] += units
        return True

    def hottest(self, place: str) -> float:
        """The units that the busiest partition of a place has taken, as a share of them all."""
        taken = [partition.taken for partition in self._place(place).partitions]
        return max(taken) / (sum(taken) or 1)

    def peak(self, place: str) -> int:
        """The most units in one second."""
        return max(self.per_second.get(place, Counter({0: 0})).values())

    def _partition(self, place: str, keys: Mapping[str, str]) -> Bucket:
        key = keys.get(place)
        found = self._place(place)
        return found.of(key) if key is not None else self._random.choice(found.partitions)

    def _place(self, name: str) -> Place:
        if name not in self._places:
            self._places[name] = Place(self._partitions)
        return self._places[name]


class Functions:
    """Processes of functions: how many are at work, and how many there were at most. More than the account's quota, or
    more new ones than a function may have in ten seconds, are refused."""

    def __init__(self, quota: float, grows: float) -> None:
        self.quota = quota
        self.busy: Counter[str] = Counter()
        self.warm: Counter[str] = Counter()
        self._new: dict[str, Bucket] = {}
        self._grows = grows
        self.now_busy = self.at_once = self.refused = 0

    def enter(self, now: float, name: str) -> bool:
        """Start an invocation, if there is room."""
        if self.now_busy >= self.quota:
            self.refused += 1
            return False
        if self.busy[name] >= self.warm[name]:
            growth = self._new.setdefault(name, Bucket(self._grows / 10, self._grows))
            if not growth.take(now, 1):
                self.refused += 1
                return False
            self.warm[name] += 1
        self.busy[name] += 1
        self.now_busy += 1
        self.at_once = max(self.at_once, self.now_busy)
        return True

    def leave(self, name: str) -> None:
        """End an invocation."""
        self.busy[name] -= 1
        self.now_busy -= 1
