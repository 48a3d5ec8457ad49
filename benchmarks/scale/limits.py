"""Every limit between an agent and an answer: how many agents reach it, and what to turn up then."""

from typing import NamedTuple

from . import quotas, results
from .cost import PARAMETERS_EACH
from .demand import Demand, agents
from .designs import Design, parameter
from .quotas import Quota
from .stores import AGENTS

HEAD = ("limit", "allowed", "an action with its lookups takes", "reached by agents at work", "turn up then")


#: Quotas whose page could not be read on the day; the values are from pages that quote it.
_NOT_READ = {
    quotas.SSM, quotas.SSM_HIGHER, quotas.GATEWAY, quotas.LAMBDA, quotas.TABLE_WRITES, quotas.PUT_EVENTS_LEAST,
    *quotas.SHOPIFY.values(),
}  # fmt: skip


class Limit(NamedTuple):
    """A limit: what allows how much, how much of it an action takes, and how many agents reach it (0: none do)."""

    name: str
    allowed: str
    takes: str
    agents: int
    then: str

    def row(self) -> tuple[str, ...]:
        """Its row in the table."""
        reached = f"{self.agents:,}" if self.agents else "–"
        return (self.name, self.allowed, self.takes, f"**{reached}**" if self.breaks else reached, self.then)

    @property
    def breaks(self) -> bool:
        """True if 10,000 agents reach it."""
        return 0 < self.agents < AGENTS


def limits(design: Design) -> list[Limit]:
    """All limits of a deployment with the template's defaults, those first that the fewest agents reach."""
    demand = Demand.of(design)
    listed = [*_of_the_account(demand), *_of_the_tables(demand, design), *_of_a_store(demand, design)]
    return sorted(listed, key=lambda limit: limit.agents or 10**12)


def rows(design: Design) -> list[tuple[str, ...]]:
    """The table's rows."""
    return [limit.row() for limit in limits(design)]


def _of_the_account(demand: Demand) -> list[Limit]:
    rate, burst = parameter("RequestsPerSecond"), parameter("BurstOfRequests")
    stores = quotas.PARAMETERS.value / PARAMETERS_EACH
    simulated = results.kept()["after"]
    at_once, calls = (simulated[f"usual: {what} for each submit"] for what in ("seconds of functions", "SSM calls"))
    return [
        Limit(
            "`RequestsPerSecond`, `BurstOfRequests` of the template", f"{rate}/s, burst {burst}",
            f"{demand.requests:g} requests", agents(rate, demand.requests), "the two parameters",
        ),
        _limit("API Gateway, account and region", quotas.GATEWAY, demand.requests, "requests"),
        _limit(
            "SSM `GetParameters`, account and region", quotas.SSM, calls, "calls",
            "SSM's setting for [higher throughput](operations.md#higher-throughput-of-ssm)",
        ),
        _limit(
            "SSM, with higher throughput", quotas.SSM_HIGHER, calls, "calls",
            "a second account, or fewer stores for each deployment",
        ),
        Limit(
            "SSM's standard parameters, account and region",
            _allowed(quotas.PARAMETERS), f"{PARAMETERS_EACH} for each store",
            round(stores * 10), f"advanced parameters from {stores:,.0f} stores on (ten agents each): "
            "`default-parameter-tier` of the account set to `Intelligent-Tiering`",
        ),
        _limit("Lambda, invocations at once", quotas.LAMBDA, at_once, "seconds of a function"),
        Limit(
            "Lambda, new processes of a function",
            f"[{quotas.LAMBDA_SCALING.value:,.0f} in 10 s]({quotas.LAMBDA_SCALING.page})",
            f"{at_once:.2g} seconds of a function",
            agents(quotas.LAMBDA_SCALING.value / 10, at_once), "nothing: it is no limit on what is warm",
        ),
        Limit(
            "`LookupConcurrency`, `ActionConcurrency`", "0: the account's", "–", 0,
            "the two parameters, if lookups must not take what actions need",
        ),
        Limit(
            "`FirewallRate`, in five minutes for each IP address", "0: none", f"{demand.requests:g} requests", 0,
            "set it above what a helpdesk's own addresses send: its agents may share a few",
        ),
        _limit("EventBridge `PutEvents`, smallest regions", quotas.PUT_EVENTS_LEAST, 2.0, "events"),
        _limit("EventBridge `PutEvents`, us-east-1", quotas.PUT_EVENTS, 2.0, "events"),
    ]  # fmt: skip


