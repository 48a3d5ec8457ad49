"""Shopify's Admin GraphQL API: the client, its documents and the fragments they share."""

from .client import API_VERSION, Client, session
from .documents import Document, document

__all__ = ["API_VERSION", "Client", "Document", "document", "session"]
