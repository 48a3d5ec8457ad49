"""GET and POST /stores/{store}/actions/hold-fulfillment: keep what is left of an order from being sent."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, steps
from orderdesk.actions import HOLD
from orderdesk.errors import BadInput
from orderdesk.operations.submitted import MAY_BE_EMPTY, Submitted

from . import action


class HoldForm(Submitted):
    """What the form sends back."""

    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=50)]
    note: Annotated[str, Field(title="Note", max_length=action.NOTE_LENGTH), MAY_BE_EMPTY] = ""

    def require_usable(self) -> None:
        """Raise BadInput if the reason is none of the form's."""
        if self.reason not in action.REASONS:
            raise BadInput("Choose one of the reasons.", attr="reason")


endpoint = steps.of_order(HOLD, HoldForm, action)
lambda_handler = api.handler(endpoint)
