"""What a code takes off, as it was typed for its type: an amount of the shop's currency, or percent."""

from decimal import Decimal

from orderdesk import typed
from orderdesk.errors import BadInput
from orderdesk.money import decimals

#: Shopify's two kinds of value, as an agent reads them.
TYPES = {"fixed": "Fixed amount", "percentage": "Percentage"}
_MOST = Decimal("1000000000")


def off_by(kind: str, text: str, currency: str) -> Decimal:
    """What was typed as `value`: shop currency, or percent. Raises BadInput, also for a sign that says otherwise."""
    value = typed.number(text)
    if "," in text:
        raise _not_usable(f"Type “{text}” without the comma, such as 1000 or 1.50.")
    if value is None or value.amount <= 0:
        raise _not_usable("Value must be a number above 0, such as 30 or 12.50.")
    _require_signs_that_fit(kind, text, value, currency)
    places = decimals(currency) if kind == "fixed" else 2
    # The digits typed count: who types 1.000 may mean a thousand.
    if value.decimals > places:
        most, of = f"up to {places}" if places else "no", f" in {currency}" if kind == "fixed" else ""
        raise _not_usable(f"Value can have {most} decimals{of}. “{text}” has {value.decimals}.")
    if kind == "percentage" and value.amount > 100:
        raise _not_usable("A percentage can't be more than 100.")
    if value.amount >= _MOST:
        raise _not_usable("Value is too large.")
    return value.amount


def _require_signs_that_fit(kind: str, text: str, value: typed.Typed, currency: str) -> None:
    """Raise BadInput if a sign next to the number contradicts the type or the currency."""
    if kind == "fixed" and value.is_percent:
        raise _not_usable(
            f"“{text}” is a percentage, but the type is {TYPES[kind]}. Choose {TYPES['percentage']}, or type an "
            f"amount in {currency} without a sign."
        )
    if kind == "percentage" and value.is_money:
        raise _not_usable(
            f"“{text}” is an amount of money, but the type is {TYPES[kind]}. Choose {TYPES['fixed']}, or type the "
            "percentage without a sign."
        )
    if kind == "fixed" and not value.fits(currency):
        raise _not_usable(
            f"“{text}” isn't an amount in {currency}, the shop's currency. Type the amount without a sign."
        )


def _not_usable(why: str) -> BadInput:
    return BadInput(why, attr="value")
