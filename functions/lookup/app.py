"""POST /stores/{store}: find a customer (BASIC) or show one with orders and actions (DETAILED), for the helpdesk."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from orderdesk import api, config
from orderdesk.letters import lower
from orderdesk.operations.model import Reply
from orderdesk.operations.submitted import Submitted, read

from .action import Query, search, show

#: A lookup must be answered within 5 s, including the function's start and the read of the parameters.
SECONDS = 3.5


#: How many values of one kind are used at most.
_AT_MOST = 50


def _several(value: Any) -> Any:
    """Flatten lists (auto-link), single values and comma-separated lists (manual search) into one list of texts.

    An address may also come as it is in a profile: `{"original": …}`.
    """
    found: dict[str, None] = {}
    waiting = [value]
    while waiting and len(found) < _AT_MOST:
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting = one[:_AT_MOST] + waiting
        elif isinstance(one, dict):
            waiting.insert(0, one.get("original"))
        else:
            found |= dict.fromkeys(part.strip() for part in _text(one).split(",") if part.strip())
    return list(found)[:_AT_MOST]


def _text(value: Any) -> str:
    """A text, or the digits of a number. Empty for anything else."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


_ONE = {"type": ["string", "integer"]}
Several = Annotated[
    list[str], BeforeValidator(_several), WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE}]})
]


def _one(value: Any) -> Any:
    """An id as text, also if it comes as a number. Empty for anything else."""
    return _text(value)[:100]


One = Annotated[str, BeforeValidator(_one), WithJsonSchema({"type": ["string", "integer", "null"]})]


def _level(value: Any) -> Any:
    """The level in any case of letters. The default is BASIC, which shows no orders."""
    if value is None:
        return "BASIC"
    levels = {"": "BASIC", "basic": "BASIC", "detailed": "DETAILED"}
    return levels.get(lower(value.strip()), value) if isinstance(value, str) else value


class Wanted(BaseModel):
    """The `query` of a lookup. Other keys belong to the helpdesk and are ignored.

    A field may come under several names (`emails` from the profile, `email` typed by the agent): all of them count.
    """

    model_config = ConfigDict(extra="ignore", defer_build=True)

    emails: Several = Field([], validation_alias=AliasChoices("emails", "email"))
    phones: Several = Field([], validation_alias=AliasChoices("phones", "phone"))
    order_numbers: Several = Field([], validation_alias=AliasChoices("orderNumber", "orderNumbers", "order_number"))
    customer: One = Field("", validation_alias=AliasChoices("externalCustomerId"))
    profile: One = Field("", validation_alias=AliasChoices("id"))

    @model_validator(mode="before")
    @classmethod
    def _under_any_name(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        merged = dict(given)
        for field in cls.model_fields.values():
            names = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else []
            values = [given[name] for name in names if isinstance(name, str) and name in given]
            if len(values) > 1:
                merged[str(names[0])] = values
        return merged


class Lookup(Submitted):
    """A lookup as the helpdesk sends it."""

    level: Annotated[Literal["BASIC", "DETAILED"], BeforeValidator(_level)] = Field(
        "BASIC", validation_alias="lookupLevel", title="lookupLevel"
    )
    query: Wanted = Field(title="query")


def lookup(request: api.Request) -> Reply:
    """BASIC: the customers who match. DETAILED: one customer with the newest orders, those searched for, and the
    actions."""
    ctx = api.enter(request, config.LOOKUP, seconds=SECONDS)
    wanted = read(Lookup, ctx.values())
    query = wanted.query
    if wanted.level == "DETAILED":
        # The addresses of the forms carry on in whose profile they are.
        agent = replace(ctx.agent, profile=api.profile_id(query.profile) or ctx.agent.profile)
        ctx = replace(ctx, agent=agent)
        return api.ok(show(ctx, query.customer, query.order_numbers))
    return api.ok(search(ctx, Query(query.emails, query.phones, query.order_numbers)))


endpoint = api.Endpoint("", post=lookup)
lambda_handler = api.handler(endpoint)
