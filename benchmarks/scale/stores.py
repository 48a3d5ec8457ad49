"""Who works with the deployment: 1,000 stores of very different size, their agents, and what they do."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import NamedTuple

from .machine import Bucket
from .quotas import SHOPIFY, SHOPIFY_BUCKET_SECONDS

AGENTS, STORES = 10_000, 1_000
#: How many actions an agent submits in an hour at work, and for how many hours of a day; 22 days a month.
ACTIONS_AN_HOUR, HOURS, DAYS = 12, 8, 22
#: How often an agent looks a customer up for each action: once to find them, once to see the orders, once afterwards.
LOOKUPS = ("auto-link", "profile", "profile")
#: Of a hundred submits. Support is mostly tags and notes; money is a third.
MIX = {
    "edit-order-tags": 25, "edit-order-notes": 20, "refund-order": 15, "refund-items": 10, "cancel-order": 10,
    "edit-shipping-address": 8, "hold-fulfillment": 4, "release-fulfillment": 3, "send-invoice": 2,
    "create-discount-code": 3,
}  # fmt: skip

#: How many of the largest stores are on Shopify's larger plans.
_PLUS, _ADVANCED = 30, 130


class Store:
    """A store, its share of all agents, and Shopify's bucket for the app in its shop."""

    __slots__ = ("asked_at", "bucket", "name", "plan", "share", "token_revoked")

    def __init__(self, rank: int, share: float) -> None:
        self.name, self.share = f"store-{rank}", share
        self.plan = "Plus" if rank <= _PLUS else "Advanced" if rank <= _ADVANCED else "Standard"
        rate = SHOPIFY[self.plan].value
        self.bucket = Bucket(rate, rate * SHOPIFY_BUCKET_SECONDS)
        self.token_revoked = False


class Stores(NamedTuple):
    """All stores, the largest first: the n-th has an n-th of the first one's agents (Zipf's law)."""

    every: list[Store]
    cumulated: list[float]

    @classmethod
    def made(cls, count: int = STORES) -> "Stores":
        """That many stores."""
        whole = sum(1 / rank for rank in range(1, count + 1))
        every = [Store(rank, 1 / rank / whole) for rank in range(1, count + 1)]
        return cls(every, list(accumulate(store.share for store in every)))

    def any(self, random: Random) -> Store:
        """A store, each as likely as it is large."""
        return self.every[min(bisect(self.cumulated, random.random()), len(self.every) - 1)]


def some_action(random: Random) -> str:
    """An action, each as likely as it is frequent."""
    return random.choices(list(MIX), list(MIX.values()))[0]
