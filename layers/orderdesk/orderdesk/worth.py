"""What a submit gives away: an amount of the shop's currency, or a percentage. A store's limits compare with it."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .money import Money, decimals, money, presentment
from .movements import Tender

if TYPE_CHECKING:
    from .shopify.nodes import Paid

PERCENT = "%"


class Worth(NamedTuple):
    """What one submit gives away. `unit`: the shop's currency (ISO 4217), or PERCENT for a discount in percent."""

    amount: Decimal
    unit: str

    def __str__(self) -> str:
        """`$30.00`, `20 %`."""
        if self.unit == PERCENT:
            return f"{self.amount.normalize():f}%"
        return str(Money(self.amount, self.unit))

    def __bool__(self) -> bool:
        """True if something is given away."""
        return self.amount > 0


#: What a submit is worth that gives nothing away.
NOTHING = Worth(Decimal(0), "")


def of_tenders(order: Mapping[str, Any], tenders: Iterable[Tender], total: Money) -> Worth:
    """What a refund of `total` (presentment currency) to these tenders is worth in the shop's currency.

    By Shopify's own `shopMoney` of each payment (fragment `InShopCurrency`); by that of the order for what is on no
    tender. A part of a payment is worth its share, rounded up.
    """
    payments = {t["id"]: t["amountSet"] for t in order.get("transactions") or []}
    parts = [(payments[tender.parent], tender.amount) for tender in tenders if tender.parent in payments]
    rest = total.amount - sum((amount.amount for _, amount in parts), start=Decimal(0))
    if rest > 0:
        parts.append((order["netPaymentSet"], total._replace(amount=rest)))
    shares = [_share(bag, amount) for bag, amount in parts]
    if not shares:
        return NOTHING
    return Worth(sum((share.amount for share in shares), start=Decimal(0)), shares[0].unit)


def _share(bag: Mapping[str, Any], amount: Money) -> Worth:
    """What `amount` of a `MoneyBag` is worth in the shop's currency."""
    whole, shop = presentment(cast("Paid", bag)), money(bag["shopMoney"])
    if whole.currency == shop.currency or not whole:
        return Worth(amount.amount, shop.currency)
    step = Decimal(1).scaleb(-decimals(shop.currency))
    return Worth((amount.amount * shop.amount / whole.amount).quantize(step, ROUND_UP), shop.currency)
