"""A sentence as the page of messages shows it: what differs from order to order is replaced by a placeholder.

The page is the same after every run, so an amount is `[amount]`, and whatever a person or Shopify wrote is `“…”`.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from orderdesk.actions import ACTIONS

_MONEY = r"(?:(?:CA|A|NZ|MX|R|HK|NT)?\$|CN¥|[€£¥₹₩₪₫₱]|\b[A-Z]{3} )[0-9]+(?:\.[0-9]+)?"
_UUID = r"[0-9a-f]{8}-[0-9a-f-]{27,31}"
#: How a sentence goes on after what Shopify says, or after a list of tags.
_NEXT = r"(?= Please check the order| We confirmed| Shopify says:| Shopify didn't keep| Still there:| The timeline|$)"

#: What precedes a list of an order's parts.
_LISTS = (
    "(?:Holds|Can't be held|Releases|Stays on hold|Still on hold|On hold|Not on hold|Released|Not released|to hold|"
    "to release)"
)

#: Each shape of what differs, in this order, and what is shown instead.
_SHAPES = [
    (re.compile(shape, re.DOTALL), shown)
    for shape, shown in (
        (rf"({_LISTS}: ).+?(?= {_LISTS}:| Reason:| Open the order| We confirmed|$)", r"\1[parts]."),
        (r"(\[parts\]\.(?: Open the order again for the rest\.)? Reason: ).+?(?= We confirmed|$)", r"\1[reason]."),
        (r"(held by (?:Orderdesk|someone else): ).+$", r"\1[reason]"),
        (r"(The note is now: |With the message: )“.*”(?=$|\. Your text| The timeline)", r"\1“…”"),
        (rf"(Shopify (?:also )?says: ).*?{_NEXT}", r"\1“…”"),
        (r"(They wrote: ).+", r"\1[note]"),
        (r"^\w+(?= asked on | declined “| has already (?:approved|declined) “)", "[agent]"),
        (r"(?<=, asked by )\w+$", "[agent]"),
        (rf"“(?:{'|'.join(action.title for action in ACTIONS)})”", "“[action]”"),
        (r"“(?!\[action).*”(?= is (?:longer|a percentage|an amount)| isn't| has | without )", "“…”"),
        (r"“(?!\[action)[^”]*”", "“…”"),
        (r"^(Added|Removed) .+?(?=; removed |\. The tags are now)", r"\1 [tags]"),
        (r"; removed .+?(?=\. The tags are now)", "; removed [tags]"),
        # A list that is too long to be stored is cut.
        (r"(; removed |^Added |^Removed )(?!\[tags\]).*…$", r"\1[tags]."),
        (rf"(The tags are now: )(?:.*?\.{_NEXT}|.*…$)", r"\1[tags]."),
        (rf"(Shopify didn't keep this as typed: |Still there: ).*?\.{_NEXT}", r"\1[tags]."),
        (r"(Other tags stay: ).+", r"\1[tags]"),
        (r"(applies to the collection ).+?\.(?= Shopify says|$)", r"\1[collection]."),
        (r"((?:Created|created|has a) discount code |^[Dd]iscount code )(?!is\b|isn't)\S+?(?=,? |$)", r"\1[code]"),
        (r"(Before: |The address is now: ).+?\.(?= Now:| Yours| We confirmed|$)", r"\1[address]."),
        (rf"(\[address\]\. Now: )(?!{_MONEY}).+?\.(?= Taxes| We confirmed|$)", r"\1[address]."),
        (r"^In .+?\.(?= Taxes)", "In [country]."),
        (r"(hasn't granted the app ).+?\.?$", r"\1[scopes]."),
        (r"[0-9]+ × “…”(?:, [0-9]+ × “…”)*(?:, [0-9]+ more lines)?", "[items]"),
        (r"lines [0-9]+–[0-9]+ of [0-9]+", "lines [number]–[number] of [number]"),
        (r"(?<=for all )[0-9]+|(?<=No more than )[0-9]+(?= of)|(?<=Only )[0-9]+(?= of)", "[number]"),
        (_MONEY, "[amount]"),
        (r"\(Shopify request [^)]+\)", "(Shopify request [id])"),
        (_UUID, "[id]"),
        (r"(Shopify emails it to ).+?(?= with the invoice)|[\w.+'-]+@[\w.-]*\w", r"\1[email address]"),
        (r"[a-z0-9-]+\.myshopify\.com", "[shop]"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "[date]"),
        (r"(?:[0-9]{1,2} [A-Z][a-z]{2} )?[0-9]{2}:[0-9]{2}(?: UTC)?", "[time]"),
        (r"\((?:UTC|[A-Z]\w+/[\w/+-]+)\)", "([time zone])"),
        (r"(?<![0-9,])[0-9.]+%(?= off| is above|\)|\.$)", "[percent]"),
        (r"[0-9]+(?= submits)", "[number]"),
        (r"(?:at least )?(?:\[amount\] and )*\[amount\] in [0-9]+ refunds?\b", "[amount] in [number] refunds"),
        (r"(?<=see all of this: ).+?\.$", "[fields]."),
        (r"HTTP [0-9]{3}", "HTTP [status]"),
        (r"((?:amount|decimals) in |amount \()[A-Z]{3}\b", r"\1[currency]"),
        (r"(?:up to [0-9]+|no)(?= decimals)", "up to [number]"),
        (r"(?<=“…” has )[0-9]+|(?<=This one has )[0-9]+", "[number]"),
        (r"^[0-9]+ of [0-9]+(?=;)", "[number] of [number]"),
        (r"(The order is now: ).+?\.(?= |$)", r"\1[status]."),
        (r"(: it's )(?!already).+?( and ).+\.$", r"\1[payment status]\2[fulfillment status]."),
        (r"(\[amount\] (?:to|on its way to|may be on its way to|couldn't be refunded to) ).+?"
         r"(?=; |, \[amount\]|, not yet| \(Shopify's|\. |\.$|$)", r"\1[payment method]"),
        (r"(only records the refund to ).+?(?=: pay)", r"\1[payment method]"),
        (r"(A payment of \[amount\] by ).+?(?= is still)", r"\1[payment method]"),
    )
]  # fmt: skip
#: Between the parts of a list of what goes where, each of which is read as a sentence.
_LISTED = re.compile(r"(?:; |, )(?=\[amount\] (?:to|on its way|may be|couldn't) )")
_SENTENCES = re.compile(r"(?<=[.!?…”]) (?=[A-Z“\[])")


def shown(text: str, orders: re.Pattern[str] | None) -> str:
    """The text with placeholders. `orders`: the names of the store's orders (`any_of`)."""
    return _shaped(orders.sub("[order]", text) if orders else text)


@lru_cache(maxsize=10_000)
def _shaped(text: str) -> str:
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return " ".join(text.split())


def any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of the orders' names in a text; None if there are no names."""
    # The longest first: another order's name may begin with this one.
    listed = sorted(set(filter(None, names)), key=len, reverse=True)
    return re.compile(rf"(?<![\w#])(?:{'|'.join(map(re.escape, listed))})(?!\w)") if listed else None


def sentences(text: str) -> list[str]:
    """A text with placeholders, sentence by sentence, each once; what goes where is one sentence for each part."""
    parts = (part for listed in _SENTENCES.split(text) for part in _LISTED.split(listed))
    return list(dict.fromkeys(part.rstrip(".") + "." if "[amount]" in part else part for part in parts if part))
