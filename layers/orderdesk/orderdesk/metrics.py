"""What is counted, for alarms and the dashboard: CloudWatch metrics in the namespace `Orderdesk`, written to the log.

Each figure is written once for the whole stage (for alarms) and once for the store, with the action if
there is one (for the dashboard). It is written at once and not at the end of a call, so that a function that
is stopped has counted what it did. A metric has no ids: each new value of a dimension is one more metric to pay for.

Who counts what:

==============================  =====  ==================================================================
`OutcomeSucceeded`, `…Refused`  count  operations: an operation's outcome was stored, or it became UNKNOWN,
`…Failed`, `…Unknown`                  or WAITING for a second person; by `outcome(state, store=…,
`OutcomeWaiting`                       action=…)`
`TimelineWriteFailed`           count  operations: the outcome and timeline entry could not be stored
`ReconcilerRan`                 count  find_open_operations: a run was completed
`OpenDue`                       count  find_open_operations: once a run, how many operations are due
`OpenOldestSeconds`             s      reconcile_operations: once a run of a shard, the age of the oldest operation
                                       that it has looked at without finding its outcome; 0 if there is none
`NeedsPerson`                   count  reconcile_operations: a person has to look at an operation
`ShopifyLatency`                ms     the client: one HTTP answer from Shopify
`ShopifyThrottled`              count  the client: Shopify said that our rate limit is used up
`ShopifyCredentialsRefused`     count  the client: Shopify refused the token, a scope, or the token grant
`ShopifyNoAnswer`               count  the client: Shopify did not answer, or its answer cannot be read
`ShopifyInPart`                 count  the client: an answer lacks a field, and not for lack of a scope
`ShopifyNotUnderstood`          count  the client: Shopify refused a request as malformed
`ShopifyStoreFrozen`            count  turned_away: 402, or the code SHOP_INACTIVE
`ShopifyStoreUnknown`           count  turned_away: 404
`ShopifyStoreLocked`            count  turned_away: 423
`ShopifyBlocked`                count  turned_away: 430
`ShopifyStoreMoved`             count  turned_away: a redirect
`ShopifyDomainUnusable`         count  config: shopify/domain is missing, or not a shop's domain
`ShopifyCredentialsMissing`     count  tokens: neither a token nor a client id and secret is set
`KeysMissing`                   count  api: the store has no key of 16 characters or more
`LimitsUnreadable`              count  limits: the parameter `limits` can't be read, so nothing passes
`StoreNeedsAdmin`               count  together with each of the nine above, from `ShopifyStoreFrozen`
                                       on: one alarm for what stops a store until its admin fixes it
`SettingsUnavailable`           count  config: SSM did not answer, and no values had been kept
`SettingsThrottled`             count  config: SSM allowed no more calls this second; the call is tried again
`ShopifyVersionFallenForward`   count  the client: Shopify served another API version than asked for
`Matched`, `NotMatched`         count  lookup: a BASIC search found a customer, or none
`CustomerGone`                  count  lookup: Shopify does not have the customer that a profile is linked to
`TooManyMatches`                count  lookup: more customers have a phone number than can be read
`LookupNotUnderstood`           count  lookup: the customer's id is malformed
`GladlyTold`                    count  tell_gladly: a late outcome is in Gladly
`GladlyNotTaken`                count  tell_gladly: Gladly did not answer, is busy or broken; it is sent again
`GladlyRefused`                 count  tell_gladly: Gladly refuses the user or the values, or a parameter is
                                       wrong; an admin has to look, and it is sent again for a day
`GladlyCustomerGone`            count  tell_gladly: Gladly has no such customer; it is not sent again
`CallersRefused`                count  api: a caller was refused with a 401; never with the store, since
                                       a stranger wrote its name
`EventsPublished`               count  publish_events: the bus, and the webhooks' queue, took so many events
`EventsNotTaken`                count  publish_events: they did not take so many now; they are published again
`EventUnreadable`               count  publish_events: a record of the stream can't be published at all
`WebhookDelivered`              count  deliver_webhooks: a receiver has accepted an event
`WebhookFailed`                 count  deliver_webhooks: a receiver did not accept it, or can't be called
`WebhookGivenUp`                count  deliver_webhooks: an event was not accepted for a day
==============================  =====  ==================================================================
"""

