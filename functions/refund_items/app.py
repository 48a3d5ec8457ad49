"""GET and POST /stores/{store}/actions/refund-items: give back some of an order's lines and shipping, once."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from orderdesk import api, steps
from orderdesk.actions import ITEMS
from orderdesk.ids import NUMBER
from orderdesk.operations.submitted import MAY_BE_EMPTY, Checkbox, Submitted

from . import action
from .choice import ATTR, LINES_AT_MOST

_LINE = re.compile(rf"{ATTR}{NUMBER}\Z")
_QUANTITY = {"anyOf": [{"type": "string", "pattern": "^[0-9]{1,6}$"}, {"type": "integer", "minimum": 0}]}


def _one_field_for_each_line(schema: dict[str, Any]) -> None:
    """The form has no field `lines`, but one for each line of the order."""
    del schema["properties"]["lines"]
    schema["patternProperties"] = {f"^{ATTR}[1-9][0-9]{{0,19}}$": {"title": "Quantity", **_QUANTITY}}


class RefundItemsForm(Submitted):
    """What the form sends back: for each line that it shows `line_<number>` with a quantity, here in `lines`."""

    model_config = ConfigDict(json_schema_extra=_one_field_for_each_line)

    lines: Annotated[
        dict[str, Annotated[int, Field(ge=0, lt=10**6)]],
        Field(title="Quantity", max_length=LINES_AT_MOST),
        AfterValidator(lambda lines: {attr: quantity for attr, quantity in lines.items() if quantity}),
    ]
    items: Annotated[Literal["chosen", "all"], Field(title="Items")] = "chosen"
    shipping: Annotated[Literal["none", "all", "amount"], Field(title="Shipping")] = "none"
    shipping_amount: Annotated[str, Field(title="Shipping amount", max_length=20), MAY_BE_EMPTY] = ""
    restock: Annotated[str, Field(title="Restock", max_length=40)] = "no"
    to: Annotated[Literal["original", "credit"], Field(title="Refund to")] = "original"
    # It is one of those listed, and a parameter of SSM has 8 kB at most.
    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=8192)]
    notify: Checkbox = Field(False, title="Notify customer")

    @model_validator(mode="before")
    @classmethod
    def _gather_lines(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The fields of the lines as one. A line that is left empty is not refunded."""
        lines = {attr: values[attr] for attr in values if _LINE.match(attr) and values[attr] not in (None, "")}
        return {attr: value for attr, value in values.items() if not _LINE.match(attr)} | {"lines": lines}


endpoint = steps.of_order(ITEMS, RefundItemsForm, action, action.asks)
lambda_handler = api.handler(endpoint)
