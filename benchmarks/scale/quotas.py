"""What AWS and Shopify allow, as they publish it, and prices. Each with the page and the day on which it was read."""

from typing import NamedTuple

#: The day on which the pages were read.
READ_ON = "2026-11-26"


class Quota(NamedTuple):
    """A limit: its value and unit, the page that says so, and whether AWS raises it on request."""

    value: float
    unit: str
    page: str
    raised: bool = False


_DOCS = "https://docs.aws.amazon.com"
_WARM = f"{_DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html"
_SCALING = f"{_DOCS}/lambda/latest/dg/scaling-behavior.html"
_SQS = f"{_DOCS}/lambda/latest/dg/services-sqs-scaling.html"
_GATEWAY = f"{_DOCS}/apigateway/latest/developerguide/limits.html"
_SSM = f"{_DOCS}/general/latest/gr/ssm.html"
_EVENTS = f"{_DOCS}/eventbridge/latest/userguide/eb-quota.html"
_SHOPIFY = "https://shopify.dev/docs/api/usage/limits"

#: A partition of a table or an index takes this many units a second, however its key values are spread.
PARTITION_WRITES = Quota(1000, "write units/s", _WARM)
PARTITION_READS = Quota(3000, "read units/s", _WARM)
#: A new on-demand table, and each new index, takes this from its first second on; twice its previous peak after that.
NEW_TABLE_WRITES = Quota(4000, "write units/s", _WARM, raised=True)
NEW_TABLE_READS = Quota(12000, "read units/s", _WARM, raised=True)
#: A table's or an index's on-demand throughput, at most, in most regions.
TABLE_WRITES = Quota(40000, "write units/s", f"{_DOCS}/amazondynamodb/latest/developerguide/ServiceQuotas.html", True)
#: `GetParameters` for the account and region, as it is, and with the setting for higher throughput.
SSM = Quota(40, "calls/s", _SSM, raised=True)
SSM_HIGHER = Quota(1000, "calls/s", _SSM)
#: Requests for the account and region, all APIs together.
GATEWAY = Quota(10000, "requests/s", _GATEWAY, raised=True)
GATEWAY_BURST = Quota(5000, "requests", _GATEWAY)
#: Invocations of functions at once for the account and region, and how fast one function gets more processes.
LAMBDA = Quota(1000, "at once", f"{_DOCS}/lambda/latest/dg/gettingstarted-limits.html", raised=True)
LAMBDA_SCALING = Quota(1000, "processes/10 s", _SCALING)
#: A queue begins with so many batches at once, and gets so many more in a minute.
QUEUE_BEGINS = Quota(5, "batches at once", _SQS)
QUEUE_GROWS = Quota(300, "batches/min", _SQS)
#: `PutEvents`, in us-east-1 and in the regions with the lowest quota.
PUT_EVENTS = Quota(10000, "calls/s", _EVENTS, raised=True)
PUT_EVENTS_LEAST = Quota(600, "calls/s", _EVENTS, raised=True)
#: A parameter store has so many standard parameters for the account and region.
PARAMETERS = Quota(
    10000, "parameters", f"{_DOCS}/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
)

#: Points that Shopify restores for an app in a shop each second, by the shop's plan.
SHOPIFY = {
    "Standard": Quota(100, "points/s", _SHOPIFY),
    "Advanced": Quota(200, "points/s", _SHOPIFY),
    "Plus": Quota(1000, "points/s", _SHOPIFY),
}
#: How many seconds of restored points a bucket has. Not published; recorded in answers of shops of each plan.
SHOPIFY_BUCKET_SECONDS = 20


class Price(NamedTuple):
    """A price in USD in us-east-1: for `per` of `what`."""

    usd: float
    per: float
    what: str
    page: str


_PRICING = "https://aws.amazon.com"
PRICES = {
    "api": Price(3.50, 1e6, "requests to a REST API", f"{_PRICING}/api-gateway/pricing/"),
    "invocations": Price(0.20, 1e6, "invocations", f"{_PRICING}/lambda/pricing/"),
    "compute": Price(0.0000166667, 1, "GB-seconds (x86)", f"{_PRICING}/lambda/pricing/"),
    "writes": Price(0.625, 1e6, "write request units", f"{_PRICING}/dynamodb/pricing/on-demand/"),
    "reads": Price(0.125, 1e6, "read request units", f"{_PRICING}/dynamodb/pricing/on-demand/"),
    "storage": Price(0.25, 1, "GB-months of tables and indexes", f"{_PRICING}/dynamodb/pricing/on-demand/"),
    "backup": Price(0.20, 1, "GB-months of point-in-time recovery", f"{_PRICING}/dynamodb/pricing/on-demand/"),
    "ssm": Price(0.05, 1e4, "calls, only with higher throughput", f"{_PRICING}/systems-manager/pricing/"),
    "logs": Price(0.50, 1, "GB of logs taken in", f"{_PRICING}/cloudwatch/pricing/"),
    "metrics": Price(0.30, 1, "metric-months", f"{_PRICING}/cloudwatch/pricing/"),
    "alarms": Price(0.10, 1, "alarm-months", f"{_PRICING}/cloudwatch/pricing/"),
    "queue": Price(0.40, 1e6, "requests to a queue", f"{_PRICING}/sqs/pricing/"),
}
