"""What an operation consists of: who asked, what it is about, its states, what was answered, and how it is stored.

The states and the ways between them are data (`TRANSITIONS`); `docs/architecture.md` draws them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ..ids import CustomerId

CREATED, PENDING, WAITING, SENT = "CREATED", "PENDING", "WAITING", "SENT"
SUCCEEDED, REFUSED, FAILED, UNKNOWN = "SUCCEEDED", "REFUSED", "FAILED", "UNKNOWN"

#: How long a form may be submitted after it was opened.
FORM_AGE = timedelta(hours=24)


_ENDS = (SUCCEEDED, REFUSED, FAILED, UNKNOWN)

#: The steps of an operation's life, by the name of the function or method that takes it: each state that it may start
#: from, with the one that it leads to ("" is before there is an operation). UNKNOWN may be an end as well: a person
#: has to look then. WAITING is for a second person, who approves or declines.
TRANSITIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "create": (("", CREATED),),
    # Again, if it was never sent by a process that is gone, or if Shopify refused other values.
    "claim": ((CREATED, PENDING), (PENDING, PENDING), (REFUSED, PENDING)),
    # A second person's approval that was not carried out goes back to WAITING.
    "release": ((PENDING, CREATED), (PENDING, WAITING)),
    "wait": ((PENDING, WAITING),),
    # Again, if the process that was to carry it out is gone and sent nothing.
    "approve": ((WAITING, PENDING), (PENDING, PENDING)),
    "send": ((PENDING, SENT),),
    "mark_unknown": ((SENT, UNKNOWN),),
    "mark_under_way": ((SENT, UNKNOWN), (UNKNOWN, UNKNOWN)),
    # From WAITING: declined, or nobody approved it in time.
    "fail": ((PENDING, REFUSED), (WAITING, REFUSED), (SENT, REFUSED), (SENT, FAILED)),
    # FAILED from PENDING: the process ended before it sent anything.
    "complete": ((PENDING, FAILED), *((before, end) for before in (SENT, UNKNOWN) for end in _ENDS)),
    "leave_to_a_person": ((SENT, UNKNOWN), (UNKNOWN, UNKNOWN)),
}


@dataclass(frozen=True)
class Agent:
    """Who acts, from which conversation, as far as the helpdesk says: in a header, in the query, or at the form.

    `proved`: the helpdesk vouches for `id`: a header had it that the signature covers, or that came with the bearer
    token. A query alone proves nothing, since the agent's browser may have changed it.

    `profile`: the helpdesk's own id of the customer in front of the agent; "" if it has not said it. It says where a
    late outcome is written in the helpdesk, and nothing else: whose an order is, Shopify says.
    """

    id: str = ""
    name: str = ""
    conversation: str = ""
    proved: bool = False
    profile: str = ""

    @property
    def vouched(self) -> str:
        """The id, if the helpdesk vouches for it; "" if not."""
        return self.id if self.proved else ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Agent":
        """The agent of a stored operation: who submitted it, or who opened its form if the submit did not say."""
        return cls(
            item.get("agent_id", ""),
            item.get("agent_name", ""),
            item.get("conversation", ""),
            item.get("agent_proved", False),
            item.get("profile", ""),
        )


@dataclass(frozen=True)
class Reply:
    """What the agent is answered: an HTTP status and a JSON body."""

    status: int
    body: dict[str, Any]

    def stored(self) -> str:
        """The reply as it is stored; `Reply.of` reads it."""
        return json_of({"status": self.status, "body": self.body})

    @classmethod
    def of(cls, stored: str) -> "Reply":
        """A stored reply."""
        return cls(**json.loads(stored))


class Subject(NamedTuple):
    """What an operation is about: ids as Shopify's numbers.

    `shop`: the domain of the shop that has them (`x.myshopify.com`). A store may be given another shop while an
    operation is open, and two stores may be one shop. Operations of early versions have none.
    """

    store: str
    action: str
    customer: str
    order: str = ""
    order_name: str = ""
    shop: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Subject":
        """The subject of a stored operation."""
        subject = cls(*(item.get(name, "") for name in cls._fields))
        return subject._replace(customer=CustomerId(subject.customer))

    def is_named(self, store: str, action: str, order_or_customer: str) -> bool:
        """Whether it is what an address names."""
        return (self.store, self.action, self.order or self.customer) == (store, action, order_or_customer)

    @property
    def words(self) -> str:
        """What it is about, in a sentence: `order #1001`, `this customer`."""
        return f"order {self.order_name}" if self.order_name else "this customer"


#: Stored names of earlier versions, by what they are called now.
_EARLIER = {
    "shown": "facts", "details": "draft", "payload_hash": "values", "created_at": "offered_at", "keeps_lock": "holds",
}  # fmt: skip
#: Every stored name that only an earlier version wrote.
EARLIER_NAMES = (*_EARLIER.values(), "unsettled", "open_shard")
#: The state of a form that is open, as this version and an earlier one store it.
STORED_AS_CREATED = (CREATED, "OFFERED")


def of_today(item: Mapping[str, Any]) -> dict[str, Any]:
    """A stored operation with today's names, whichever version wrote it."""
    renamed = {now: item[then] for now, then in _EARLIER.items() if then in item}
    today = renamed | {name: value for name, value in item.items() if name not in _EARLIER.values()}
    if today.get("state") in STORED_AS_CREATED:
        today["state"] = CREATED
    return today


def is_taken_on(details: Mapping[str, Any]) -> bool:
    """Whether Shopify has accepted what was sent, by what is stored of its answers."""
    return "found" in details or "job_result" in details


def kept_for() -> timedelta:
    """How long an operation is kept after its end."""
    return timedelta(days=int(os.environ["OPERATION_RETENTION_DAYS"]))


def json_of(value: Any) -> str:
    """JSON as it is stored: each character as itself, which takes a third of the room of its escape."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 UTC to the millisecond, so that text sorts as time does."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
