"""GET and POST /stores/{store}/actions/create-discount-code: one code, one use, off line items only."""

import re
from typing import Annotated, Literal

from pydantic import Field

from orderdesk import api, steps
from orderdesk.actions import DISCOUNT
from orderdesk.errors import BadInput
from orderdesk.operations.submitted import Submitted

from . import action

_COLLECTION = re.compile(r"gid://shopify/Collection/[0-9]{1,20}")


class DiscountForm(Submitted):
    """What the form sends back."""

    code: Annotated[str, Field(title="Discount code", min_length=1, max_length=200)]
    type: Annotated[Literal["fixed", "percentage"], Field(title="Type")]
    value: Annotated[str, Field(title="Value", min_length=1, max_length=20)]
    applies_to: Annotated[str, Field(title="Applies to", min_length=1, max_length=100)]
    expires: Annotated[Literal["1", "3", "6", "9", "never"], Field(title="Expiration")]

    def require_usable(self) -> None:
        """Raise BadInput for a code that no one could type, and for what is no collection."""
        if any(c.isspace() or not c.isprintable() for c in self.code):
            raise BadInput("A discount code can't have spaces in it.", attr="code")
        if self.applies_to != action.ALL and not _COLLECTION.fullmatch(self.applies_to):
            raise BadInput("Choose all collections, or one of them.", attr="applies_to")


endpoint = steps.of_customer(DISCOUNT, DiscountForm, action)
lambda_handler = api.handler(endpoint)
