"""Shopify's ids: global ids and their numbers, and whose an order is, in one text."""

import re
from collections.abc import Mapping
from typing import Any

from .errors import BadInput

#: ASCII alone: `\d` is any digit of Unicode. Shopify writes no zeros before a number.
NUMBER = r"([1-9][0-9]{0,19})"
_GUEST = "order-"
_OF_A_GUEST = re.compile(rf"{_GUEST}{NUMBER}\Z")


class CustomerId(str):
    """A customer's number, or `order-` and an order's number for the guest who placed that order."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> "CustomerId":
        """The id in a text: a gid of a customer, a number, or a guest's. Raises BadInput."""
        if _OF_A_GUEST.match(text.strip()):
            return cls(text.strip())
        return cls(number_in("Customer", text, "customer"))

    @classmethod
    def of_guest(cls, order: str) -> "CustomerId":
        """The guest who placed the order of this number."""
        return cls(f"{_GUEST}{order}")

    @classmethod
    def of_order(cls, order: str, customer: Mapping[str, Any] | None) -> "CustomerId":
        """Whose the order of this number is, by Shopify's `Order.customer`: null for a guest."""
        return cls(number(customer["id"])) if customer else cls.of_guest(order)

    @property
    def is_guest(self) -> bool:
        """True for a person without an account: the id names their order."""
        return self.startswith(_GUEST)

    @property
    def number(self) -> str:
        """The customer's number, or that of the guest's order."""
        return self.removeprefix(_GUEST)


def gid(kind: str, number: str) -> str:
    """A Shopify global id."""
    return f"gid://shopify/{kind}/{number}"


def number(global_id: str) -> str:
    """The number at the end of a Shopify global id."""
    return global_id.rsplit("/", 1)[-1].split("?")[0]


def number_in(kind: str, text: str, attr: str) -> str:
    """The number in a text that is a gid of this kind or a number. Raises BadInput, about the parameter `attr`."""
    match = re.fullmatch(rf"(?:gid://shopify/{kind}/)?{NUMBER}", text.strip())
    if not match:
        raise BadInput(f"The {attr} is missing or isn't a valid ID.", attr=attr)
    return match.group(1)
