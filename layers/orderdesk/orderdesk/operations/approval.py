"""The approval of an operation by a second person: what waits for it, and what was decided.

An operation whose worth is not below its store's `approval_above` does not become SENT but WAITING, for a day at most.
Another agent, whom the helpdesk vouches for as well, approves or declines it; approving carries out the same operation,
with what the form sent then and what is so now.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .. import actions
from ..errors import Changed, Refused
from ..money import Money
from ..worth import Worth
from .model import Agent, Reply, Subject, iso, json_of, now

#: How long an operation waits for a second person.
WAITS_FOR = timedelta(days=1)

APPROVED, DECLINED = "approved", "declined"

#: What comes as `decision` in an address, and what the agent reads.
APPROVE, DECLINE = "approve", "decline"
DECISIONS = {APPROVE: "Approve", DECLINE: "Decline"}

#: The code of the answer to a submit that waits, and of a refusal meanwhile.
WAITS = "waiting_for_approval"

#: Characters of the note that goes with a decision.
NOTE_CHARACTERS = 500


class ApprovalNeeded(Exception):
    """Nothing was sent: a second person has to approve it first. `worth`: in the shop's currency."""

    def __init__(self, worth: Worth) -> None:
        super().__init__("a second person has to approve it")
        self.worth = worth


@dataclass(frozen=True)
class Approval:
    """What waits for a second person, and what they decided.

    `values`: what the form sent, by field. `amount`: what it gives away, in words (`$30.00`). `worth`: the same in the
    shop's currency; None if the second person was shown another amount since. `asked_at`, `until`: ISO 8601, UTC.
    `decision`: APPROVED, DECLINED, or "" while there is none. `by`: who decided it. `note`: what they wrote.
    """

    values: Mapping[str, Any]
    amount: str
    worth: Worth | None
    asked_at: str
    until: str
    decision: str = ""
    by: Agent = field(default_factory=Agent)
    note: str = ""

    @classmethod
    def asked(cls, values: Mapping[str, Any], worth: Worth, known: Mapping[str, Any]) -> "Approval":
        """The approval that a submit of these values asks for now. `known`: what the form showed and what the entry
        will say, of which an amount in presentment currency is what agents know it by."""
        moment = now()
        return cls(values, _amount(known) or str(worth), worth, iso(moment), iso(moment + WAITS_FOR))

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Approval | None":
        """The approval of a stored operation; None if it never needed one."""
        if "approval" not in item:
            return None
        kept = json.loads(item["approval"])
        decided_by, name = kept["by"]
        worth = Worth(Decimal(kept["worth"][0]), kept["worth"][1]) if kept["worth"] else None
        return cls(**kept | {"worth": worth, "by": Agent(decided_by, name, proved=bool(decided_by))})

    def stored(self) -> str:
        """The approval as it is stored; `of` reads it."""
        worth = [str(self.worth.amount), self.worth.unit] if self.worth else None
        return json_of(vars(self) | {"values": dict(self.values), "worth": worth, "by": [self.by.id, self.by.name]})

    def decided(self, decision: str, by: Agent, note: str) -> "Approval":
        """The approval with a decision."""
        return replace(self, decision=decision, by=by, note=note)

    def undecided(self) -> "Approval":
        """The approval as it was before anybody decided."""
        return replace(self, decision="", by=Agent(), note="")

    def shown_anew(self, shown: Mapping[str, Any]) -> "Approval":
        """The approval after the second person was told what the form shows now: if that is an exact amount, it is the
        one that they approve next. If not, the amount that was asked for stays the one to compare with."""
        amount = _amount(shown)
        return replace(self, amount=amount or self.amount, worth=None if amount else self.worth)

    def require_same(self, worth: Worth) -> None:
        """Raise Changed if it is worth something else by now than what was asked for."""
        if self.worth and self.worth != worth:
            raise Changed(
                f"This would now give away {worth}. {self.worth} was asked for.",
                "Nothing was changed. Submit again to approve the new amount.",
                code="amount_changed",
            )

    @property
    def ends(self) -> datetime:
        """When it ends without a decision (UTC)."""
        return datetime.fromisoformat(self.until)

    @property
    def over(self) -> bool:
        """True if nobody may approve it any more."""
        return now() >= self.ends

    @property
    def who(self) -> str:
        """Who decided it, as a person reads it."""
        return self.by.name or self.by.id

    def on_the_entry(self) -> dict[str, str]:
        """What the timeline entry says of the decision."""
        if not self.decision:
            return {}
        return {
            "decision": self.decision, "decided_by": self.by.id, "decided_by_name": self.by.name,
            "decision_note": self.note,
        }  # fmt: skip

    def on_the_card(self, operation: str, store: str, asked_by: Agent) -> dict[str, str]:
        """What a card says of it: its operation and store, who asked, what it gives away, and until when it waits."""
        return {
            "operation": operation, "store": store, "asked_by": asked_by.id, "asked_by_name": asked_by.name,
            "worth": self.amount, "waits_until": self.until,
        }  # fmt: skip

    def told(self, subject: Subject) -> tuple[str, str]:
        """Message and detail: what the agent who asked, and the timeline, are told while it waits."""
        return (
            f"{self.words(subject)} is waiting for approval.",
            "Nothing was changed yet. Someone else has to approve it within a day, or it ends without a change. They "
            f"find “Approve” and “Decline” with {_place(subject)}.",
        )

    def reply(self, subject: Subject) -> Reply:
        """What the agent who asked is answered while it waits."""
        message, detail = self.told(subject)
        # The code tells programs that nothing was done yet.
        return Reply(200, {"message": message, "detail": detail, "code": WAITS})

    def words(self, subject: Subject) -> str:
        """What waits: `“Refund Order” for order #1001 ($30.00)`."""
        return f"“{actions.of(subject.action).title}” for {subject.words} ({self.amount})"


