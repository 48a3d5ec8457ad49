"""What became of an operation by Shopify's own record, and what is said while nobody knows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .. import actions
from ..errors import Failed, OutcomeUnknown, bounded
from .model import SUCCEEDED, Reply, Subject

#: Of an outcome only: Shopify has done it, and a payment provider has yet to do their part. Stored as UNKNOWN, with the
#: agent's reply.
UNDER_WAY = "UNDER_WAY"
#: Of an outcome only: by Shopify's record, Shopify itself may still carry it out. Stored as UNKNOWN; the order stays
#: locked.
RUNNING = "RUNNING"

CONFIRMED = "We confirmed this in Shopify later."


class Outcome(NamedTuple):
    """What became of an operation: SUCCEEDED, REFUSED, FAILED, UNDER_WAY, RUNNING, or UNKNOWN if that cannot be said.

    `entry`: more for the timeline entry (`amount` and `currency` as text, `shopify` with ids), or what helps to follow
    it.
    """

    state: str
    message: str
    detail: str
    entry: Mapping[str, Any]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Outcome":
        """An outcome as it was stored, by this version or an earlier one."""
        return cls(stored["state"], stored["message"], stored["detail"], stored.get("entry", stored.get("facts", {})))

    @property
    def open(self) -> bool:
        """True while it may still come to its end: Shopify, or a payment provider, has yet to do their part."""
        return self.state in (UNDER_WAY, RUNNING)

    def bounded(self) -> "Outcome":
        """The outcome with texts of a length that can be stored."""
        return self._replace(message=bounded(self.message), detail=bounded(self.detail))

    def confirmed(self) -> "Outcome":
        """The outcome, if it is an end, as one that a later look has found."""
        return self if self.open else self._replace(detail=f"{self.detail} {CONFIRMED}")

    def reply(self) -> Reply:
        """What the agent is answered."""
        if self.state in (SUCCEEDED, UNDER_WAY):
            return Reply(200, {"message": self.message, "detail": self.detail})
        return Reply(406, {"errors": Failed(self.message, self.detail, code=self.state.lower()).errors()})


def not_known(subject: Subject) -> OutcomeUnknown:
    """What the agent is told while nobody knows whether Shopify did it."""
    when = actions.of(subject.action).known_within
    return OutcomeUnknown(
        "We can't tell yet whether Shopify did this.",
        f"It may have worked, so please don't try again. We're checking, and the timeline of {subject.words} will say "
        f"what happened within {when}.",
    )
