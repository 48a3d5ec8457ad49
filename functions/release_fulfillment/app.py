"""GET and POST /stores/{store}/actions/release-fulfillment: take Orderdesk's own holds off an order."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, steps
from orderdesk.actions import RELEASE
from orderdesk.operations.submitted import MAY_BE_EMPTY, Submitted

from . import action


class ReleaseForm(Submitted):
    """What the form sends back."""

    note: Annotated[str, Field(title="Note", max_length=200), MAY_BE_EMPTY] = ""


endpoint = steps.of_order(RELEASE, ReleaseForm, action)
lambda_handler = api.handler(endpoint)
