"""Whose the order of an operation is by now: a guest's order may have got a customer, a customer may have been merged.

An agent who looks at the order's customer of now must find what is open, and how it ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from orderdesk.errors import OrderdeskError
from orderdesk.ids import CustomerId, gid
from orderdesk.operations import Subject
from orderdesk.shopify import Client, Partial, document

if TYPE_CHECKING:
    from .nodes import ReconcileOwner

logger = Logger(service="orderdesk", child=True)


def up_to_date(client: Client, subject: Subject) -> Subject:
    """The subject with the order's customer of now; as it was if it is about no order, or if Shopify does not say."""
    if not subject.order:
        return subject
    try:
        answer: Partial[ReconcileOwner] = client.read_partly(
            document(__file__, "owner"), id=gid("Order", subject.order)
        )
    except OrderdeskError as failure:
        logger.warning("Shopify does not say whose the order is now", store=subject.store, cause=failure.code)
        return subject
    order = answer.data.get("order")
    if not order or answer.lacks("order.customer"):
        return subject
    return subject._replace(customer=CustomerId.of_order(subject.order, order.get("customer")))
