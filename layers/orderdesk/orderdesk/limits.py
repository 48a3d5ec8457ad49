"""What agents may give away, and what an agent may do at all: an admin's limits, all of them optional.

They are one parameter of the store, `limits`: a JSON object of texts by name (`LIMITS` and `PEOPLE` say which). A
submit reads it together with the others in one call to SSM, and all limits change at the same moment.

    {"actions/refund_order/limit": "100", "agents/ann@example.com/actions": "edit_order_notes, edit_order_tags"}

A value that can't be read never lets anything pass: a wrong limit stops its action, a wrong list its agent, and
anything else that is wrong stops every action.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from aws_lambda_powertools import Logger

from . import metrics
from .actions import ACTIONS, Action
from .config import LIMITS as PARAMETER
from .config import Settings, settings
from .errors import Misconfigured, Refused
from .worth import PERCENT, Worth

logger = Logger(service="orderdesk", child=True)

#: The code of the refusal if they can't be read.
UNREADABLE = "limits_unreadable"

_ASK = "Ask an admin of your store to do it in Shopify, or to raise the limit."


class Limit(NamedTuple):
    """A limit of an action, at `actions/<action>/<name>`: what it is, what it does, how its value is written."""

    name: str
    title: str
    meaning: str
    example: str


MOST = Limit(
    "limit",
    "At most in one submit",
    "An amount of the shop's currency. For discount codes also a percentage, such as 20%, or both: 50, 20%. A kind of "
    "code that is left out can't be created.",
    "100",
)
PER_HOUR = Limit("per_hour", "Submits per hour", "All agents together, from one full hour (UTC) to the next.", "20")
PER_HOUR_PER_AGENT = Limit(
    "per_hour_per_agent", "Submits per hour, each agent", "Only for agents that the helpdesk vouches for.", "5"
)
PER_DAY = Limit(
    "per_day_amount",
    "Amount per day",
    "All agents together, in the shop's currency, from midnight to midnight (UTC). Percentages can't be counted, so "
    "none can be created.",
    "1000",
)
PER_DAY_PER_AGENT = Limit(
    "per_day_amount_per_agent", "Amount per day, each agent", "Only for agents that the helpdesk vouches for.", "300"
)
APPROVAL = Limit(
    "approval_above",
    "Approval from",
    "From this amount on, a second agent has to approve. For discount codes also a percentage, such as 20%, or both: "
    "50, 20%. A kind of code that is left out always needs approval. It takes two agents that the helpdesk vouches "
    "for. Otherwise an admin decides, in Shopify.",
    "50",
)
#: The limits of every action that gives something away.
LIMITS = (MOST, APPROVAL, PER_HOUR, PER_HOUR_PER_AGENT, PER_DAY, PER_DAY_PER_AGENT)

_NAMES = frozenset(f"actions/{a.name}/{limit.name}" for a in ACTIONS if a.gives_away for limit in LIMITS)

#: What agents may do, if the helpdesk vouches for them, by the form of the name: an example, and what it does.
PEOPLE = {
    "agents/<id>/actions": (
        "edit_order_notes, edit_order_tags",
        "All that this agent may do. An agent that is on no list may do everything.",
    ),
    "groups/<name>/agents": ("ann@example.com, bob@example.com", "The agents of a group."),
    "groups/<name>/actions": (
        "create_discount_code",
        "All that the group's agents may do, together with their own lists and those of other groups.",
    ),
}
_PERSON = re.compile(r"agents/(?P<id>.{1,120})/actions|groups/(?P<group>[^/]{1,60})/(?P<what>actions|agents)")

_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")
_TIMES = re.compile(r"[0-9]{1,6}")


class Cap(NamedTuple):
    """What is compared with what one submit gives away: an amount of the shop's currency, a percentage, or both."""

    amount: Decimal | None
    percent: Decimal | None

    def of(self, worth: Worth) -> Decimal | None:
        """The number for an amount or a percentage, whichever it is worth; None for a kind that is left out."""
        return self.percent if worth.unit == PERCENT else self.amount

    def allows(self, worth: Worth) -> bool:
        """False also for a kind that the limit leaves out."""
        most = self.of(worth)
        return most is not None and worth.amount <= most


