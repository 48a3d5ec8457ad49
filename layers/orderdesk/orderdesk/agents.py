"""Who acts, as a helpdesk says it: in a header, in the query, or when the form was opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Agent:
    """Who acts, from where, as far as the helpdesk says it."""

    id: str = ""
    name: str = ""
    conversation: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Agent":
        """The agent of a stored operation: who submitted it; where that was not said, who opened its form."""
        return cls(item.get("agent_id", ""), item.get("agent_name", ""), item.get("conversation", ""))
