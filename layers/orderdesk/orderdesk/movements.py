"""What became of an order's money, read from its transactions and never from a total.

One transaction is one movement: a payment, or a refund of it. Totals hide what is on its way: Shopify counts a refund
only when it has succeeded, and a refund by Shopify Payments takes up to two business days. That a refund exists says
nothing about money. Only a state that means "it did not happen" is a failure. Any other state than SUCCESS, also one
that Shopify adds later, may still move the money (schema: `OrderTransactionStatus`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .money import Money, presentment

Transaction = TypeVar("Transaction", bound="nodes.OrderFactsOrderTransaction")

if TYPE_CHECKING:
    from typing_extensions import ReadOnly

    from .shopify import nodes

    class WithPayments(nodes.OrderFacts, total=False):
        """An order whose transactions say which tender they are of, and which payment they belong to."""

        transactions: ReadOnly[Sequence[nodes.PaymentsOrderTransaction]]


DONE, UNDER_WAY, NOT_KNOWN, FAILED = "DONE", "UNDER_WAY", "NOT_KNOWN", "FAILED"

_FATES = {
    "SUCCESS": DONE, "PENDING": UNDER_WAY, "AWAITING_RESPONSE": UNDER_WAY, "FAILURE": FAILED, "ERROR": FAILED,
}  # fmt: skip
_PAYMENTS = frozenset({"SALE", "CAPTURE"})
_AUTHORIZATIONS = frozenset({"AUTHORIZATION", "EMV_AUTHORIZATION"})
#: Gateways by which no money can go back, whether or not Shopify calls them manual.
_BY_HAND = frozenset({"cash", "manual"})

#: How a sentence begins about a refund that Shopify only writes down.
ONLY_RECORDS = "Shopify only records"

_TO = {DONE: "to", UNDER_WAY: "on its way to", FAILED: "couldn't be refunded to"}


class Movement(NamedTuple):
    """One transaction of a refund: how much (presentment currency), to which payment method, and what became of it.

    `by_hand`: Shopify only writes it down, and a person has to pay the money back.
    """

    id: str
    fate: str
    status: str
    amount: Money
    shown: str
    by_hand: bool

    def __str__(self) -> str:
        """`$30.00 to Visa •••• 4242`, `$30.00 on its way to …`, `$30.00 couldn't be refunded to …`."""
        if self.fate == NOT_KNOWN:
            state = self.status.replace("_", " ").lower()
            return f"{self.amount} may be on its way to {self.shown} (Shopify's status is “{state}”)"
        if self.by_hand and self.fate == UNDER_WAY:
            return f"{self.amount} to {self.shown}, not yet recorded by Shopify"
        return f"{self.amount} {_TO[self.fate]} {self.shown}"


class Account(NamedTuple):
    """What became of a refund's money, movement by movement."""

    moves: tuple[Movement, ...]
    currency: str

    def sum(self, *fates: str) -> Money:
        """The sum of the movements with one of these fates."""
        return self._sum(m for m in self.moves if m.fate in fates)

    @property
    def open(self) -> bool:
        """True if any of it may still move."""
        return any(m.fate in (UNDER_WAY, NOT_KNOWN) for m in self.moves)

    @property
    def open_by_hand(self) -> bool:
        """True if nothing may still move, but Shopify has yet to write something down."""
        return self.open and all(m.by_hand for m in self.moves if m.fate in (UNDER_WAY, NOT_KNOWN))

    def not_failed(self, *, by_hand: bool) -> Money:
        """The sum of everything that did not fail: moved, recorded, or still open."""
        return self._sum(m for m in self.moves if m.fate != FAILED and m.by_hand == by_hand)

    @property
    def failed(self) -> bool:
        """True if any of it did not move, and will not."""
        return any(m.fate == FAILED for m in self.moves)

    @property
    def all(self) -> Money:
        """The sum of all movements, including those that failed."""
        return self._sum(self.moves)

    @property
    def by_hand(self) -> Money:
        """What Shopify has only recorded."""
        return self._sum(m for m in self.moves if m.fate == DONE and m.by_hand)

    @property
    def moved(self) -> Money:
        """What Shopify itself has paid back."""
        return self._sum(m for m in self.moves if m.fate == DONE and not m.by_hand)

    def words(self) -> str:
        """What became of each payment method's part, and what a person must pay back. No full stop at the end."""
        told = "; ".join(map(str, self.moves))
        by_hand = [(m.amount, m.shown) for m in self.moves if m.fate in (DONE, UNDER_WAY) and m.by_hand]
        notes = only_recorded(by_hand, len(self.moves))
        return f"{told}. {notes}" if notes else told

    def entry(self) -> dict[str, Any]:
        """A timeline entry's `amount` and `currency`: what has gone back by Shopify's record, by hand or not.

        While some of it may still move: `amount` is the sum that may go back, `done` what has gone back, `recorded` the
        part of `done` that Shopify has only recorded, and `perhaps` what is in a state that we don't know.
        """
        done, all_of_it = self.sum(DONE), self.sum(DONE, UNDER_WAY, NOT_KNOWN)
        entry = {"amount": str(all_of_it.amount), "currency": self.currency}
        if not self.open:
            return entry
        more = {"done": done, "perhaps": self.sum(NOT_KNOWN), "recorded": self.by_hand}
        return entry | {name: str(part.amount) for name, part in more.items() if part or name != "recorded"}

    def _sum(self, moves: Iterable[Movement]) -> Money:
        return Money(sum((m.amount.amount for m in moves), start=Decimal("0.0")), self.currency)


