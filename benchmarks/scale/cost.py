"""What a deployment costs in a month, for 1, 100 and 1,000 stores."""

from . import results
from .demand import Demand
from .designs import Design, parameter
from .quotas import PRICES, READ_ON
from .stores import ACTIONS_AN_HOUR, DAYS, HOURS

#: Stores, and agents for each.
STORES, AGENTS_EACH = (1, 100, 1000), 10
#: Actions of an agent in a month.
ACTIONS = ACTIONS_AN_HOUR * HOURS * DAYS

#: The gigabytes of the template's MemorySize.
_GIGABYTES = parameter("MemorySize") / 1024
#: Kilobytes of an action's log lines, metrics among them.
_LOG_KB = 30
#: Kilobytes that an action leaves in the tables and indexes, and for how many months: an operation, and its entry in a
#: table and an index. Entries are kept forever; this is what there is after a good year.
_KEPT_KB, _MONTHS = 5, 13
#: Secrets that a call to SSM decrypts, each a request to KMS at 0.03 USD for 10,000.
_SECRETS, _KMS = 2, 0.03 / 1e4
#: Custom metrics of the stage, and of each store that is at work (`orderdesk.metrics`); the first 10,000 cost 0.30, the
#: next 240,000 cost 0.10.
_METRICS, _STORES_METRICS, _FIRST, _NEXT = 24, 14, 10_000, 0.10
#: Lambda asks a queue for messages all the time: five calls at once, of 20 seconds each, for 30 days. Two standard
#: queues (ReconcileQueue, LateOutcomesQueue) and a FIFO queue (WebhooksQueue), which costs 0.50 USD for a million
#: calls. The first million of an account is free; it is not taken off, since the account may use it elsewhere.
_ASKS = 5 * 30 * 24 * 3600 / 20
_QUEUES = _ASKS * (2 * PRICES["queue"].usd / PRICES["queue"].per + 0.50 / 1e6)
#: Alarms, the dashboard and the queues.
_FIXED = 20 * PRICES["alarms"].usd + 3.00 + _QUEUES
#: Parameters of a store, and standard parameters that an account has for nothing; an advanced one costs 0.05.
PARAMETERS_EACH, FREE_PARAMETERS, _ADVANCED = 17, 10_000, 0.05


def rows(design: Design) -> list[tuple[str, ...]]:
    """A row for each part of the bill: its name and the USD for each number of stores; the last is the sum."""
    bills = [_bill(design, stores) for stores in STORES]
    listed = [(name, *(f"{bill[name]:,.2f}" for bill in bills)) for name in bills[0]]
    return [*listed, ("**together**", *(f"**{sum(bill.values()):,.0f}**" for bill in bills))]


def head() -> tuple[str, ...]:
    """The table's head."""
    return (
        f"USD a month, prices of {READ_ON}",
        *(f"{n:,} store{'s' * (n > 1)}, {n * AGENTS_EACH:,} agents" for n in STORES),
    )


def _bill(design: Design, stores: int) -> dict[str, float]:
    demand, actions = Demand.of(design), stores * AGENTS_EACH * ACTIONS
    requests, simulated = demand.requests * actions, results.kept()["after"]
    calls = simulated["usual: SSM calls for each submit"] * actions
    seconds = simulated["usual: seconds of functions for each submit"] * actions
    metrics = _METRICS + _STORES_METRICS * stores
    advanced = max(0, PARAMETERS_EACH * stores - FREE_PARAMETERS)
    # Below 40 calls a second, the setting is not needed.
    pays_for_calls = stores * AGENTS_EACH > 2_000
    return {
        "API Gateway": requests * _price("api"),
        "Lambda": requests * _price("invocations") + seconds * _GIGABYTES * _price("compute"),
        "DynamoDB, writes and reads": actions
        * (sum(demand.writes.values()) * _price("writes") + sum(demand.reads.values()) * _price("reads")),
        "DynamoDB, storage and backups": actions * _MONTHS * _KEPT_KB / 1e6 * (_price("storage") + _price("backup")),
        "SSM, higher throughput": calls * _price("ssm") * pays_for_calls,
        "SSM, parameters beyond 10,000": advanced * _ADVANCED,
        "KMS": calls * _SECRETS * _KMS,
        "CloudWatch, logs": actions * _LOG_KB / 1e6 * _price("logs"),
        "CloudWatch, metrics": min(metrics, _FIRST) * _price("metrics") + max(0, metrics - _FIRST) * _NEXT,
        "alarms, dashboard, reconciler, queues": _FIXED + 0.5 * stores**0.5,
    }


def _price(name: str) -> float:
    return PRICES[name].usd / PRICES[name].per
