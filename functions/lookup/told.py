"""Open operations and late outcomes in an agent's words, for the order that they are about.

Times are in the shop's time zone, as in the Shopify admin. If the zone is not known they are in UTC, and say so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger

from orderdesk import zones
from orderdesk.actions import ACTIONS, CANCEL, DISCOUNT, ITEMS, REFUND
from orderdesk.money import Money
from orderdesk.movements import ONLY_RECORDS
from orderdesk.operations.approval import NOT_IN_TIME
from orderdesk.operations.card import LOCKED
from orderdesk.operations.model import WAITING

from .records import Known

logger = Logger(service="orderdesk", child=True)

#: How long a submit may run before its outcome is looked for.
_AT_WORK = timedelta(seconds=30)

_NOUNS = {action.name: action.noun for action in ACTIONS}
_DONE = {action.name: action.done for action in ACTIONS}
#: The actions that only give money back.
_REFUNDS = (REFUND.name, ITEMS.name)
_MONEY = {action.name for action in ACTIONS if action.moves_money}
#: Two operations on one order are the same kind of change if they have the same value here.
_KINDS = {action.name: action.lock.on if action.lock else action.name for action in ACTIONS}

#: Separates what Shopify says about an order from what our own records say.
BETWEEN = " · "


def notes(known: Known, zone_name: str | None) -> dict[str, list[str]]:
    """By order number (`""`: about the customer), open operations and outcomes that no agent has seen.

    `zone_name`: the shop's time zone (IANA), if it is known.
    """
    clock = _Clock(zone_name)
    found: defaultdict[str, list[str]] = defaultdict(list)
    worded: list[tuple[_Words, Mapping[str, Any]]] = []
    worded += [(_open, one) for one in sorted(known.open, key=lambda one: str(one.get("since")))]
    worded += [(_ended, entry) for entry in _worth_telling(known.ended)]
    for words, one in worded:
        try:
            found[one.get("order") or ""].append(words(one, clock))
        except (KeyError, TypeError, ValueError, ArithmeticError) as failure:
            # Written by another version. The other records and the profile are still shown.
            logger.warning("Record skipped: it cannot be read", cause=type(failure).__name__)
    return dict(found)


def locked(known: Known) -> frozenset[str]:
    """The numbers of the orders on which no action that moves money is offered: Shopify may still carry out an earlier
    request of ours, or one waits for a second person."""
    locking = (one for one in known.open if one.get("running") or one.get("state") in (LOCKED, WAITING))
    return frozenset(str(one.get("order")) for one in locking if one.get("action") in _MONEY)


def waiting(known: Known) -> list[Mapping[str, Any]]:
    """What waits for a second person, the oldest first."""
    return sorted((one for one in known.open if one.get("state") == WAITING), key=lambda one: str(one.get("since")))


def elsewhere(found: Mapping[str, list[str]], known: Known, shown: Iterable[str]) -> str:
    """What `notes` found about the customer, and about orders that are not shown, as one text."""
    names = {one.get("order"): one.get("order_name", "") for one in (*known.open, *known.ended)}
    left = {order: texts for order, texts in found.items() if order not in set(shown)}
    return BETWEEN.join(f"{names[order]}: {text}" if order else text for order, texts in left.items() for text in texts)


def _worth_telling(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries that an agent should read: for each order and kind of change (each discount code is one) the last
    entry, if it ended late or did not end well. Leaves out what Shopify refused at once: the agent was told, and
    nothing changed; and what waits for a second person, which is open or has an entry of its end. `entries` are newest
    first."""
    last: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for entry in entries:
        if entry.get("outcome") == WAITING or (entry.get("outcome") == "REFUSED" and not entry.get("late")):
            continue
        action = str(entry.get("action"))
        last.setdefault((entry.get("order") or "", _KINDS.get(action, action), str(entry.get("code") or "")), entry)
    return [entry for entry in last.values() if entry.get("late") or entry.get("outcome") in ("FAILED", "UNKNOWN")]


def _open(one: Mapping[str, Any], clock: "_Clock") -> str:
    """`refund of $100.00 being checked since 15:39`."""
    since, amount = clock.read(one["since"]), _amount(one)
    if one["state"] == WAITING:
        by = f", asked by {asked}" if (asked := one.get("asked_by_name") or one.get("asked_by")) else ""
        return f"{_noun(one)} ({one['worth']}) waiting for approval since {clock.text(since)}{by}"
    if one.get("answered"):
        return _on_its_way(one, amount, clock.text(since))
    state = "being carried out" if one["state"] == "SENT" and clock.now - since < _AT_WORK else "being checked"
    of = f" of {amount}" if amount and one["action"] in _REFUNDS else ""
    if one["state"] == LOCKED:
        return f"{_noun(one)} of {clock.text(since)} may still go through: no refund or cancellation from here"
    until = "; no refund or cancellation until it ends" if one.get("running") else ""
    return f"{_noun(one)}{of} {state} since {clock.text(since)}{until}"


