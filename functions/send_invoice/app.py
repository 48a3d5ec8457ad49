"""GET and POST /stores/{store}/actions/send-invoice: email the customer an invoice for what is left to pay, once."""

from typing import Annotated

from pydantic import AfterValidator, Field

from orderdesk import api, forms, steps
from orderdesk.actions import SEND_INVOICE
from orderdesk.operations.submitted import MAY_BE_EMPTY, Submitted, require_at_most

from . import action
from .action import MESSAGE_LENGTH


class InvoiceForm(Submitted):
    """What the form sends back."""

    # A line break is one sign in the box, and a sign that stands for itself has a backslash before it.
    message: Annotated[
        str, Field(title="Message", max_length=2 * MESSAGE_LENGTH), MAY_BE_EMPTY, AfterValidator(forms.many_lines)
    ] = ""

    def require_usable(self) -> None:
        """Raise BadInput if the message is too long."""
        require_at_most(MESSAGE_LENGTH, attr="message", title="message", text=self.message)


endpoint = steps.of_order(SEND_INVOICE, InvoiceForm, action)
lambda_handler = api.handler(endpoint)
