"""The numbers that limits are about: how many submits in an hour, and how much in a day, of a store and of an agent.

Each is an item of the operations' table. An operation adds to them in the transaction that makes it SENT, on the
condition that none passes its limit, so a burst can't pass either. What was refused before was never counted; what
turned out to have given nothing away is subtracted when its operation ends.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from boto3.dynamodb.conditions import Attr

from .. import actions, tables
from ..errors import Refused
from ..limits import Limits
from ..worth import Worth
from .model import Agent, Subject

#: How much longer than its hour or day a number is kept.
_KEPT = timedelta(days=1)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Count(NamedTuple):
    """One number, what an operation adds to it, and what it may be at most.

    `key`: of its item, which DynamoDB forgets at `expires_at`. `unit`: a currency; "" for a number of submits. `ends`:
    when the hour or the day ends (ISO 8601, UTC). `whose`: "your store" or "you".
    """

    key: str
    add: Decimal
    most: Decimal
    unit: str
    whose: str
    ends: datetime
    span: timedelta

    @property
    def expires_at(self) -> int:
        """When the item may go, as DynamoDB's time to live wants it."""
        return int((self.ends + _KEPT).timestamp())

    def passed(self, action: str) -> Refused:
        """What the agent is told if the limit would be passed."""
        title, period = actions.of(action).title, "hour" if self.span == _HOUR else "day"
        most = str(Worth(self.most, self.unit)) if self.unit else f"{self.most} submits"
        again = f"{self.ends:%H:%M} UTC" if self.span == _HOUR else "midnight UTC"
        return Refused(
            f"“{title}” has reached this {period}'s limit for {self.whose}: {most}.",
            f"Nothing was changed. Try again after {again}, or ask an admin of your store to do it in Shopify, or to "
            "raise the limit.",
            code=f"above_{period}s_limit",
        )


def of(limits: Limits, subject: Subject, agent: Agent, worth: Worth, moment: datetime) -> tuple[Count, ...]:
    """What a submit counts in, at this moment (UTC); nothing without limits, or if it gives nothing away."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    store, person = f"counted/{subject.store}/{subject.action}", ""
    if agent.vouched:
        # A hash, since an id may be an email address.
        person = f"{store}/agent-{hashlib.sha256(agent.vouched.encode()).hexdigest()[:32]}"
    one, amount, whole = Decimal(1), worth.amount, worth.unit
    listed = [
        (limits.per_hour, store, one, "", "your store", hour, _HOUR),
        (limits.per_hour_per_agent, person, one, "", "you", hour, _HOUR),
        (limits.per_day, store, amount, whole, "your store", day, _DAY),
        (limits.per_day_per_agent, person, amount, whole, "you", day, _DAY),
    ]
    return tuple(
        Count(_key(key, unit, start, span), add, most, unit, whose, start + span, span)
        for most, key, add, unit, whose, start, span in listed
        if most is not None and key and worth
    )


def added(counts: Iterable[Count]) -> list[dict[str, Any]]:
    """The writes that count, each on the condition that its limit is not passed."""
    return [
        tables.update(
            count.key,
            put={"expires_at": count.expires_at},
            add={"counted": count.add},
            when=Attr("counted").not_exists() | Attr("counted").lte(count.most - count.add),
        )
        for count in counts
    ]


def require_room(counts: Iterable[Count], action: str) -> None:
    """Raise Refused if a submit alone would pass a limit, which no condition of `added` says."""
    for count in counts:
        if count.add > count.most:
            raise count.passed(action)


def stored(counts: Iterable[Count]) -> str | None:
    """What the operation keeps of it, so that it can be subtracted; None if nothing is counted."""
    listed = [{"key": count.key, "add": str(count.add), "expires_at": count.expires_at} for count in counts]
    return json.dumps(listed) if listed else None


def subtracted(kept: str | None) -> list[dict[str, Any]]:
    """The writes that take back what `stored` kept. An item that is gone begins below zero, and nobody reads it."""
    return [
        tables.update(
            one["key"],
            put={"expires_at": one["expires_at"]},
            add={"counted": -Decimal(one["add"])},
            when=None,
        )
        for one in json.loads(kept or "[]")
    ]


def _key(of: str, unit: str, start: datetime, span: timedelta) -> str:
    return f"{of}/{start:%Y-%m-%dT%H}/{unit or 'submits'}" if span == _HOUR else f"{of}/{start:%Y-%m-%d}/{unit}"
