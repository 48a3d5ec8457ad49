"""What is counted, for alarms and the dashboard: CloudWatch metrics in the namespace `Orderdesk`, by way of the log.

Each figure is written for the whole stage (what alarms look at) and once more for the store, with the action where
there is one (what the dashboard takes apart). Written at once and not at the end of a call, so that a function that
is cut off has counted what it did. A metric carries no ids: each new value of a dimension is one more metric to pay.

Who counts what:

==============================  =====  ==================================================================
`OutcomeSucceeded`, `…Refused`  count  operations: an operation's end was written, or it became UNKNOWN;
`…Failed`, `…Unknown`                  by `outcome(state, store=…, action=…)`
`TimelineWriteFailed`           count  operations: outcome and timeline entry could not be written
`SettlerRan`                    count  settle_operations: a run came to its end
`UnsettledOldestSeconds`        s      settle_operations: once a run, the age of the oldest operation whose
                                       outcome is open; 0 where there is none
`NeedsPerson`                   count  settle_operations: an operation was left to a person
`ShopifyLatency`                ms     the client: one HTTP answer of Shopify's
`ShopifyThrottled`              count  the client: Shopify said that its bucket for us is empty
`ShopifyCredentialsRefused`     count  the client: Shopify takes the token or a scope of it not, or no grant
`ShopifyVersionFallenForward`   count  the client: Shopify served another API version than asked for
`Matched`, `NotMatched`         count  lookup: a BASIC search found somebody, or nobody
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
    "SettlerRan", "UnsettledOldestSeconds", "NeedsPerson",
    "ShopifyLatency", "ShopifyThrottled", "ShopifyCredentialsRefused", "ShopifyVersionFallenForward",
    "Matched", "NotMatched", "CallersRefused",
]  # fmt: skip

#: Every name that is written.
NAMES: tuple[str, ...] = get_args(Name)

_UNITS = {"UnsettledOldestSeconds": "Seconds", "ShopifyLatency": "Milliseconds"}

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
    if within := {kind: of for kind, of in (("store", store), ("action", action)) if of}:
        metrics.add_dimensions(**within)
    metrics.flush_metrics()


def outcome(state: str, *, store: str, action: str) -> None:
    """Count an operation that has come to `state`: SUCCEEDED, REFUSED, FAILED or UNKNOWN."""
    record(_OUTCOMES[state], store=store, action=action)
