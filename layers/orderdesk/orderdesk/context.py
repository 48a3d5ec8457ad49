"""A request whose caller proved who it is: the store, its parameters, the agent, the address, the time left."""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from . import config, limits
from .actions import Action
from .deadline import Deadline
from .errors import BadInput, OrderdeskError
from .ids import CustomerId, number_in
from .operations.model import Agent
from .shopify import SUBMITS_NEED, Client

_OPERATION = re.compile(r"[0-9a-f-]{36}\Z")


@dataclass(frozen=True)
class Context:
    """A request whose caller proved who it is, and what it may use. `received`: when it came in (seconds since
    1970)."""

    store: str
    settings: config.Settings
    agent: Agent
    deadline: Deadline
    query: Mapping[str, str]
    body: bytes
    submits: bool = False
    received: float = field(default_factory=time.time)

    @cached_property
    def shopify(self) -> Client:
        """The store's Shopify, within this request's deadline. When Shopify is busy, submits go first."""
        return Client(self.settings, self.deadline, leaves=0 if self.submits else SUBMITS_NEED)

    def require_allowed(self, action: Action) -> None:
        """Raise Refused if the agent may not do the action, for a form; Misconfigured if that can't be read."""
        if self.agent.vouched:
            limits.require_allowed(limits.settings_of(self.store), self.agent.vouched, action)

    def allowed(self, of: Iterable[Action]) -> tuple[Action, ...]:
        """Those of the actions that the agent may do; none if that can't be read."""
        if not self.agent.vouched:
            return tuple(of)
        try:
            return limits.allowed(limits.settings_of(self.store), self.agent.vouched, of)
        except OrderdeskError:
            return ()

    def order(self) -> str:
        """The number of the order in the query, given as a gid or its number. Raises BadInput."""
        return number_in("Order", self.query.get("order", ""), "order")

    def customer(self) -> CustomerId:
        """The customer in the query. Raises BadInput."""
        return CustomerId.read(self.query.get("customer", ""))

    def about(self, action: Action) -> str:
        """The order or customer in the query, whichever the action is about. Raises BadInput."""
        return self.order() if action.about == "order" else self.customer()

    def operation(self) -> str:
        """The operation in the query, as the form's `actionUrl` carries it. Raises BadInput."""
        given = self.query.get("operation", "")
        if not _OPERATION.match(given):
            raise BadInput(
                "The operation is missing.",
                "Open the form with GET and submit to its actionUrl.",
                attr="operation",
            )
        return given

    def values(self) -> dict[str, Any]:
        """The JSON object in the body. Raises BadInput."""
        try:
            values = json.loads(self.body)
            # Half of a surrogate pair is no text: neither Shopify nor DynamoDB takes it.
            json.dumps(values, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise BadInput("The request's body isn't JSON.", code="invalid_json") from None
        if not isinstance(values, dict):
            raise BadInput("The request's body isn't a JSON object.", code="invalid_json")
        return values

    def url(self, action: Action, **query: str) -> str:
        """A `formUrl` or `actionUrl`, relative to the store's base, with the agent, conversation and profile
        travelling on."""
        travelling = {
            "conversation": self.agent.conversation,
            "agent": self.agent.id,
            "agent_name": self.agent.name,
            "profile": self.agent.profile,
        }
        # Sorted, since the gateway does not keep their order: a caller that signs them unchanged signs them sorted.
        kept = sorted((name, value) for name, value in (query | travelling).items() if value)
        return f"{self.settings.form_url_prefix}{action.path}?{urlencode(kept, quote_via=quote)}"