def _on_its_way(one: Mapping[str, Any], amount: Money | None, since: str) -> str:
    """`refund of $60.00 on its way since 15:39, $40.00 went back`; “possibly” if Shopify's state does not say."""
    done = _amount(one, "done")
    perhaps = "possibly " if _amount(one, "perhaps") else ""
    if not amount:
        return f"{_noun(one)} {perhaps}on its way since {since}"
    rest = amount._replace(amount=amount.amount - done.amount) if done else amount
    recorded = _amount(one, "recorded")
    back = done._replace(amount=done.amount - recorded.amount) if done and recorded else done
    went = f", {back} went back" if back else ""
    went += f", {recorded} is only recorded" if recorded else ""
    return f"refund of {rest} {perhaps}on its way since {since}{went}"


def _ended(entry: Mapping[str, Any], clock: "_Clock") -> str:
    """`refunded $100.00, confirmed 15:41`."""
    at, noun, amount = clock.text(clock.read(entry["at"])), _noun(entry), _amount(entry)
    if entry["action"] == CANCEL.name and (entry.get("shopify") or {}).get("cancelled_at"):
        # Shopify has cancelled the order, so what did not go well is about the money.
        noun = "cancelled; refund"
    only = ONLY_RECORDS in str(entry.get("detail"))
    back = f", {amount} {'went back or is only recorded' if only else 'went back'}" if amount else ""
    match entry["outcome"]:
        case "SUCCEEDED":
            return f"{_done(entry, amount)}, confirmed {at}"
        case "FAILED" if entry.get("in_part"):
            return f"{_DONE.get(entry['action'], 'done')} in part, {at}"
        case "FAILED":
            return f"{noun} failed{' in part' if amount else ''}{back}, {at}"
        case "REFUSED" if entry["action"] == CANCEL.name and "was cancelled by" in str(entry.get("message")):
            return f"cancelled by someone else, {at}"
        case "REFUSED" if NOT_IN_TIME in str(entry.get("message")):
            return f"{noun} not approved in time, {at}"
        case "REFUSED":
            return f"{noun} refused, {at}"
        case _:
            return f"{noun} couldn't be confirmed{back}, {at}: please check it in Shopify"


def _noun(of: Mapping[str, Any]) -> str:
    """The name of an operation or entry: `refund`, `discount code SORRY`."""
    noun = str(_NOUNS.get(of["action"], of["action"]))
    return f"{noun} {of['code']}" if of.get("code") else noun


def _done(entry: Mapping[str, Any], amount: Money | None) -> str:
    """What was done. In the entry's own words for a discount code, and if no amount says that money moved."""
    action = entry["action"]
    if action == CANCEL.name and amount:
        detail = str(entry.get("detail"))
        if f"{ONLY_RECORDS} this" in detail:
            return f"cancelled, a refund of {amount} is only recorded"
        part = ", part of it only recorded" if ONLY_RECORDS in detail else ""
        return f"cancelled with a refund of {amount}{part}"
    if action in (*_REFUNDS, DISCOUNT.name):
        message, name = str(entry.get("message", "")), str(entry.get("order_name") or "")
        bare = message.replace(f" on order {name}", "").replace(f" of order {name}", "") if name else message
        return f"{bare[:1].lower()}{bare[1:]}" if bare else _DONE[action]
    return _DONE.get(action, "done")


def _amount(of: Mapping[str, Any], name: str = "amount") -> Money | None:
    """An amount of an operation or entry; None if there is none, or if no money moved."""
    if not (of.get(name) and of.get("currency")):
        return None
    return Money(Decimal(of[name]), of["currency"]) or None


class _Clock:
    """The shop's time: what time it is there now, and how a moment of our records reads there."""

    def __init__(self, zone_name: str | None) -> None:
        zone = zones.zone(zone_name)
        self._zone = zone or UTC
        self.now = datetime.now(self._zone)
        self._suffix = "" if zone and self.now.tzname() != "UTC" else " UTC"

    def read(self, moment: str) -> datetime:
        """A moment of our records (ISO 8601, UTC) in the shop's time zone."""
        return datetime.fromisoformat(moment).astimezone(self._zone)

    def text(self, moment: datetime) -> str:
        """`15:39`, with the day if it was not today: `24 Nov 15:39`."""
        day = "" if moment.date() == self.now.date() else f"{moment.day} {moment:%b} "
        return f"{day}{moment:%H:%M}{self._suffix}"


#: Puts one record into words.
_Words = Callable[[Mapping[str, Any], _Clock], str]
