"""A stand-in for the part of Gladly's REST API that Orderdesk writes to, after Gladly's published OpenAPI file."""

from .gladly import Gladly

__all__ = ["Gladly"]
