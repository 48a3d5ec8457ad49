"""Shopify's Admin GraphQL API: the client, its documents and the fragments they share."""

from .client import API_VERSION, SUBMITS_NEED, Client, session
from .documents import Document, document

__all__ = ["API_VERSION", "SUBMITS_NEED", "Client", "Document", "document", "session"]
