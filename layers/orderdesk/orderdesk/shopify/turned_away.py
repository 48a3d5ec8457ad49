"""Answers with which Shopify refuses a whole store before it looks at the request. An admin has to fix the cause.

Each has its own metric, so that an alarm can say what to do, and a log line with what helps to do it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from aws_lambda_powertools import Logger

from orderdesk import metrics
from orderdesk.errors import Misconfigured, Moved

logger = Logger(service="orderdesk", child=True)


class _Reason(NamedTuple):
    """The agent's message, and the metric."""

    message: str
    metric: metrics.Name


_REASONS = {
    402: _Reason("This Shopify store is frozen until its owner pays.", "ShopifyStoreFrozen"),
    404: _Reason("Shopify doesn't know this store.", "ShopifyStoreUnknown"),
    423: _Reason("This Shopify store is locked.", "ShopifyStoreLocked"),
    430: _Reason("Shopify's security rules blocked the request.", "ShopifyBlocked"),
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}\Z")


def turned_away(store: str, status: int, headers: Mapping[str, str], request_id: str) -> Misconfigured | None:
    """The error that an HTTP status means for the whole store, logged and counted; None if it means none.

    The request did nothing. A redirect is not followed, since a token belongs to one shop.
    """
    if status in _REDIRECTS:
        to = _host(headers.get("Location", ""))
        metrics.needs_admin("ShopifyStoreMoved", store=store)
        logger.error("Shopify redirects the store's requests to another domain", status=status, to=to or "not named")
        return Moved("This store has moved to another Shopify domain.", _told(request_id), to=to)
    reason = _REASONS.get(status)
    if reason is None:
        return None
    metrics.needs_admin(reason.metric, store=store)
    logger.error("Shopify refused the store", status=status, shopify_request_id=request_id)
    return Misconfigured(reason.message, _told(request_id))


def frozen(store: str) -> None:
    """Count a store that Shopify calls inactive in the answer itself (`SHOP_INACTIVE`) rather than by its status."""
    metrics.needs_admin(_REASONS[402].metric, store=store)


def _told(request_id: str) -> str:
    reference = f" (Shopify request {request_id})" if request_id else ""
    return f"Nothing was changed. Please tell an admin{reference}."


def _host(location: str) -> str:
    """The host of an address; "" if it has none."""
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        return ""
    return host if _HOST.match(host) else ""
