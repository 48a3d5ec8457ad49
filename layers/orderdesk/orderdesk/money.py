"""Amounts as Shopify gives them (`MoneyV2`) and as an agent reads them."""

from decimal import Decimal
from typing import Any, NamedTuple

# ISO 4217 minor units other than two.
_NO_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

# The signs that the CLDR gives for English; any other currency is written with its code.
_SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "MXN": "MX$",
    "BRL": "R$", "HKD": "HK$", "TWD": "NT$", "CNY": "CN¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫",
    "PHP": "₱",
}  # fmt: skip


class Money(NamedTuple):
    """An amount in one currency (ISO 4217 code)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """`$1234.50`, `¥1000`, `KWD 12.345`: readable, and the first number in it is the amount.

        No thousands separators: the helpdesk's templates take the first number in the text.
        """
        amount = self.amount
        step = Decimal(1).scaleb(-decimals(self.currency))
        if amount == amount.quantize(step):
            amount = amount.quantize(step)
        sign = _SIGNS.get(self.currency)
        return f"{sign}{amount:f}" if sign else f"{self.currency} {amount:f}"

    def __bool__(self) -> bool:
        """True where there is money."""
        return self.amount > 0


def sign_of(currency: str) -> str:
    """How an amount of the currency is written: its sign, or its code."""
    return _SIGNS.get(currency, currency)


def decimals(currency: str) -> int:
    """How many decimals ISO 4217 gives the currency."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def presentment(bag: dict[str, Any] | None) -> Money:
    """A `MoneyBag`'s amount in the currency that the customer paid in."""
    return money((bag or {}).get("presentmentMoney"))


def money(node: dict[str, Any] | None) -> Money:
    """A `MoneyV2`; nothing at all is no money."""
    if not node:
        return Money(Decimal(0), "USD")
    return Money(Decimal(node["amount"]), node["currencyCode"])
