"""Shopify's Admin GraphQL API: the client, its documents and the fragments they share."""

from .answers import DENIED, Missing, Partial, by_field, result, said, sentences
from .client import API_VERSION, BUSY, IN_PART, SUBMITS_NEED, Client, Sent, session
from .documents import Document, document

__all__ = [
    "API_VERSION", "BUSY", "DENIED", "IN_PART", "SUBMITS_NEED", "Client", "Document", "Missing", "Partial", "Sent",
    "by_field", "document", "result", "said", "sentences", "session",
]  # fmt: skip
