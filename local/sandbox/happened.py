"""Find out which of Shopify's own faults affected a request. Only those are counted."""

from collections.abc import Iterable
from typing import Any

from .execution import ErrorAt
from .faults import OF_MUTATIONS, Fault
from .orders import Refund
from .store import Job, Store


class Before:
    """What a store had before a request: refunds, and accepted cancellations."""

    def __init__(self, store: Store) -> None:
        store.run_jobs()  # What was due earlier does not belong to this request.
        self._store, self._jobs = store, len(store.jobs)
        self._refunds = {id(one) for order in store.orders for one in order.refunds}

    def unused(self, effects: Iterable[Fault], answer: dict[str, Any]) -> list[Fault]:
        """The faults that did nothing: the request was refused, or the place does not exist."""
        if "data" not in answer:
            return list(effects)
        errors = answer.get("errors") or []
        jobs = self._store.jobs[self._jobs :]
        made = [one for order in self._store.orders for one in order.refunds if id(one) not in self._refunds]
        return [one for one in effects if not _did_something(one, errors, jobs, made)]


def _did_something(fault: Fault, errors: list[dict[str, Any]], jobs: list[Job], made: list[Refund]) -> bool:
    if fault.kind == "error_at":
        place = ErrorAt(fault.path, fault.code, fault.message)
        return any(place.meets(error["path"]) for error in errors if error.get("path"))
    if fault.kind == "denied":
        return any((error.get("extensions") or {}).get("code") == "ACCESS_DENIED" for error in errors)
    if "refundCreate" in OF_MUTATIONS[fault.kind] and any(_about(fault, one.transactions) for one in made):
        return True
    return "orderCancel" in OF_MUTATIONS[fault.kind] and any(_about(fault, one.order.payments()) for one in jobs)


def _about(fault: Fault, transactions: Iterable[Any]) -> bool:
    """True if a fault is about any gateway, or about the gateway of one of these transactions."""
    return fault.gateway is None or any(one.gateway == fault.gateway for one in transactions)