class Tender(NamedTuple):
    """A payment that money can go back to, and how much can still be refunded to it (presentment currency)."""

    parent: str
    gateway: str
    shown: str
    amount: Money
    by_hand: bool = False


def account(transactions: Iterable[nodes.Movement], currency: str) -> Account:
    """What became of a refund, from its transactions (fragment `Movement`)."""
    return Account(tuple(_movement(t) for t in transactions if t["kind"] == "REFUND"), currency)


def left_by_tender(order: WithPayments, most_of: Mapping[str, Decimal] | None = None) -> list[Tender]:
    """What can still be refunded to each payment of an order (fragments `OrderFacts`, `Payments`).

    What the payment brought in, less the change given back and every refund that did not fail. The sum is never more
    than Shopify's own net payment, and one payment is never more than `most_of` it (by its id).
    """
    net, limits = presentment(order["netPaymentSet"]), most_of or {}
    rest = left(order).amount
    tenders = []
    for tender in _by_payment(order):
        amount = min(tender.amount.amount, limits.get(tender.parent, rest), rest)
        if amount > 0:
            tenders.append(tender._replace(amount=Money(amount, net.currency)))
            rest -= amount
    return tenders


def spread(order: WithPayments, wanted: Iterable[tuple[str, Decimal, Decimal]]) -> list[Tender]:
    """A refund of an order (fragments `OrderFacts`, `Payments`) as Shopify spreads it: `wanted` has for each payment
    its id, the amount, and the most that it can take back (presentment currency).

    No payment gets more than is left of it, and all together no more than is left of the order. Shopify may count what
    is on its way back as still there: what a payment cannot take goes to the next one in Shopify's list that can.
    """
    listed = list(wanted)
    payments = {t.parent: t for t in _by_payment(order)}
    room = {parent: min(payments[parent].amount.amount, most) for parent, _, most in listed if parent in payments}
    rest = min(sum((amount for _, amount, _ in listed), start=Decimal(0)), left(order).amount)
    given = dict.fromkeys(room, Decimal(0))
    for share in ({parent: amount for parent, amount, _ in listed}, room):
        for parent in given:
            more = max(Decimal(0), min(share[parent], room[parent] - given[parent], rest))
            given[parent] += more
            rest -= more
    return [
        payments[parent]._replace(amount=Money(amount, payments[parent].amount.currency))
        for parent, amount in given.items()
        if amount
    ]


def recorded(tenders: Iterable[Tender]) -> Decimal:
    """How much of the tenders' money Shopify would only record if it went back (presentment currency)."""
    return sum((t.amount.amount for t in tenders if t.by_hand), start=Decimal(0))


def destinations(tenders: Iterable[Tender]) -> str:
    """`$50.00 to Visa •••• 4242, $30.00 to Gift card`, and what a person must pay back. No full stop at the end."""
    listed = list(tenders)
    where = ", ".join(f"{t.amount} to {t.shown}" for t in listed)
    notes = only_recorded([(t.amount, t.shown) for t in listed if t.by_hand], len(listed))
    return f"{where}. {notes}" if notes else where


def left(order: nodes.OrderFacts) -> Money:
    """What can be refunded of an order (fragment `OrderFacts`), without what may be on its way already.

    Uses Shopify's net payment if the answer has no payments.
    """
    net = presentment(order.get("netPaymentSet"))
    if not any(_came_in(t) for t in order.get("transactions") or []):
        return Money(max(Decimal(0), net.amount), net.currency)
    return Money(max(Decimal(0), min(net.amount, _received(order) - _taken(order))), net.currency)


def on_its_way(order: nodes.OrderFacts) -> Money:
    """What may already be on its way back (fragment `OrderFacts`)."""
    currency = presentment(order.get("netPaymentSet")).currency
    going = (t for t in _refunds(order.get("transactions") or []) if fate(t["status"]) != DONE)
    return Money(_sum(going), currency)


def all_gone_back(order: nodes.OrderFacts) -> bool:
    """True if all that came in (fragment `OrderFacts`) has been refunded or may be on its way back."""
    return _taken(order) >= _received(order)


def still_to_come(order: WithPayments) -> list[Movement]:
    """The payments of an order (fragment `Movement`, and the parent) that have not come in but may do so.

    A payment that came in by a later transaction is not pending, whatever its own status says: a payment on delivery is
    marked as paid this way.
    """
    kinds, listed = _PAYMENTS | _AUTHORIZATIONS, order.get("transactions") or []
    came: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for t in filter(_came_in, listed):
        came[_parent(t)] += presentment(t["amountSet"]).amount
    found = [t for t in listed if t["kind"] in kinds and came[t["id"]] < presentment(t["amountSet"]).amount]
    return [m for m in map(_movement, found) if m.fate in (UNDER_WAY, NOT_KNOWN)]


