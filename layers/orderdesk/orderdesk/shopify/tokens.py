"""Shopify access tokens: static, or from the client-credentials grant, which lasts 24 hours.

Source: shopify.dev, "Using the client credentials grant"; `expires_in` is 86399, there is no refresh token.
"""

import hashlib
import time
from typing import NamedTuple

import requests
from aws_lambda_powertools import Logger

from orderdesk import metrics
from orderdesk.config import Settings
from orderdesk.deadline import Deadline
from orderdesk.errors import Misconfigured, ShopifyUnavailable

from .turned_away import turned_away

logger = Logger(service="orderdesk", child=True)

#: A token is renewed this many seconds before it ends.
EARLY = 300


class _Granted(NamedTuple):
    token: str
    until: float


_granted: dict[tuple[str, str, str], _Granted] = {}


def renewable(known: Settings) -> bool:
    """True if a token that Shopify rejects can be replaced by a new one."""
    return not known.access_token


def token(known: Settings, http: requests.Session, deadline: Deadline, *, renew: bool = False) -> str:
    """The token to send. `renew` asks for a new one even if the current one should still be good.

    Raises Misconfigured if no credentials are set or Shopify refuses them, ShopifyUnavailable if the grant gets no
    answer. In both cases the store was asked for nothing.
    """
    if known.access_token:
        return known.access_token
    client_id, secret = _credentials(known)
    # A rotated secret must not get the old secret's token, and the secret itself is not kept as a key.
    key = (known.shopify_url, client_id, hashlib.sha256(secret.encode()).hexdigest())
    kept = _granted.get(key)
    if kept and kept.until > time.monotonic() and not renew:
        return kept.token
    _granted[key] = granted = _grant(known, client_id, secret, http, deadline)
    return granted.token


def _credentials(known: Settings) -> tuple[str, str]:
    """Client id and secret. Counts it and raises Misconfigured if one is missing."""
    try:
        return known.client_credentials
    except Misconfigured:
        metrics.needs_admin("ShopifyCredentialsMissing", store=known.store)
        raise


def _grant(known: Settings, client_id: str, secret: str, http: requests.Session, deadline: Deadline) -> _Granted:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    try:
        response = http.post(
            f"{known.shopify_url}/admin/oauth/access_token",
            data=form,
            timeout=min(3.0, deadline.left()) or 0.01,
            allow_redirects=False,
        )
        answer = response.json() if response.status_code == 200 else {}
    except (requests.RequestException, ValueError) as failure:
        logger.warning("The token grant got no answer", store=known.store, cause=type(failure).__name__)
        metrics.record("ShopifyNoAnswer", store=known.store)
        raise ShopifyUnavailable(
            "Shopify didn't answer.", "Nothing was changed. Please try again in a minute."
        ) from None
    if away := turned_away(known.store, response.status_code, response.headers, ""):
        raise away
    if response.status_code >= 500 or response.status_code == 429:
        metrics.record("ShopifyThrottled" if response.status_code == 429 else "ShopifyNoAnswer", store=known.store)
        raise ShopifyUnavailable("Shopify didn't answer.", "Nothing was changed. Please try again in a minute.")
    if not answer.get("access_token"):
        metrics.record("ShopifyCredentialsRefused", store=known.store)
        logger.error("Shopify refused the client credentials", store=known.store, status=response.status_code)
        raise Misconfigured(
            "Shopify doesn't accept this store's credentials.",
            "Nothing was changed. Ask an admin to check shopify/client_id and shopify/client_secret.",
        )
    lasts = float(answer.get("expires_in") or 0)
    return _Granted(str(answer["access_token"]), time.monotonic() + max(0.0, lasts - EARLY))
