"""Amounts as Shopify returns them (`MoneyV2`) and as an agent reads them."""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .shopify.nodes import Paid, PaidMoneyV2

# ISO 4217 currencies whose number of decimals is not two.
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

# The CLDR's symbols for English. Any other currency is written with its code.
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
        """`$1234.50`, `¥1000`, `KWD 12.345`.

        No thousands separators: the helpdesk's templates take the first number in the text.
        """
        amount = self.amount
        step = Decimal(1).scaleb(-decimals(self.currency))
        if amount == amount.quantize(step):
            amount = amount.quantize(step)
        sign = _SIGNS.get(self.currency)
        return f"{sign}{amount:f}" if sign else f"{self.currency} {amount:f}"

    def __bool__(self) -> bool:
        """True if the amount is not zero."""
        return self.amount > 0


def sign_of(currency: str) -> str:
    """How an amount in the currency is written: with its symbol, or with its code."""
    return _SIGNS.get(currency, currency)


def decimals(currency: str) -> int:
    """The currency's number of decimals (ISO 4217)."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def presentment(bag: "Paid | None") -> Money:
    """The amount of a `MoneyBag` in the currency that the customer paid in."""
    return money((bag or {}).get("presentmentMoney"))


def money(node: "PaidMoneyV2 | None") -> Money:
    """A `MoneyV2` as Money; zero if it is missing."""
    if not node:
        return Money(Decimal(0), "USD")
    return Money(Decimal(node["amount"]), node["currencyCode"])
