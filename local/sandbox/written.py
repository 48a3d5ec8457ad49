"""A received value as an error message repeats it: as it was sent, and shortened if it is long."""

import json
from collections.abc import Iterable
from typing import Any

LONGEST = 60
"""Characters of a value that an error message repeats."""


def written(value: Any) -> str:
    """A value as JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return "a value that JSON does not have"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def names(given: Iterable[str]) -> str:
    """Some names as a JSON list."""
    return ", ".join(written(one) for one in sorted(given))
