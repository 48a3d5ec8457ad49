"""Sessions recorded with a real store, replayed: the sandbox must answer and charge the same.

Each recorded id stands for the id that the sandbox gave in its place. Times, words, amounts and costs are compared
exactly, on a clock that shows the recorded times.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local.sandbox import Sandbox
from local.sandbox.addresses import kept
from local.sandbox.customers import Customer
from local.sandbox.orders import Line, Order, Transaction
from tests.sandbox import recording

RECORDINGS = Path(__file__).parents[3] / "shared/shopify/captures"
LONG_AGO = datetime(2025, 3, 26, 19, 51, 37, tzinfo=UTC)
CURSOR = re.compile("eyJsYXN0X2lk[A-Za-z0-9+/=]+")
GID = re.compile("gid://shopify/[A-Za-z]+/[0-9a-f-]+")
NUMBER = re.compile("[0-9]{9,}")

#: Known differences, by recording, step and place in the answer, with the reason.
OTHERWISE = {
    ("store-credit-account-parity", "downstreamRead", "cost"): "two accounts on a page of 5 were charged 12, not 8",
}


class Ids:
    """Which sandbox id stands for which recorded id."""

    def __init__(self) -> None:
        self.ours: dict[str, str] = {}

    def learn(self, recorded: Any, given: Any) -> None:
        """Note a pair of ids and the numbers in them; the first time counts."""
        if isinstance(recorded, str) and isinstance(given, str) and GID.fullmatch(recorded) and GID.fullmatch(given):
            self.ours.setdefault(recorded, given)
            self.ours.setdefault(recorded.rsplit("/", 1)[1], given.rsplit("/", 1)[1])

    def put(self, value: Any) -> Any:
        """A recorded value with the sandbox's ids in it."""
        if isinstance(value, dict):
            return {k: self.put(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.put(v) for v in value]
        if not isinstance(value, str):
            return value
        if CURSOR.fullmatch(value):
            place = self.put({k: str(v) for k, v in json.loads(base64.b64decode(value)).items()})
            return f"cursor {place['last_id']} {place['last_value']}"
        return self.ours.get(value, value) if GID.fullmatch(value) or NUMBER.fullmatch(value) else value

    def learn_all(self, recorded: Any, given: Any) -> None:
        """Note the pairs of ids in two answers of the same shape."""
        if isinstance(recorded, dict) and isinstance(given, dict):
            for key in recorded.keys() & given.keys():
                self.learn_all(recorded[key], given[key])
        elif isinstance(recorded, list) and isinstance(given, list):
            for one, other in zip(recorded, given, strict=False):
                self.learn_all(one, other)
        else:
            self.learn(recorded, given)


def differences(recorded: Any, given: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The differences between two answers: the place, the recorded value, the given value."""
    if isinstance(recorded, dict) and isinstance(given, dict):
        for key in recorded.keys() | given.keys():
            yield from differences(recorded.get(key, ...), given.get(key, ...), f"{at}.{key}")
    elif isinstance(recorded, list) and isinstance(given, list) and len(recorded) == len(given):
        for place, (one, other) in enumerate(zip(recorded, given, strict=True)):
            yield from differences(one, other, f"{at}[{place}]")
    elif recorded != given:
        yield at, recorded, given


def opened(value: Any) -> Any:
    """An answer with decoded cursors, as `Ids.put` decodes recorded ones."""
    if isinstance(value, dict):
        return {k: opened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [opened(v) for v in value]
    if isinstance(value, str) and CURSOR.fullmatch(value):
        place = json.loads(base64.b64decode(value))
        return f"cursor {place['last_id']} {place['last_value']}"
    return value


Arrange = Callable[[Sandbox, Ids], None]


def paid(name: str, amount: str, currency: str, **more: Any) -> Order:
    """An order with one line, paid by hand."""
    price = Decimal(amount)
    payment = Transaction("SALE", price + more.get("shipping", 0), "manual", "manual", at=LONG_AGO)
    line = Line(more.pop("title", "Thing"), price)
    return Order(name, LONG_AGO, [line], [payment], shop_currency=currency, currency=currency, **more)


def _somebody(sandbox: Sandbox, ids: Ids) -> None:
    address = {"address1": "1 Main Street", "city": "Ottawa", "country": "Canada", "zip": "K1A0B1"}
    kim = Customer("Kim", "Reed", "kim.reed@example.com", "+16135550142", kept(address), created=LONG_AGO)
    kim.updated = datetime(2026, 5, 6, 2, 40, 36, tzinfo=UTC)
    ids.learn("gid://shopify/Customer/9522206933298", kim.id)
    sandbox.store.currency = "CAD"
    sandbox.store.customers.append(kim)
    sandbox.store.orders += [paid(f"#{1001 + n}", "914.20", "CAD", customer=kim) for n in range(12)]
    sandbox.store.orders.append(paid("#1013", "914.50", "CAD", customer=kim))


def _three_customers(sandbox: Sandbox, _ids: Ids) -> None:
    emails = "customer-set-happy-20260703055707@example.com", "atlas-procurement-20260703055707-main@example.com"
    updated = [datetime(2026, 7, 3, 5, 57, second, tzinfo=UTC) for second in (7, 8, 18)]
    sandbox.store.customers += [
        Customer("Last", "Ofall", "last@example.com", created=LONG_AGO, updated=updated[0]),
        Customer("Casey", "Contact", emails[1], created=LONG_AGO, updated=updated[2]),
        Customer(None, None, emails[0], created=LONG_AGO, updated=updated[1]),
    ]


def _canadian(sandbox: Sandbox, _ids: Ids) -> None:
    sandbox.store.currency = "CAD"


def _unpaid(sandbox: Sandbox, ids: Ids) -> None:
    order = Order("#1286", LONG_AGO, [Line("Thing", Decimal(14))], [])
    ids.learn("gid://shopify/Order/8733114532146", order.id)
    sandbox.store.orders.append(order)


def _numbered(number: str, location: str = "") -> Arrange:
    def arrange(sandbox: Sandbox, _ids: Ids) -> None:
        sandbox.store.orders.append(paid(number, "1.00", "USD"))
        sandbox.store.locations[0].name = location or sandbox.store.locations[0].name

    return arrange


def _somebodys(order: str, number: str, customer: str, name: str, email: str, *, price: str = "16.00") -> Arrange:
    """An unpaid order of a customer; `name` may be blank."""

    def arrange(sandbox: Sandbox, ids: Ids) -> None:
        first, _, last = name.partition(" ")
        whose = Customer(first or None, last or None, email, created=LONG_AGO)
        kept = Order(number, LONG_AGO, [Line("Thing", Decimal(price))], [], whose, email=email)
        ids.learn(f"gid://shopify/Order/{order}", kept.id)
        ids.learn(f"gid://shopify/Customer/{customer}", whose.id)
        sandbox.store.customers.append(whose)
        sandbox.store.orders.append(kept)

    return arrange


def _shipped(number: str, title: str, name: str, pieces: int = 1) -> Arrange:
    def arrange(sandbox: Sandbox, ids: Ids) -> None:
        order = paid(name, "10.00", "CAD", title=title, shipping=Decimal(5))
        order.lines[0].quantity, order.transactions[0].amount = pieces, Decimal(10 * pieces + 5)
        ids.learn(f"gid://shopify/Order/{number}", order.id)
        sandbox.store.orders.append(order)

    return arrange


#: What existed before, by recording.
ARRANGED: dict[str, Arrange] = {
    "customer-by-identifier": _somebody,
    "customers-search": _three_customers,
    "discount-code-basic-lifecycle": _canadian,
    "fulfillment-order-hold-validation": _numbered("#1081", "My Custom Location"),
    "fulfillment-order-release-hold-selective": _numbered("#1583", "HAR-654 Main 20260505044352"),
    "orderCancel-parity": _unpaid,
    "order-update-parity": _somebodys(
        "6830627356905", "#1323", "9096793751785", "Hermes Operator", "hermes-order-probe-1776899624464@example.com"
    ),
    "orderInvoiceSend-email-validation": _numbered("#1640"),
    "orderInvoiceSend-parity": _somebodys(
        "8733114663218", "#1288", "10586240778546", "", "sdp-order-invoice-1778105336783@example.com"
    ),
    "orderUpdate-input-validation": _numbered("#1639"),
    "refund-create-full-parity": _shipped("8838022103346", "Hermes refundable full item", "#1496"),
    "refund-create-partial-shipping-restock-parity": _shipped(
        "8838022037810", "Hermes refundable partial-shipping-restock item", "#1495", 2
    ),
    "refund-create-over-refund-user-errors": _shipped("8838022168882", "Hermes refundable over-refund item", "#1497"),
}


def replayed(name: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Replay a recording; yields the differences: step, place, recorded, given."""
    clock = [LONG_AGO]
    sandbox, ids = Sandbox(seed=False, now=lambda: clock[0], job_seconds=1), Ids()
    ARRANGED.get(name, _canadian)(sandbox, ids)
    for step in json.loads((recording.KEPT / f"{name}.json").read_text("utf-8")):
        clock[0] = datetime.fromisoformat(step["at"])
        given = sandbox.execute({"query": step["document"], "variables": ids.put(step["variables"])})
        ids.learn_all(step["answer"], given)
        answer = {key: given[key] for key in ("data", "errors") if key in given}
        for place, recorded, ours in differences(ids.put(step["answer"]), opened(answer)):
            yield step["name"], place, recorded, ours
        cost = (given.get("extensions") or {}).get("cost") or {}
        charged = [cost["requestedQueryCost"], cost["actualQueryCost"]] if cost else None
        if step["cost"] and charged != step["cost"]:
            yield step["name"], "cost", step["cost"], charged


@pytest.mark.parametrize("name", recording.RECORDINGS)
def test_sandbox_answers_like_the_real_store(name):
    found = list(replayed(name))
    assert [one for one in found if (name, *one[:2]) not in OTHERWISE] == []
    assert {(name, *one[:2]) for one in found} == {one for one in OTHERWISE if one[0] == name}


def test_difference_is_found():
    recorded, given = {"a": [1, {"b": None}], "d": [1]}, {"a": [1, {"b": 2}], "c": 3, "d": [1, 2]}
    assert sorted(differences(recorded, given)) == [(".a[1].b", None, 2), (".c", ..., 3), (".d", [1], [1, 2])]


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not available")
@pytest.mark.parametrize("name", recording.RECORDINGS)
def test_kept_recording_matches_the_original(name):
    assert (recording.KEPT / f"{name}.json").read_text("utf-8") == recording.cut_down(name, RECORDINGS)
