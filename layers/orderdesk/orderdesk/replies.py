"""What an agent is answered, whatever it was about."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the agent is answered: an HTTP status and a JSON body."""

    status: int
    body: dict[str, Any]


class AlreadyAnswered(Exception):
    """The operation has its answer; it stands in `reply`, and nothing is done again."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply
