"""POST /stores/{store}: find a customer (BASIC) or show one with orders and actions (DETAILED), for the helpdesk."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from orderdesk import api, config, forms
from orderdesk.replies import Reply

from .action import Query, search, show

#: A lookup is answered in less than 5 s, parameters and start of the function included.
SECONDS = 3.5


def _several(value: Any) -> Any:
    """Lists for auto-link, scalars or comma lists for manual search: all as a list of texts."""
    values = value if isinstance(value, list) else [value]
    return [p.strip() for v in values if isinstance(v, str | int) for p in str(v).split(",") if p.strip()][:50]


_ONE = {"type": ["string", "integer"]}
Several = Annotated[
    list[str], BeforeValidator(_several), WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]})
]


def _one(value: Any) -> Any:
    """An id as text, also where it comes as a number; whatever else comes names nobody."""
    return str(value)[:100] if isinstance(value, str | int) and not isinstance(value, bool) else ""


One = Annotated[str, BeforeValidator(_one), WithJsonSchema({"type": ["string", "integer", "null"]})]


class Wanted(BaseModel):
    """The `query` of a lookup; what it has beyond this is the helpdesk's own."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    emails: Several = Field([], validation_alias=AliasChoices("emails", "email"))
    phones: Several = Field([], validation_alias=AliasChoices("phones", "phone"))
    order_numbers: Several = Field([], validation_alias=AliasChoices("orderNumber", "orderNumbers", "order_number"))
    customer: One = Field("", validation_alias=AliasChoices("externalCustomerId"))


class Lookup(forms.Submitted):
    """A lookup as the helpdesk sends it."""

    level: Literal["BASIC", "DETAILED"] = Field("BASIC", validation_alias="lookupLevel", title="lookupLevel")
    query: Wanted = Field(title="query")


def lookup(request: api.Request) -> Reply:
    """BASIC: who it may be. DETAILED: one customer, the newest orders and those looked for, and what may be done."""
    call = api.enter(request, config.LOOKUP, seconds=SECONDS)
    wanted = forms.read(Lookup, call.values())
    query = wanted.query
    if wanted.level == "DETAILED":
        return api.ok(show(call, query.customer, query.order_numbers))
    return api.ok(search(call, Query(query.emails, query.phones, query.order_numbers)))


endpoint = api.Endpoint("", post=lookup)
lambda_handler = api.handler(endpoint)
