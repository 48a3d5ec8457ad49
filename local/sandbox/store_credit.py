"""Store credit: a customer's accounts, one per currency, credited and debited with the recorded refusals.

A refund to store credit, or of what was paid with it, goes to the account in its currency when its transaction
succeeds. No such refund was recorded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from .connections import connection
from .customers import Customer
from .defaults import node
from .ids import iso, money
from .orders import Order, Transaction
from .store import Store
from .user_errors import refusal

GATEWAY, SHOWN = "shopify_store_credit", "Store credit"
"""The gateway of what is paid by store credit, and refunded to it."""

_NUMBERS: Iterator[int] = count(960004402, 32768)


@dataclass
class Account:
    """A store credit account. Its currency does not change. `refunds`: the orders' refunds to it."""

    owner: Customer
    currency: str
    booked: Decimal = Decimal(0)
    refunds: list[Transaction] = field(default_factory=list)
    id: str = field(default_factory=lambda: f"gid://shopify/StoreCreditAccount/{next(_NUMBERS)}")

    @property
    def balance(self) -> Decimal:
        """The balance to spend. A refund under way does not count yet."""
        return self.booked + sum((t.amount for t in self.refunds if t.status == "SUCCESS"), Decimal(0))


def account_node(store: Store, account: Account | None) -> dict[str, Any] | None:
    """A StoreCreditAccount."""
    if account is None:
        return None
    return node(
        "StoreCreditAccount",
        id=account.id,
        balance=money(account.balance, account.currency),
        owner=lambda _info: store.customer_node(account.owner),
    )


def accounts(store: Store, owner: Customer, given: dict[str, Any]) -> dict[str, Any]:
    """The StoreCreditAccountConnection of a customer."""
    own = [one for one in store.credit if one.owner is owner]
    return connection(own, given, lambda one: account_node(store, one))


def find(store: Store, account_id: str) -> Account | None:
    """The account with a gid."""
    return next((one for one in store.credit if one.id == account_id), None)


def credit(store: Store, owner_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """`storeCreditAccountCredit`: to an account, or to a customer, who gets an account if there is none in the
    currency."""
    amount, currency = Decimal(given["creditAmount"]["amount"]), given["creditAmount"]["currencyCode"]
    where, expires = ["creditInput", "creditAmount"], given.get("expiresAt")
    if amount <= 0:
        words = "A positive amount must be used to credit a store credit account"
        return _refused([*where, "amount"], words, "NEGATIVE_OR_ZERO_AMOUNT")
    if expires and datetime.fromisoformat(expires) <= store.now():
        return _refused(["creditInput", "expiresAt"], "The expiry date must be in the future", "EXPIRES_AT_IN_PAST")
    account = _account(store, owner_id, currency)
    if account is None and (owner := store.customer(owner_id)):
        account = Account(owner, currency)
        store.credit.append(account)
    return _moved(store, account, amount, currency, where)


def pay_out(store: Store, order: Order, refunds: Iterable[Transaction]) -> None:
    """Credit these refunds' store credit to the order's customer, who gets an account if there is none."""
    for moved in (t for t in refunds if t.gateway == GATEWAY and order.customer):
        own = (one for one in store.credit if one.owner is order.customer and one.currency == order.currency)
        account = next(own, None)
        if account is None:
            account = Account(order.customer, order.currency)
            store.credit.append(account)
        account.refunds.append(moved)


def debit(store: Store, owner_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """`storeCreditAccountDebit`: from an account, or from a customer's account in the currency."""
    amount, currency = Decimal(given["debitAmount"]["amount"]), given["debitAmount"]["currencyCode"]
    where, account = ["debitInput", "debitAmount"], _account(store, owner_id, currency)
    if amount <= 0:
        words = "A positive amount must be used to debit a store credit account"
        return _refused([*where, "amount"], words, "NEGATIVE_OR_ZERO_AMOUNT")
    if account and account.currency == currency and account.balance < amount:
        words = "The store credit account does not have sufficient funds to satisfy the request"
        return _refused([*where, "amount"], words, "INSUFFICIENT_FUNDS")
    return _moved(store, account, -amount, currency, where)


def _account(store: Store, owner_id: str, currency: str) -> Account | None:
    own = [one for one in store.credit if one.owner.id == owner_id and one.currency == currency]
    return find(store, owner_id) or next(iter(own), None)


def _moved(store: Store, account: Account | None, amount: Decimal, currency: str, where: list[str]) -> dict[str, Any]:
    """Book an amount. Refused without an account (words not recorded), and in another currency."""
    if account is None:
        return _refused(["id"], "Store credit account does not exist", "ACCOUNT_NOT_FOUND")
    if account.currency != currency:
        words = "The currency provided does not match the currency of the store credit account"
        return _refused([*where, "currencyCode"], words, "MISMATCHING_CURRENCY")
    account.booked += amount
    booked = node(
        "StoreCreditAccountDebitTransaction" if amount < 0 else "StoreCreditAccountCreditTransaction",
        amount=money(amount, currency),
        balanceAfterTransaction=money(account.balance, currency),
        createdAt=iso(store.now()),
        event="ADJUSTMENT",
        origin=None,
        account=account_node(store, account),
    )
    return {"storeCreditAccountTransaction": booked, "userErrors": []}


def _refused(field_path: list[str], words: str, code: str) -> dict[str, Any]:
    return {"storeCreditAccountTransaction": None, "userErrors": [refusal(field_path, words, code)]}