@dataclass(frozen=True)
class Limits:
    """The limits of one action, in the shop's currency. None: there is no such limit."""

    most: Cap | None = None
    approval_from: Cap | None = None
    per_hour: Decimal | None = None
    per_hour_per_agent: Decimal | None = None
    per_day: Decimal | None = None
    per_day_per_agent: Decimal | None = None

    def require(self, action: Action, worth: Worth, *, vouched: bool) -> None:
        """Raise Refused, in words that say who to ask, if a submit is worth more than one may be, or if it can't be
        counted. `vouched`: the helpdesk vouches for the agent."""
        if not worth:
            return
        if self.most and not self.most.allows(worth):
            most = self.most.of(worth)
            if most is None:
                kind = "percentages" if worth.unit == PERCENT else "fixed amounts"
                message = f"Your store's limit for “{action.title}” doesn't allow {kind}."
            else:
                message = f"{worth} is above your store's limit for “{action.title}”: {worth._replace(amount=most)}."
            raise Refused(message, f"Nothing was changed. {_ASK}", code="above_limit")
        daily = self.per_day is not None or (vouched and self.per_day_per_agent is not None)
        if daily and worth.unit == PERCENT:
            raise Refused(
                f"Your store limits the amount of “{action.title}” per day, which a percentage can't be counted in.",
                "Nothing was changed. Choose a fixed amount, or ask an admin of your store.",
                code="above_limit",
            )

    def asks_for_approval(self, worth: Worth) -> bool:
        """True if a second person has to approve what is worth that; always for a kind that the limit leaves out."""
        if not (worth and self.approval_from):
            return False
        start = self.approval_from.of(worth)
        return start is None or worth.amount >= start


#: Of an action without limits.
NO_LIMITS = Limits()


class _UnreadableError(ValueError):
    """A limit or a list can't be read. The text is its name; "" if it is about all of them."""


def of(known: Settings, action: Action) -> Limits:
    """The limits of an action. Raises Misconfigured if they can't be read."""
    try:
        return _of_action(_values(known), action)
    except _UnreadableError as wrong:
        raise _unreadable(known, str(wrong)) from None


def allowed(known: Settings, vouched: str, of: Iterable[Action]) -> tuple[Action, ...]:
    """Those of the actions that the agent may do. `vouched`: an id that the helpdesk vouches for. Raises Misconfigured
    if that can't be read."""
    try:
        names = _allowed(_values(known), vouched)
    except _UnreadableError as wrong:
        raise _unreadable(known, str(wrong)) from None
    return tuple(action for action in of if names is None or action.name in names)


def require_allowed(known: Settings, vouched: str, action: Action) -> None:
    """Raise Refused if the agent may not do the action, Misconfigured if that can't be read. `vouched`: an id that the
    helpdesk vouches for; "" if there is none, and then everything is allowed."""
    if vouched and not allowed(known, vouched, [action]):
        raise Refused(
            f"You aren't allowed to use “{action.title}”.",
            "Nothing was changed. Ask an admin of your store to allow it, or a colleague who may do this.",
            code="not_allowed",
        )


def settings_of(store: str) -> Settings:
    """The store's limits, at most 30 s old: for a form and a lookup, which read them only if the helpdesk vouches for
    the agent. Raises what `config.settings` raises."""
    return settings(store, ("shopify/domain", PARAMETER))


def values(known: Settings) -> dict[str, str]:
    """The texts by name, for the page that shows them; {} if they can't be read."""
    try:
        return _values(known)
    except _UnreadableError:
        return {}


def problem(known: Settings) -> str | None:
    """The name of what can't be read, "" if it is the whole parameter; None if everything can be read."""
    try:
        found = _values(known)
        for action in ACTIONS:
            _of_action(found, action)
        for match in filter(None, map(_PERSON.fullmatch, found)):
            if match["group"]:
                _listed(found, f"groups/{match['group']}/actions")
            else:
                _allowed(found, match["id"])
    except _UnreadableError as wrong:
        return str(wrong)
    return None


