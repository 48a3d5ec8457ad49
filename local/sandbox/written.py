"""What came, as a refusal repeats it: the way that whoever sent it wrote it, and not the whole of something long."""

import json
from collections.abc import Iterable
from typing import Any

LONGEST = 60
"""Characters of a value that a refusal repeats."""


def written(value: Any) -> str:
    """A value as JSON has it."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return "a value that JSON does not have"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def names(given: Iterable[str]) -> str:
    """Some names in a row, as JSON has them."""
    return ", ".join(written(one) for one in sorted(given))