def authorized(order: WithPayments) -> bool:
    """True if the order has an authorization (fragment `Payments`) that can be voided: it succeeded, is neither voided
    nor expired, and is not fully captured. While a capture is pending, it can't be voided."""
    if order.get("displayFinancialStatus") in ("EXPIRED", "VOIDED"):
        return False
    listed = order.get("transactions") or []
    done = [t for t in listed if t["status"] == "SUCCESS"]
    voids = [_parent(t) for t in done if t["kind"] == "VOID"]
    reserved = [t for t in done if t["kind"] in _AUTHORIZATIONS and t["id"] not in voids]
    # A void without a parent does not say which authorization it is for. Its amount does not help: a real store writes
    # 0.0.
    captured = _sum(t for t in listed if t["kind"] == "CAPTURE" and fate(t["status"]) != FAILED)
    return None not in voids and _sum(reserved) > captured


def only_recorded(by_hand: Iterable[tuple[Money, str]], of: int) -> str:
    """The sentence about the `of` payments (amount, name) that Shopify only records; "" if there are none."""
    listed = list(by_hand)
    if not listed:
        return ""
    total = Money(sum((amount.amount for amount, _ in listed), start=Decimal(0)), listed[0][0].currency)
    what = "this" if len(listed) == of else f"the refund to {' and '.join(dict.fromkeys(name for _, name in listed))}"
    return f"{ONLY_RECORDS} {what}: pay {total} back yourself"


def fate(status: str) -> str:
    """The fate of a transaction with this `OrderTransactionStatus`: DONE, UNDER_WAY, NOT_KNOWN or FAILED."""
    return _FATES.get(status, NOT_KNOWN)


def is_by_hand(transaction: nodes.Movement | nodes.OrderCardOrderTransaction) -> bool:
    """True if Shopify only records the transaction: its gateway moves no money."""
    return bool(transaction.get("manualPaymentGateway")) or transaction.get("gateway") in _BY_HAND


def tender(transaction: nodes.Movement) -> str:
    """The payment method of a transaction in an agent's words: `Visa •••• 4242`, `Gift card`."""
    name = transaction.get("formattedGateway") or transaction.get("gateway") or "the original payment"
    return f"{name} {transaction['accountNumber']}" if transaction.get("accountNumber") else name


def _movement(t: nodes.Movement) -> Movement:
    amount = presentment(t["amountSet"])
    return Movement(t.get("id", ""), fate(t["status"]), t["status"], amount, tender(t), is_by_hand(t))


def _came_in(t: nodes.OrderFactsOrderTransaction) -> bool:
    return t["kind"] in _PAYMENTS and t["status"] == "SUCCESS"


def _parent(t: nodes.PaymentsOrderTransaction) -> str | None:
    return (t.get("parentTransaction") or {}).get("id")


def _sum(transactions: Iterable[nodes.OrderFactsOrderTransaction]) -> Decimal:
    return sum((presentment(t["amountSet"]).amount for t in transactions), start=Decimal(0))


def _change(listed: Iterable[Transaction], received: nodes.Paid | None) -> list[Transaction]:
    """Cash given back as change, which is part of a payment's amount.

    The schema does not say whether a payment with change has the amount handed over or the amount kept. What Shopify
    counts as received is the amount kept.
    """
    given = [t for t in listed if t["kind"] == "CHANGE" and fate(t["status"]) != FAILED]
    paid = _sum(t for t in listed if _came_in(t))
    return given if received is None or paid > presentment(received).amount else []


def _received(order: nodes.OrderFacts) -> Decimal:
    listed = order["transactions"]
    return _sum(t for t in listed if _came_in(t)) - _sum(_change(listed, order.get("totalReceivedSet")))


def _taken(order: nodes.OrderFacts) -> Decimal:
    return _sum(_refunds(order["transactions"]))


def _refunds(listed: Iterable[Transaction]) -> list[Transaction]:
    """Refunds that succeeded or still may."""
    return [t for t in listed if t["kind"] == "REFUND" and fate(t["status"]) != FAILED]


def _by_payment(order: WithPayments) -> list[Tender]:
    """Every payment with what can still be refunded to it, in the order in which they came in."""
    rest: dict[str, Decimal] = {}
    listed = order["transactions"]
    payments = [t for t in listed if _came_in(t)]
    for t in payments:
        rest[t["id"]] = presentment(t["amountSet"]).amount
    for t in [*_change(listed, order.get("totalReceivedSet")), *_refunds(listed)]:
        parent = _parent(t)
        if parent not in rest:
            # A refund without a parent is of a payment by the same gateway, or `left_by_tender` takes it off the sum.
            parent = next((p["id"] for p in payments if p.get("gateway") == t.get("gateway")), None)
        if parent in rest:
            rest[parent] -= presentment(t["amountSet"]).amount
    return [
        Tender(
            t["id"],
            t.get("gateway") or "",
            tender(t),
            Money(rest[t["id"]], presentment(t["amountSet"]).currency),
            is_by_hand(t),
        )
        for t in payments
    ]