def _of_action(found: Mapping[str, str], action: Action) -> Limits:
    if not action.gives_away:
        return NO_LIMITS
    given = {limit: found.get(f"actions/{action.name}/{limit.name}") for limit in LIMITS}
    try:
        return Limits(
            most=_cap(given, MOST, percents=action.creates_code),
            approval_from=_cap(given, APPROVAL, percents=action.creates_code),
            per_hour=_number(given, PER_HOUR, _TIMES),
            per_hour_per_agent=_number(given, PER_HOUR_PER_AGENT, _TIMES),
            per_day=_number(given, PER_DAY, _AMOUNT),
            per_day_per_agent=_number(given, PER_DAY_PER_AGENT, _AMOUNT),
        )
    except ValueError as wrong:
        raise _UnreadableError(f"actions/{action.name}/{wrong}") from None


def _number(given: Mapping[Limit, str | None], limit: Limit, written: re.Pattern[str]) -> Decimal | None:
    text = given[limit]
    if text is None:
        return None
    if not written.fullmatch(text.strip()):
        raise ValueError(limit.name)
    return Decimal(text.strip())


def _cap(given: Mapping[Limit, str | None], limit: Limit, *, percents: bool) -> Cap | None:
    """`100`; for what may be a percentage also `20%`, or both with a comma. Raises ValueError."""
    if (text := given[limit]) is None:
        return None
    amount = percent = None
    for part in text.split(","):
        bare = part.strip()
        number = bare.removesuffix(PERCENT).rstrip()
        if not _AMOUNT.fullmatch(number):
            raise ValueError(limit.name)
        if bare.endswith(PERCENT) and percents and percent is None:
            percent = Decimal(number)
        elif not bare.endswith(PERCENT) and amount is None:
            amount = Decimal(number)
        else:
            raise ValueError(limit.name)
    return Cap(amount, percent)


def _values(known: Settings) -> dict[str, str]:
    """The texts by name; none if the parameter is not set. Raises _UnreadableError."""
    if not known.limits:
        return {}
    try:
        found = json.loads(
            known.limits, parse_float=str, parse_int=str, parse_constant=_not_a_text, object_pairs_hook=_each_once
        )
    except (ValueError, RecursionError):
        raise _UnreadableError("") from None
    if not isinstance(found, dict):
        raise _UnreadableError("")
    for name, value in found.items():
        if not isinstance(value, str) or not is_name(name):
            raise _UnreadableError(name)
    return found


def is_name(name: str) -> bool:
    """True if it is the name of a limit of an action that gives something away, or of a list of agents or actions."""
    return name in _NAMES or bool(_PERSON.fullmatch(name))


def _not_a_text(constant: str) -> str:
    raise ValueError(constant)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _allowed(found: Mapping[str, str], agent: str) -> set[str] | None:
    """What an agent may do (names of actions), by their own list and those of their groups; None: everything. Raises
    _UnreadableError."""
    groups = [m["group"] for m in map(_PERSON.fullmatch, found) if m and m["what"] == "agents"]
    mine = [f"groups/{group}/actions" for group in groups if agent in _split(found[f"groups/{group}/agents"])]
    if f"agents/{agent}/actions" in found:
        mine.append(f"agents/{agent}/actions")
    return set().union(*(_listed(found, name) for name in mine)) if mine else None


def _listed(found: Mapping[str, str], name: str) -> set[str]:
    """A list of actions. Raises _UnreadableError if it is not there, or has something that is not an action."""
    listed = set(_split(found.get(name, "?")))
    if not listed <= {action.name for action in ACTIONS}:
        raise _UnreadableError(name)
    return listed


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _unreadable(known: Settings, name: str) -> Misconfigured:
    """Tell the log and the alarm; the name of an agent stays out of the log."""
    logged = name if name.startswith("actions/") else name.partition("/")[0] if _PERSON.fullmatch(name) else ""
    logger.error("A limit can't be read, so nothing passes", store=known.store, parameter=PARAMETER, name_in_it=logged)
    metrics.needs_admin("LimitsUnreadable", store=known.store)
    return Misconfigured(
        "Your store's limits can't be read, so nothing passes.",
        f"Nothing was changed. Ask an admin of your store to correct the parameter {PARAMETER}.",
        code=UNREADABLE,
    )
