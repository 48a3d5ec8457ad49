"""The functions' replies as models: exactly what a helpdesk may rely on.

The tests check every reply of every function against these.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

#: Gladly's adaptor wants counts as text, its App Platform as numbers (`helpdesk/counts`).
Count = str | int


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Original(_Reply):
    """An email address."""

    original: str


class Phone(_Reply):
    """A phone number in E.164."""

    original: str
    type: Literal["MOBILE"]


class Action(_Reply):
    """An action: its name, and its form's address relative to the store's base address."""

    name: str
    formUrl: str


class Product(_Reply):
    """A line of an order. A line with the id `more` says that there are more."""

    id: str
    name: str | None = None
    sku: str | None = None
    unitPrice: str | None = Field(None, description="Presentment currency, without thousands separators")
    quantity: Count | None = None
    status: str | None = Field(
        None,
        description="What became of it: `fulfilled`, `partially fulfilled`, `unfulfilled`, `refunded`, `refund under "
        "way`, `refund failed`, `refund failed in part`, `refund recorded` (Shopify moves no money), "
        "`cancelled`, `removed`; or several with their numbers, which add up: "
        "`2 fulfilled, 1 refunded`",
    )
    imageUrl: str | None = None


class Address(_Reply):
    """An address. Parts without a value are left out."""

    name: str | None = None
    phone: str | None = None
    street1: str | None = None
    street2: str | None = None
    city: str | None = None
    state: str | None = Field(None, description="The province's code")
    country: str | None = Field(None, description="ISO 3166 alpha-2")
    zip: str | None = None


class Fulfillment(_Reply):
    """A parcel, once for each tracking number. An entry with only a status says that there are more."""

    status: str | None = None
    trackingNumber: str | None = None
    trackingUrl: str | None = None
    carrier: str | None = None
    estimatedDeliveryDate: str | None = Field(None, description="RFC 3339")
    shippingSpeed: str | None = None
    shippingAddress: Address | None = None
    productIds: list[str] | None = None


class Order(_Reply):
    """An order as the helpdesk's card shows it. Fields without a value are left out."""

    type: Literal["ORDER"]
    orderNumber: str
    orderStatus: str | None = Field(
        None,
        description="The order's status in Shopify; after ` · `, its open operations and late outcomes: "
        "`Paid, unfulfilled · refund of $100.00 being checked since 15:39` (the shop's time)",
    )
    status: str | None = Field(None, description="The order's status in Shopify")
    createdAt: str | None = Field(None, description="RFC 3339")
    orderTotal: str | None = Field(None, description="Presentment currency, without thousands separators")
    refundedTotal: str | None = None
    refundableTotal: str | None = None
    currencyCode: str | None = Field(None, description="ISO 4217")
    orderLink: str | None = None
    customerOrderUrl: str | None = None
    note: str | None = None
    tags: str | None = Field(None, description="Comma-separated")
    itemCount: Count | None = Field(None, description="Items bought, including refunded ones")
    billingAddress: Address | None = None
    shippingSpeed: str | None = None
    products: list[Product] | None = None
    fulfillments: list[Fulfillment] | None = None
    actions: list[Action] | None = None


class Attributes(_Reply):
    """The customer's figures, if the customer is in Shopify, and what no order's card has room for."""

    totalSpent: str | None = None
    totalOrders: str | None = None
    customerLink: str | None = None
    guestOrder: str | None = Field(None, description="The order of a customer without an account")
    ordersShown: str | None = Field(None, description="DETAILED: how many of how many; empty: all of them")
    lastActions: str | None = Field(
        None,
        description="DETAILED: as in `orderStatus`, about the customer or an order not shown, or how to go on if the "
        "profile's link is out of date; empty: nothing",
    )


class Customer(_Reply):
    """A customer; `transactions` and `actions` are only in DETAILED replies."""

    externalCustomerId: str = Field(description="Shopify's number, or `order-` and the number of a guest's order")
    name: str | None = None
    address: str | None = None
    emails: list[Original] | None = None
    phones: list[Phone] | None = None
    customAttributes: Attributes | None = None
    transactions: list[Order] | None = None
    actions: list[Action] | None = None


