# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

class TagsFacts(TypedDict, total=False):
    """The answer to `facts.graphql`."""

    order: ReadOnly[TagsFactsOrder | None]

class TagsFactsOrder(TypedDict, total=False):
    id: ReadOnly[str]
    name: ReadOnly[str]
    tags: ReadOnly[Sequence[str]]
    customer: ReadOnly[TagsFactsCustomer | None]

class TagsFactsCustomer(TypedDict, total=False):
    id: ReadOnly[str]

class ReconcileTags(TypedDict, total=False):
    """The answer to `resolve.graphql`."""

    order: ReadOnly[ReconcileTagsOrder | None]

class ReconcileTagsOrder(TypedDict, total=False):
    tags: ReadOnly[Sequence[str]]

class EditOrderTags(TypedDict, total=False):
    """The answer to `tags.graphql`."""

    tagsRemove: ReadOnly[EditOrderTagsTagsRemovePayload | None]
    tagsAdd: ReadOnly[EditOrderTagsTagsAddPayload | None]

class EditOrderTagsTagsRemovePayload(TypedDict, total=False):
    node: ReadOnly[EditOrderTagsNode | None]
    userErrors: ReadOnly[Sequence[EditOrderTagsUserError]]

class EditOrderTagsNode(TypedDict, total=False):
    tags: ReadOnly[Sequence[str]]

class EditOrderTagsUserError(TypedDict, total=False):
    field: ReadOnly[Sequence[str] | None]
    message: ReadOnly[str]

class EditOrderTagsTagsAddPayload(TypedDict, total=False):
    node: ReadOnly[EditOrderTagsNode | None]
    userErrors: ReadOnly[Sequence[EditOrderTagsUserError]]
