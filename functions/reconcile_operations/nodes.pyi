# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from typing import TypedDict

from typing_extensions import ReadOnly

class ReconcileOwner(TypedDict, total=False):
    """The answer to `owner.graphql`."""

    order: ReadOnly[ReconcileOwnerOrder | None]

class ReconcileOwnerOrder(TypedDict, total=False):
    customer: ReadOnly[ReconcileOwnerCustomer | None]

class ReconcileOwnerCustomer(TypedDict, total=False):
    id: ReadOnly[str]
