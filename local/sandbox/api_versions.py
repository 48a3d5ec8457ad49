"""API versions: the one that a path asks for, the one that answers, and what that version lacks.

Four stable versions answer at a time. An older one falls forward to the oldest of them, and the header
`X-Shopify-API-Version` says so. A version that does not exist is a 404. https://shopify.dev/docs/api/usage/versioning
"""

import re

NEWEST = "2026-10"
SERVED = ("2026-01", "2026-04", "2026-07", NEWEST)
LATER = ("unstable", "2027-01")

ADDED = {
    "2026-04": {("DiscountCodeBasicInput", "tags"), ("DiscountCodeBasic", "tags")},
    "2026-07": {("DiscountContextInput", "markets")},
    "2026-10": {("OrderCancelPayload", "jobResult")},
}
"""Simulated fields by type and by the version that introduced them."""


def served(asked: str) -> str | None:
    """The version that answers; None if the version does not exist."""
    if asked in SERVED or asked in LATER:
        return asked
    if re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and asked < SERVED[0]:
        return SERVED[0]
    return None


def lacks(version: str, kind: str, field: str) -> bool:
    """True if a version does not have a field yet."""
    return version not in LATER and any((kind, field) in new for since, new in ADDED.items() if since > version)