class Results(_Reply):
    """The customers found; one for DETAILED. Empty if there is none, or if Shopify did not answer."""

    results: list[Customer]


class Option(_Reply):
    """One choice of a select."""

    text: str
    value: str


class Select(_Reply):
    """A list to choose from."""

    type: Literal["select"]
    optional: Literal[False]
    options: list[Option]
    placeholder: str | None = None


class Box(_Reply):
    """A checkbox, with `text` next to it."""

    type: Literal["checkbox"]
    text: str
    optional: Literal[True]


class Line(_Reply):
    """A text box of one line. Line breaks are shown as `⏎`."""

    type: Literal["text"]
    placeholder: str
    optional: bool


class Section(_Reply):
    """One field of a form; `attr` is its name in the submit."""

    type: Literal["input"]
    attr: str
    label: str
    input: Select | Box | Line = Field(discriminator="type")
    defaultValue: str | bool | None = None
    hint: str | None = None


class Form(_Reply):
    """A form. It is submitted, once, to `actionUrl`, which is relative to the store's base address."""

    title: str
    submitButton: str
    closeButton: str
    actionUrl: str
    sections: list[Section]


class Done(_Reply):
    """Success. `message` is the bold line, `detail` the sentence below it."""

    message: str
    detail: str
    code: Literal["waiting_for_approval"] | None = Field(
        None, description="Nothing was done yet: a second person has to approve it"
    )


class Error(_Reply):
    """An error: about a field (`attr`), or with a bold line (`message`). `code` is stable and meant for programs."""

    attr: str | None = None
    message: str | None = None
    code: str
    detail: str


class Errors(_Reply):
    """What the agent is told."""

    errors: list[Error] = Field(min_length=1)


class RefundedLine(_Reply):
    """A line that a refund of items was for: its number in Shopify, its name, and how many pieces."""

    line: str
    name: str
    quantity: str


class Entry(_Reply):
    """What was done or refused. Unknown values are left out."""

    operation: str
    attempt: int
    at: str = Field(description="ISO 8601, UTC")
    action: str
    outcome: Literal["SUCCEEDED", "REFUSED", "FAILED", "UNKNOWN", "WAITING"]
    message: str
    detail: str
    agent_id: str | None = None
    agent_name: str | None = None
    agent_proved: bool | None = Field(None, description="True if the helpdesk vouches for `agent_id`")
    decision: Literal["approved", "declined"] | None = Field(
        None, description="What a second person decided, if one had to"
    )
    decided_by: str | None = Field(None, description="Their ID, which the helpdesk vouches for")
    decided_by_name: str | None = None
    decision_note: str | None = Field(None, description="What they wrote")
    conversation: str | None = None
    customer: str
    order: str | None = None
    order_name: str | None = None
    reason: str | None = None
    amount: str | None = None
    currency: str | None = Field(None, description="ISO 4217")
    lines: list[RefundedLine] | None = Field(None, description="The lines that a refund of items was for")
    shipping: str | None = Field(None, description="The shipping in a refund of items, before tax on top of it")
    shopify: dict[str, Any] | None = Field(None, description="Shopify's own ids, and the id of its request")


class Entries(_Reply):
    """A page of a timeline, newest first. The last page has no `cursor`."""

    entries: list[Entry]
    cursor: str | None = None


#: The model of a 200 reply, by method and by what follows `/stores/{store}` (`*`: any action).
GOOD: dict[tuple[str, str], type[_Reply]] = {
    ("POST", ""): Results,
    ("GET", "/actions/*"): Form,
    ("POST", "/actions/*"): Done,
    ("GET", "/timeline"): Entries,
}


def of(method: str, path: str, status: int) -> type[_Reply]:
    """The model of a reply to a call; `path` is what follows `/stores/{store}`. Raises KeyError if there is none."""
    if status != 200:
        return Errors
    return GOOD[method, "/actions/*" if path.startswith("/actions/") else path]
