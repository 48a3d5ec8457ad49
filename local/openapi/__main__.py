"""`python -m local.openapi` writes docs/openapi.json again."""

from . import FILE, text

FILE.write_text(text(), "utf-8")
