"""How the outcome of a cancellation is found again after a lost answer: by the order, and by its staff note."""

from orderdesk.operations import UNKNOWN, Operation, Outcome
from orderdesk.shopify import Client

from . import record


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the cancellation; None while that cannot be known. Raises what `Client.read` raises."""
    outcome = record.look(client, operation)
    if outcome.state != UNKNOWN:
        return outcome.confirmed()
    if "job_result" in operation.details or outcome.entry.get("cancelled"):
        return None
    name = operation.subject.order_name
    over = operation.no_trace(f"Order {name} wasn't cancelled")
    if over and (refunded := outcome.entry.get("refunded")):
        return record.not_cancelled_but(name, refunded, "")
    return over