import os
import threading
from typing import Literal, get_args

from aws_lambda_powertools.metrics import EphemeralMetrics

NAMESPACE = "Orderdesk"

Name = Literal[
    "OutcomeSucceeded", "OutcomeRefused", "OutcomeFailed", "OutcomeUnknown", "OutcomeWaiting",
    "TimelineWriteFailed",
    "ReconcilerRan", "OpenDue", "OpenOldestSeconds", "NeedsPerson",
    "ShopifyLatency", "ShopifyThrottled", "ShopifyCredentialsRefused", "ShopifyVersionFallenForward",
    "ShopifyNoAnswer", "ShopifyInPart", "ShopifyNotUnderstood",
    "ShopifyStoreFrozen", "ShopifyStoreUnknown", "ShopifyStoreLocked", "ShopifyBlocked", "ShopifyStoreMoved",
    "ShopifyDomainUnusable", "ShopifyCredentialsMissing", "KeysMissing", "LimitsUnreadable",
    "StoreNeedsAdmin", "SettingsUnavailable", "SettingsThrottled",
    "GladlyTold", "GladlyNotTaken", "GladlyRefused", "GladlyCustomerGone",
    "Matched", "NotMatched", "CustomerGone", "TooManyMatches", "LookupNotUnderstood", "CallersRefused",
    "EventsPublished", "EventsNotTaken", "EventUnreadable", "WebhookDelivered", "WebhookFailed", "WebhookGivenUp",
]  # fmt: skip

#: The name of every metric.
NAMES: tuple[str, ...] = get_args(Name)

_UNITS = {"OpenOldestSeconds": "Seconds", "ShopifyLatency": "Milliseconds"}

_OUTCOMES: dict[str, Name] = {
    "SUCCEEDED": "OutcomeSucceeded",
    "REFUSED": "OutcomeRefused",
    "FAILED": "OutcomeFailed",
    "UNKNOWN": "OutcomeUnknown",
    "WAITING": "OutcomeWaiting",
}


class _OfThread(threading.local):
    """Powertools' metrics, once for each thread: to make them takes half as long as to write a figure."""

    def __init__(self) -> None:
        self.metrics = EphemeralMetrics(namespace=NAMESPACE, service="")


_of_thread = _OfThread()


def record(name: Name, value: float = 1, *, store: str = "", action: str = "") -> None:
    """Write one figure, in the unit given above. `action` as in the parameters (`refund_order`)."""
    metrics = _of_thread.metrics
    try:
        # Its own dimension is the service; the stage tells apart two deployments in one account.
        metrics.set_default_dimensions(stage=os.environ["ORDERDESK_STAGE"])
        metrics.add_metric(name, _UNITS.get(name, "Count"), value)
        # All functions write to one log group, so each line names its function.
        metrics.add_metadata("function_name", os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""))
        if within := {kind: of for kind, of in (("store", store), ("action", action)) if of}:
            metrics.add_dimensions(**within)
        metrics.flush_metrics()
    finally:
        metrics.clear_metrics()


def needs_admin(name: Name, *, store: str) -> None:
    """Count a problem that stops a whole store until its admin fixes it: under its own name, and for the common
    alarm."""
    record(name, store=store)
    record("StoreNeedsAdmin", store=store)


def outcome(state: str, *, store: str, action: str) -> None:
    """Count an operation that has reached `state`: SUCCEEDED, REFUSED, FAILED, UNKNOWN or WAITING."""
    record(_OUTCOMES[state], store=store, action=action)
