"""GET and POST /stores/{store}/actions/refund-order: give back all that is left of an order's money, once."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, steps
from orderdesk.actions import REFUND
from orderdesk.operations.submitted import Checkbox, Submitted

from . import action


class RefundForm(Submitted):
    """What the form sends back."""

    # It is one of those listed, and a parameter of SSM has 8 kB at most.
    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=8192)]
    notify: Checkbox = Field(False, title="Notify customer")


endpoint = steps.of_order(REFUND, RefundForm, action)
lambda_handler = api.handler(endpoint)
