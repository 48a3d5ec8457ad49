"""A Shopify Admin GraphQL API (2026-10) on this machine: real query language, the real schema's types, a store that
keeps Shopify's rules.

    sandbox = Sandbox()                                    # believable customers and orders, #1001 onwards
    session.mount("https://demo.myshopify.com", sandbox.adapter())
    sandbox.store.order("#1001").note = "changed in the Shopify admin meanwhile"
    sandbox.received[-1].name, sandbox.received[-1].variables

`python -m local.sandbox --port 4010` serves the same over HTTP.
"""

from .faults import Fault
from .sandbox import Received, Sandbox

__all__ = ["Fault", "Received", "Sandbox"]