def _of_the_tables(demand: Demand, design: Design) -> list[Limit]:
    index = demand.submit[design.index]
    pre_warm = "`aws dynamodb update-table --warm-throughput`, before the day"
    return [
        _limit("operations table, new", quotas.NEW_TABLE_WRITES, demand.writes["OperationsTable"], "units", pre_warm),
        _limit("operations table, any", quotas.TABLE_WRITES, demand.writes["OperationsTable"], "units"),
        _limit("timeline table, new", quotas.NEW_TABLE_WRITES, demand.writes["TimelineTable"], "units", pre_warm),
        _limit("index of open operations, new", quotas.NEW_TABLE_WRITES, index, "units", pre_warm),
        Limit(
            f"index of open operations: {design.shards} shards (`OperationShards`)",
            f"[{quotas.PARTITION_WRITES.value * design.shards:,.0f} units/s]({quotas.PARTITION_WRITES.page})",
            f"{index:.1f} units", agents(quotas.PARTITION_WRITES.value * design.shards, index), "`OperationShards`",
        ),
        Limit(
            "`ReconcileConcurrency`: operations without an answer that are looked at in a second",
            f"about {design.workers * 4}", "none, unless an answer is lost", 0, "`ReconcileConcurrency`",
        ),
        Limit(
            "a timeline's key: one customer", f"{quotas.PARTITION_WRITES.value:,.0f} units/s",
            f"{demand.writes['TimelineTable']:.1f} units", 0, "nothing: no customer has so many actions",
        ),
        Limit("a lock: one order", "one operation at a time", "one", 0, "nothing: it is what the lock is for"),
    ]  # fmt: skip


def _of_a_store(demand: Demand, design: Design) -> list[Limit]:
    one = quotas.PARTITION_WRITES.value * design.spread
    found = [
        Limit(
            f"Shopify's rate limit, one shop on {plan}", _allowed(quota),
            f"{demand.points:.0f} points", agents(quota.value, demand.points),
            "the shop's plan; submits go first, lookups wait",
        )
        for plan, quota in quotas.SHOPIFY.items()
    ]  # fmt: skip
    return [
        *found,
        Limit(
            f"one store's {design.spread} shards", f"{one:,.0f} units/s", f"{demand.submit[design.index]:.1f} units",
            agents(one, demand.submit[design.index]), "nothing: Shopify's rate limit comes first",
        ),
        Limit(
            "numbers of a store's `limits`: one item for an action and hour", "500 submits/s", "one submit at most",
            agents(500, 0.35), "nothing: Shopify's rate limit comes first",
        ),
        Limit(
            "unknown stores (strangers)", "20 for each process in 30 s", "none", 0,
            "`AllowedAddresses`, `FirewallRate`",
        ),
    ]  # fmt: skip


def _limit(name: str, quota: Quota, takes: float, unit: str, then: str = "") -> Limit:
    """A published quota per second."""
    raised = "a higher quota (Service Quotas)" if quota.raised else "nothing"
    return Limit(
        name,
        _allowed(quota),
        f"{takes:.3g} {unit}",
        agents(quota.value, takes),
        then or raised,
    )


def _allowed(quota: Quota) -> str:
    """A published value with its page, marked if the page itself could not be read."""
    mark = " †" if quota in _NOT_READ else ""
    return f"[{quota.value:,.0f} {quota.unit}]({quota.page}){mark}"
