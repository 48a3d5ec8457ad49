"""The HTTP API as an OpenAPI document, generated from the functions' own routes and models."""

from .document import FILE, api, text

__all__ = ["FILE", "api", "text"]
