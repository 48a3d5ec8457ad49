"""How the outcome of a refund is found again after a lost answer: by the reference in its note."""

from orderdesk import orders, refunds
from orderdesk.operations import Operation, Outcome
from orderdesk.shopify import Client, document


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the refund; None while that cannot be known. Raises what `Client.read` raises."""
    order = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    name = operation.subject.order_name
    for refund in order["refunds"]:
        if refunds.has(refund, operation.reference):
            whole = refunds.read_whole(client, refund)
            return refunds.outcome(name, whole, orders.status(order), client.request_id).confirmed()
    return operation.no_trace(f"Order {name} was not refunded")
