"""A line of an order, as the sandbox keeps it."""

from dataclasses import dataclass, field
from decimal import Decimal

from .ids import gid


@dataclass
class Line:
    """A line of an order, in presentment currency: the price for one, and of all pieces what was taken off (its own
    discount, its part of the order's), taxes and duties.

    `removed`: pieces that were taken off the order before they were sent.
    """

    title: str
    price: Decimal
    quantity: int = 1
    sku: str = ""
    fulfilled: int = 0
    refunded: int = 0
    duty: Decimal = Decimal(0)
    image: str | None = None
    requires_shipping: bool = True
    id: str = field(default_factory=lambda: gid("LineItem"))
    duty_id: str = field(default_factory=lambda: gid("Duty"))
    discount: Decimal = Decimal(0)
    cart_discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    tax_title: str = "Tax"
    restockable: bool = False
    removed: int = 0
    duty_refunded: Decimal = Decimal(0)

    @property
    def refundable(self) -> int:
        """`refundableQuantity`: the pieces that were not refunded yet."""
        return self.quantity - self.refunded

    @property
    def unsent(self) -> int:
        """`unfulfilledQuantity`: the pieces that are still to be sent."""
        return self.quantity - self.fulfilled - self.removed

    @property
    def paid(self) -> Decimal:
        """What all pieces cost after discounts, without taxes and duties."""
        return self.price * self.quantity - self.discount - self.cart_discount

    @property
    def duty_left(self) -> Decimal:
        """The duties that were not refunded yet."""
        return self.duty - self.duty_refunded
