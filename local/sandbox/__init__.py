"""A Shopify Admin GraphQL API (2026-10) on this machine, with the real query language and schema, and a store that
follows Shopify's rules.

    sandbox = Sandbox()                                    # believable customers and orders, #1001 onwards
    session.mount("https://demo.myshopify.com", sandbox.adapter())
    sandbox.store.order("#1001").note = "changed in the Shopify admin meanwhile"
    sandbox.received[-1].name, sandbox.received[-1].variables
    sandbox.faults.put(Fault("refund_status", transaction_status="UNKNOWN"))     # `faults` lists the kinds
    sandbox.set_status("#1001", "SUCCESS")                 # its refunds that were under way succeed
    sandbox.deny("Customer.defaultEmailAddress")           # the app may not see it, until `deny()`
    sandbox.scopes = frozenset({"read_orders"})
    sandbox.store.count("successes")                       # net payment without refunds that are under way
    sandbox.store.set_time_zone("America/New_York")

`python -m local.sandbox --port 4010` serves the same over HTTP; `controls` lists what can be set there.
"""

from .faults import Fault
from .sandbox import Received, Sandbox

__all__ = ["Fault", "Received", "Sandbox"]
