"""What is counted, for alarms and the dashboard: CloudWatch metrics in the namespace `Orderdesk`, by way of the log.

Each figure is written for the whole stage (what alarms look at) and once more for the store, with the action where
there is one (what the dashboard takes apart). Written at once and not at the end of a call, so that a function that
is cut off has counted what it did. A metric carries no ids: each new value of a dimension is one more metric to pay.

Who counts what:

==============================  =====  ==================================================================
`OutcomeSucceeded`, `…Refused`  count  operations: an operation's end was written, or it became UNKNOWN;
`…Failed`, `…Unknown`                  by `outcome(state, store=…, action=…)`
`TimelineWriteFailed`           count  operations: outcome and timeline entry could not be written
`ReconcilerRan`                 count  reconcile_operations: a run came to its end
`OpenOldestSeconds`             s      reconcile_operations: once a run, the age of the oldest operation whose
                                       outcome is open; 0 where there is none
`NeedsPerson`                   count  reconcile_operations: an operation was left to a person
`ShopifyLatency`                ms     the client: one HTTP answer of Shopify's
`ShopifyThrottled`              count  the client: Shopify said that its bucket for us is empty
`ShopifyCredentialsRefused`     count  the client: Shopify takes the token or a scope of it not, or no grant
`ShopifyNoAnswer`               count  the client: Shopify was not reached, or its answer cannot be read
`ShopifyInPart`                 count  the client: an answer lacks something that is not denied
`ShopifyNotUnderstood`          count  the client: Shopify refused a request of ours as it stands
`ShopifyStoreFrozen`            count  turned_away: 402, or the code SHOP_INACTIVE
`ShopifyStoreUnknown`           count  turned_away: 404
`ShopifyStoreLocked`            count  turned_away: 423
`ShopifyBlocked`                count  turned_away: 430
`ShopifyStoreMoved`             count  turned_away: a redirect
`ShopifyDomainUnusable`         count  config: shopify/domain is missing, or none of a shop
`ShopifyCredentialsMissing`     count  tokens: neither a token nor a client's id and secret is set
`KeysMissing`                   count  api: the store has no key for the helpdesk that counts
`StoreNeedsAdmin`               count  with each of the eight above, from `ShopifyStoreFrozen` on: one alarm for
                                       what keeps a whole store from working until its admin mends it
`SettingsUnavailable`           count  config: SSM did not answer, and there were no values to go on with
`ShopifyVersionFallenForward`   count  the client: Shopify served another API version than asked for
`Matched`, `NotMatched`         count  lookup: a BASIC search found somebody, or nobody
`CustomerGone`                  count  lookup: Shopify has nobody of the number that a profile is linked to
`TooManyMatches`                count  lookup: more customers carry a phone number than can be read
`LookupNotUnderstood`           count  lookup: the customer's id is none
`CallersRefused`                count  api: a caller proved no identity, a 401; never with the store, whose name
                                       is what a stranger wrote
==============================  =====  ==================================================================
"""

import os
from typing import Literal, get_args

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

NAMESPACE = "Orderdesk"

Name = Literal[
    "OutcomeSucceeded", "OutcomeRefused", "OutcomeFailed", "OutcomeUnknown", "TimelineWriteFailed",
    "ReconcilerRan", "OpenOldestSeconds", "NeedsPerson",
    "ShopifyLatency", "ShopifyThrottled", "ShopifyCredentialsRefused", "ShopifyVersionFallenForward",
    "ShopifyNoAnswer", "ShopifyInPart", "ShopifyNotUnderstood",
    "ShopifyStoreFrozen", "ShopifyStoreUnknown", "ShopifyStoreLocked", "ShopifyBlocked", "ShopifyStoreMoved",
    "ShopifyDomainUnusable", "ShopifyCredentialsMissing", "KeysMissing", "StoreNeedsAdmin", "SettingsUnavailable",
    "Matched", "NotMatched", "CustomerGone", "TooManyMatches", "LookupNotUnderstood", "CallersRefused",
]  # fmt: skip

#: Every name that is written.
NAMES: tuple[str, ...] = get_args(Name)

_UNITS = {"OpenOldestSeconds": "Seconds", "ShopifyLatency": "Milliseconds"}

_OUTCOMES: dict[str, Name] = {
    "SUCCEEDED": "OutcomeSucceeded",
    "REFUSED": "OutcomeRefused",
    "FAILED": "OutcomeFailed",
    "UNKNOWN": "OutcomeUnknown",
}


def record(name: Name, value: float = 1, *, store: str = "", action: str = "") -> None:
    """Write one figure, in the unit that its name has above. `action` as in the parameters (`refund_order`)."""
    # The provider's own dimension is the service; the stage tells two deployments in one account apart.
    metrics = AmazonCloudWatchEMFProvider(
        namespace=NAMESPACE, service="", default_dimensions={"stage": os.environ["ORDERDESK_STAGE"]}
    )
    metrics.add_metric(name, _UNITS.get(name, "Count"), value)
    # All functions write to one log: each of its lines says whose it is.
    metrics.add_metadata("function_name", os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""))
    if within := {kind: of for kind, of in (("store", store), ("action", action)) if of}:
        metrics.add_dimensions(**within)
    metrics.flush_metrics()


def needs_admin(name: Name, *, store: str) -> None:
    """Count what keeps a whole store from working until its admin mends it: as itself, and for the one alarm."""
    record(name, store=store)
    record("StoreNeedsAdmin", store=store)


def outcome(state: str, *, store: str, action: str) -> None:
    """Count an operation that has come to `state`: SUCCEEDED, REFUSED, FAILED or UNKNOWN."""
    record(_OUTCOMES[state], store=store, action=action)
