"""userErrors."""

from typing import Any


def refusal(field: list[str] | None, message: str, code: str | None = None) -> dict[str, Any]:
    """A userError: the path of the wrong input, the words, and the code if the type has one."""
    return {"field": field, "message": message, "code": code, "extraInfo": None}