def declined(subject: Subject, approval: Approval) -> Refused:
    """The end of an operation that another agent declined."""
    noted = f" They wrote: {approval.note}" if approval.note else ""
    return Refused(
        f"{approval.who} declined {approval.words(subject)}.", f"Nothing was changed.{noted}", code="declined"
    )


#: What is said of an end that nobody decided about; the card goes by it, too.
NOT_IN_TIME = "was not approved in time"


def expired(subject: Subject, approval: Approval) -> Refused:
    """The end of an operation that nobody decided about."""
    return Refused(
        f"{approval.words(subject)} {NOT_IN_TIME}.",
        "Nothing was changed. Nobody approved or declined it within a day. Submit it again if it should still be done.",
        code="not_approved",
    )


def require_possible(agent: Agent, worth: Worth) -> None:
    """Raise Refused if nobody could approve it: an approval needs two people whom the helpdesk vouches for."""
    if not agent.vouched:
        raise Refused(
            f"{worth} needs a second person's approval, so an admin of your store has to decide.",
            "Nothing was changed. Your helpdesk doesn't confirm who you are, and without that nobody can approve it "
            "here. Ask an admin of your store to do it in Shopify.",
            code="admin_decides",
        )


def require_second(asked_by: Agent, agent: Agent) -> None:
    """Raise Refused if this agent may not decide: the helpdesk does not vouch for them, or they asked for it."""
    if not agent.vouched:
        raise Refused(
            "Your helpdesk doesn't confirm who you are, so you can't approve or decline this.",
            "Nothing was changed. It is still waiting. An admin of your store has to decide, and can do it in Shopify.",
            code="admin_decides",
        )
    if same_person(asked_by.id, agent.id):
        raise Refused(
            "You asked for this, so someone else has to approve or decline it.",
            "Nothing was changed. It is still waiting.",
            code="own_request",
        )


def same_person(one: str, other: str) -> bool:
    """Whether two ids are one agent. Ids are often email addresses, in which capitals make no difference."""
    return one.strip().casefold() == other.strip().casefold()


def _amount(known: Mapping[str, Any]) -> str:
    """The amount in presentment currency, as agents know it; "" if there is none."""
    if not (known.get("amount") and known.get("currency")):
        return ""
    return str(Money(Decimal(known["amount"]), known["currency"]))


def _place(subject: Subject) -> str:
    return "the order" if subject.order else "the customer"
