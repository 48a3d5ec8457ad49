"""What an action is: one row each. Whatever else names an action is derived from its row, or compared with it.

`tests/test_every_action.py` says what a new row still lacks. How Shopify's statuses become the rows and columns of a
rule stands in `availability`.
"""

from datetime import timedelta
from typing import Literal, NamedTuple

#: Payment columns in which some of the money was received and not all of it has gone back.
_PAID = ("partially paid", "paid", "partially refunded")
_ANY_PAYMENT = ("unpaid", *_PAID, "refunded")

#: How long a tag of an order may be, as Shopify documents it.
TAG_CHARACTERS = 40

#: What is moved, how much of it has arrived, and how much of it perhaps does not move.
_AMOUNTS = ("amount", "currency", "done", "perhaps", "recorded")


def _cells(fulfilments: tuple[str, ...], payments: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((fulfilment, payment) for fulfilment in fulfilments for payment in payments)


#: What a rule may need of an order, in addition to its statuses; `availability` says what each means.
Need = Literal["balance", "email", "items", "address", "no service", "something to hold", "our hold"]


class Rule(NamedTuple):
    """When an action is offered: payment × fulfilment × cancelled × what is left.

    `cells`: the pairs of fulfilment and payment; None means any, also a status that Shopify adds one day.
    `cancelled`: on a cancelled order too. `needs_money`: only if there is money left that Shopify can refund.
    `beside_refunds`: also while a part of the money is on its way back and the rest is not.
    `needs`: what the order must have in addition; the first that it lacks is the reason.
    """

    cells: frozenset[tuple[str, str]] | None
    cancelled: bool = False
    needs_money: bool = False
    beside_refunds: bool = True
    needs: tuple[Need, ...] = ()


#: What the app must be granted to see all fulfillment orders: the merchant's own, and those of fulfillment services.
SEE_FULFILLMENT = ("read_merchant_managed_fulfillment_orders", "read_third_party_fulfillment_orders")
CHANGE_FULFILLMENT = ("write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders")

#: On every order, or for every customer.
ALWAYS = Rule(None, cancelled=True)


class Lock(NamedTuple):
    """What only one operation at a time may change on an order, and what the agent who comes second is told.

    `on` is the first part of the lock's key, so it is stored. `field`: the form stays, with the message at this field;
    without one it closes, and the timeline says so. `{order}` in the message is the order's name.
    """

    on: str
    message: str
    detail: str
    code: str
    field: str = ""

    @property
    def part(self) -> str:
        """The part of an order that is locked, in a word."""
        return "money" if self.on == "order" else self.on


class Parameter(NamedTuple):
    """A parameter of one action, at `actions/<action>/<name>`, and what it does if it is set or not: a comma-separated
    list, or `true` or `false` if `is_switch`. `characters`: how long each part of a list may be. `at_submit`: only the
    submit reads it."""

    name: str
    title: str
    meaning: str
    characters: int
    example: str
    is_switch: bool = False
    at_submit: bool = False


class Action(NamedTuple):
    """A row. `name` is the function's folder, the switch, and the parameters' path: `refund_order`.

    `noun`, `done`: what a card calls it ("refund", "refunded"). `card`: the facts that a card shows while it is open.
    `creates_code`: it makes a code that takes something off.
    `offered`: without a rule it is offered nowhere. `refusal`: what follows the order's name if the rule refuses it.
    `form_reads`: parameters of other actions that its form goes by, too. `more`: the title of its second form
    (`&lines=more`), which is offered on an order with more lines than a card shows.
    `scopes`: what Shopify must grant for it in addition to what a lookup needs. `surely_over`: so long after it was
    sent, a missing trace in Shopify means that nothing happened; None: never, since there may be no trace to find.
    `known_within`: what the agent is told about when it will be known. `forgets`: names of its details that are not
    kept after its end, since they are personal data.
    """

    name: str
    title: str
    noun: str
    done: str
    about: Literal["order", "customer"]
    offered: Rule | None = None
    refusal: str = "can't be changed"
    lock: Lock | None = None
    card: tuple[str, ...] = ()
    creates_code: bool = False
    parameters: tuple[Parameter, ...] = ()
    form_reads: tuple[str, ...] = ()
    more: str = ""
    scopes: tuple[str, ...] = ("write_orders",)
    surely_over: timedelta | None = timedelta(minutes=5)
    known_within: str = "a few minutes"
    forgets: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The name as an address has it: `refund-order`."""
        return self.name.replace("_", "-")

    @property
    def path(self) -> str:
        """The path below a store's base address: `/actions/refund-order`."""
        return f"/actions/{self.slug}"

    @property
    def switch(self) -> str:
        """The parameter that switches it on: `actions/refund_order/enabled`."""
        return f"actions/{self.name}/enabled"

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of its own parameters: `actions/refund_order/reasons`."""
        return tuple(f"actions/{self.name}/{parameter.name}" for parameter in self.parameters)

    @property
    def gives_away(self) -> bool:
        """True if it may give something away: an order's money, or a discount. Limits apply to it."""
        return self.moves_money or self.creates_code

    @property
    def moves_money(self) -> bool:
        """True if it may move an order's money."""
        return self.lock is MONEY


MONEY = Lock(
    "order",
    "Another refund or cancellation of order {order} is already in progress.",
    "Nothing was changed by this request. Reopen the order in a moment to see what the other one did. If Shopify "
    "hasn't answered it yet, the timeline will say how it ends.",
    "order_busy",
)
NOTE = Lock(
    "note",
    "Someone else is changing this note right now.",
    "Nothing was changed. Please submit again in a moment. If they changed the note, we'll show you theirs first.",
    "note_busy",
    field="note",
)
DESTINATION = Lock(
    "shipping address",
    "Another agent is changing the shipping address right now.",
    "Nothing was changed. Please submit again in a moment. If they changed the address, we'll show you theirs first.",
    "address_busy",
    field="address1",
)
FULFILLMENT = Lock(
    "fulfillment",
    "Another agent is holding or releasing order {order} just now.",
    "Nothing was changed by this request. Open the order again in a moment to see what the other one did.",
    "fulfillment_busy",
)
INVOICE = Lock(
    "invoice",
    "Another agent is sending an invoice for this order right now.",
    "Nothing was sent. Submit again in a moment if the customer should get this one, too.",
    "invoice_busy",
    field="message",
)

CANCEL = Action(
    "cancel_order",
    "Cancel Order",
    "cancellation",
    "cancelled",
    "order",
    Rule(_cells(("unfulfilled",), _ANY_PAYMENT), beside_refunds=False),
    refusal="can't be cancelled",
    lock=MONEY,
    card=_AMOUNTS,
    # Shopify cancels by a job, which may have to wait for its turn.
    surely_over=timedelta(minutes=30),
    known_within="half an hour",
)
REFUND = Action(
    "refund_order",
    "Refund Order",
    "refund",
    "refunded",
    "order",
    Rule(
        _cells(("unfulfilled", "partially fulfilled", "fulfilled"), _PAID),
        cancelled=True,
        needs_money=True,
    ),
    refusal="can't be refunded",
    lock=MONEY,
    card=_AMOUNTS,
    parameters=(
        Parameter(
            "reasons",
            "Reasons for a refund",
            "Agents choose from these. Without any, they choose from the usual ones.",
            200,
            "Damaged in transit, Arrived too late",
        ),
    ),
)
ITEMS = Action(
    "refund_items",
    "Refund Items",
    "refund",
    "refunded",
    "order",
    Rule(
        _cells(("unfulfilled", "partially fulfilled", "fulfilled"), _PAID),
        cancelled=True,
        needs_money=True,
        needs=("items",),
    ),
    refusal="has no items to refund",
    lock=MONEY,
    card=_AMOUNTS,
    parameters=(
        Parameter(
            "confirm",
            "Show the exact refund first",
            "The first submit of a choice shows the exact amount and where it goes; the second one refunds it. With "
            "`false`, the first one does.",
            5,
            "false",
            is_switch=True,
            at_submit=True,
        ),
    ),
    form_reads=REFUND.lists,
    more="Refund More Items",
    # The form lists the places to restock at.
    scopes=("write_orders", "read_locations"),
)
TAGS = Action(
    "edit_order_tags",
    "Edit Order Tags",
    "tag change",
    "tags changed",
    "order",
    ALWAYS,
    parameters=(
        Parameter(
            "categories",
            "Category tags",
            "With any, the form swaps the order's one category tag. Without any, agents edit all tags as text.",
            TAG_CHARACTERS,
            "Sizing, Delivery",
        ),
    ),
)
NOTES = Action("edit_order_notes", "Edit Order Notes", "note change", "note changed", "order", ALWAYS, lock=NOTE)
ADDRESS = Action(
    "edit_shipping_address",
    "Edit Shipping Address",
    "address change",
    "shipping address changed",
    "order",
    Rule(_cells(("unfulfilled",), _ANY_PAYMENT), needs=("address", "no service")),
    refusal="can't be sent elsewhere",
    lock=DESTINATION,
    scopes=("write_orders", *SEE_FULFILLMENT),
    forgets=("before",),
)
HOLD = Action(
    "hold_fulfillment",
    "Hold Fulfillment",
    "hold",
    "put on hold",
    "order",
    Rule(None, needs=("something to hold",)),
    refusal="can't be held",
    lock=FULFILLMENT,
    scopes=CHANGE_FULFILLMENT,
)
RELEASE = Action(
    "release_fulfillment",
    "Release Fulfillment",
    "release",
    "released",
    "order",
    Rule(None, needs=("our hold",)),
    refusal="can't be released",
    lock=FULFILLMENT,
    scopes=CHANGE_FULFILLMENT,
)
SEND_INVOICE = Action(
    "send_invoice",
    "Send Invoice",
    "invoice",
    "invoice sent",
    "order",
    Rule(None, needs=("balance", "email")),
    refusal="can't get an invoice",
    lock=INVOICE,
    # How Shopify writes it down is not published, so what is not found may still have been sent.
    surely_over=None,
    known_within="a day",
)
DISCOUNT = Action(
    "create_discount_code",
    "Create Discount Code",
    "discount code",
    "discount code created",
    "customer",
    ALWAYS,
    card=("code",),
    creates_code=True,
    scopes=("write_discounts", "read_products"),
)

#: Every action, in the order in which an order or a customer shows them.
ACTIONS = (CANCEL, REFUND, ITEMS, HOLD, RELEASE, ADDRESS, SEND_INVOICE, TAGS, NOTES, DISCOUNT)

_BY_NAME = {action.name: action for action in ACTIONS}


def of(name: str) -> Action:
    """The action of a name as it is stored: `refund_order`. Raises KeyError for a name that no row has."""
    return _BY_NAME[name]
