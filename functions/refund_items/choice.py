"""What an agent chose to refund: read from the form's fields, as Shopify's variables, and in words for the timeline."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from orderdesk import typed
from orderdesk.errors import BadInput
from orderdesk.ids import gid
from orderdesk.money import Money, decimals
from orderdesk.operations import Outcome

#: How the attr of a line's field begins; the line's number in Shopify follows, which never changes.
ATTR = "line_"

#: So many lines are in the first form, and so many of the others in the second.
FIRST_LINES, MORE_LINES = 20, 100
LINES_AT_MOST = max(FIRST_LINES, MORE_LINES)

NO_RESTOCK, TO_CREDIT = "no", "credit"
_RESTOCK = {"return": "RETURN", "cancel": "CANCEL"}

_RESTOCKED = {"RETURN": "returned to stock", "CANCEL": "cancelled and restocked", "NO_RESTOCK": "not restocked"}


class Choice(NamedTuple):
    """What to refund: quantities by line number; shipping as an amount (presentment currency), all of it, or
    none; `restock` as the form has it; to store credit or to the original payments."""

    lines: Mapping[str, int]
    shipping: Decimal | None
    all_shipping: bool
    restock: str
    to_credit: bool
    shown: Mapping[str, Any]

    @classmethod
    def of(cls, values: Mapping[str, Any], shown: Mapping[str, Any]) -> "Choice":
        """The choice in the form's fields, if it fits what the form showed. Raises BadInput at the field that does
        not."""
        lines = _lines(values, shown)
        shipping = _shipping(values, shown)
        if not lines and not shipping and values["shipping"] != "all":
            raise BadInput("Choose what to refund.", "Nothing was refunded: choose a line's quantity, or shipping.")
        if values["reason"] not in shown["reasons"]:
            raise BadInput("Choose one of the reasons.", attr="reason")
        if values["restock"] not in (NO_RESTOCK, *shown["restock"]):
            raise BadInput("Choose one of the ways to restock.", attr="restock")
        if values["to"] == TO_CREDIT and not shown["credit"]:
            raise BadInput("Shopify doesn't offer store credit for this order.", attr="to")
        for line, quantity in lines.items():
            _require_left(line, quantity, shown, cancels=values["restock"].startswith("cancel:"))
        return cls(lines, shipping, values["shipping"] == "all", values["restock"], values["to"] == TO_CREDIT, shown)

    def variables(self) -> dict[str, Any]:
        """The variables by which Shopify suggests a refund for exactly this."""
        return {
            "lines": [self._line(line, quantity) for line, quantity in sorted(self.lines.items())],
            "duties": [duty for line in sorted(self.lines) for duty in self._duties(line)],
            "shippingAmount": None if self.shipping is None else str(self.shipping),
            "allShipping": self.all_shipping,
            "method": "STORE_CREDIT" if self.to_credit else "ORIGINAL_PAYMENT_METHODS",
        }

    def _line(self, line: str, quantity: int) -> dict[str, Any]:
        """A `RefundLineItemInput`. Shopify takes a location only if the pieces are restocked."""
        how, _, location = self.restock.partition(":")
        given = {"lineItemId": gid("LineItem", line), "quantity": quantity}
        if how == NO_RESTOCK:
            return given | {"restockType": "NO_RESTOCK"}
        return given | {"restockType": _RESTOCK[how], "locationId": gid("Location", location)}

    def _duties(self, line: str) -> list[dict[str, str]]:
        """The duties of the pieces: with the last pieces of a line goes all that is left of its duties."""
        known = self.shown["lines"][line]
        how = "FULL" if self.lines[line] == known["left"] else "PROPORTIONAL"
        return [{"dutyId": duty, "refundType": how} for duty in known["duties"]]


def details_of(asked: Mapping[str, Any], shown: Mapping[str, Any], shipping: Money) -> dict[str, Any]:
    """What an operation keeps of the choice that has these variables: `lines` and `shipping` (presentment currency), as
    the timeline shows them, and `restock`."""
    lines = [
        {"line": number, "name": shown["lines"][number]["name"], "quantity": str(line["quantity"])}
        for line in asked["lines"]
        if (number := line["lineItemId"].rsplit("/", 1)[-1])
    ]
    kept: dict[str, Any] = {"lines": lines, "restock": asked["lines"][0]["restockType"]} if lines else {}
    return kept | ({"shipping": str(shipping.amount)} if shipping else {})


def words(details: Mapping[str, Any], currency: str) -> str:
    """`2 × “Mug”, shipping $5.00, not restocked`: the choice that an operation has kept. No full stop at the end."""
    lines = details.get("lines", ())
    told = [f"{line['quantity']} × “{line['name']}”" for line in lines[:FIRST_LINES]]
    told += [f"{len(lines) - FIRST_LINES} more lines"] if len(lines) > FIRST_LINES else []
    told += [f"shipping {Money(Decimal(details['shipping']), currency)}"] if "shipping" in details else []
    return ", ".join([*told, *([_RESTOCKED[details["restock"]]] if "restock" in details else [])])


def with_items(outcome: Outcome, details: Mapping[str, Any]) -> Outcome:
    """The outcome of a refund with what was refunded, by the details of its operation."""
    kept = {name: details[name] for name in ("lines", "shipping") if name in details}
    items = words(details, details["currency"])
    return outcome._replace(detail=f"{outcome.detail} Items: {items}.", entry={**outcome.entry, **kept})


def _lines(values: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, int]:
    """Quantities by line number: those that were chosen, or all that the form showed."""
    lines = {attr.removeprefix(ATTR): quantity for attr, quantity in values["lines"].items()}
    if values["items"] != "all":
        return lines
    if lines:
        raise BadInput("Choose all items or quantities, and not both.", "Nothing was refunded.", attr="items")
    return {line: known["left"] for line, known in shown["lines"].items()}


def _shipping(values: Mapping[str, Any], shown: Mapping[str, Any]) -> Decimal | None:
    """The amount of shipping to refund; None for all of it, and for none."""
    text, currency = values["shipping_amount"], shown["currency"]
    if values["shipping"] != "amount":
        if text:
            raise _not_usable("Choose “An amount” to refund this much of the shipping, or clear it.")
        if values["shipping"] == "all" and not Decimal(shown["shipping_left"]):
            raise BadInput("No shipping is left to refund.", attr="shipping")
        return None
    amount, left = typed.number(text), Money(Decimal(shown["shipping_left"]), currency)
    if amount is None or amount.is_percent or not amount.fits(currency) or amount.amount <= 0:
        raise _not_usable(f"Type an amount in {currency}, such as 5.")
    if amount.decimals > (places := decimals(currency)):
        raise _not_usable(f"The amount may have {f'up to {places}' if places else 'no'} decimals in {currency}.")
    if amount.amount > left.amount:
        raise _not_usable(f"No more than {left} of the shipping is left to refund.")
    return amount.amount


def _not_usable(why: str) -> BadInput:
    return BadInput(why, attr="shipping_amount")


def _require_left(line: str, quantity: int, shown: Mapping[str, Any], *, cancels: bool) -> None:
    """Raise BadInput at the line's field if the form did not show so many pieces, or so many that were not sent."""
    known, attr = shown["lines"].get(line), f"{ATTR}{line}"
    if not known:
        raise BadInput("This line is not in this form.", "Nothing was refunded. Open the form again.", attr=attr)
    if quantity > known["left"]:
        raise BadInput(f"No more than {known['left']} of “{known['name']}” can be refunded.", attr=attr)
    if cancels and quantity > known["unsent"]:
        raise BadInput(
            f"Only {known['unsent']} of “{known['name']}” can be cancelled: the others are sent.",
            "Nothing was refunded. Choose fewer, or another way to restock.",
            attr=attr,
        )
