"""GET and POST /stores/{store}/actions/cancel-order: cancel an order and give back all of its money, once."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, steps
from orderdesk.actions import CANCEL
from orderdesk.errors import BadInput
from orderdesk.operations.submitted import Checkbox, Submitted

from . import action


class CancelForm(Submitted):
    """What the form sends back."""

    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=20)]
    notify: Checkbox = Field(False, title="Notify customer")

    def require_usable(self) -> None:
        """Raise BadInput if the reason is none of Shopify's."""
        if self.reason not in action.REASONS:
            raise BadInput("Choose one of the reasons.", attr="reason")


endpoint = steps.of_order(CANCEL, CancelForm, action)
lambda_handler = api.handler(endpoint)
