"""Match a customer: by email address first, then by phone in E.164. Every result is compared with what was asked for.

Values are never normalised in a way that makes two people's addresses or numbers equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from aws_lambda_powertools import Logger

from .errors import ShopifyUnavailable
from .letters import lower
from .orders import gid, number
from .shopify import Client, Partial, document

if TYPE_CHECKING:
    from .shopify.nodes import CustomerCard, MatchCustomers

logger = Logger(service="orderdesk", child=True)

_EMAIL = re.compile(r"[^\s@,]{1,64}@[^\s@,]{1,190}\Z")
#: What people write after a number, such as “(home)”.
_WORD_BEHIND = re.compile(r"\([^()0-9]*\)\s*\Z")
_SLOTS = 4
_ASKED_AT_MOST = 12
#: How many pages of customers with a phone number are read. A company's number may belong to many.
_PAGES = 4
#: The code of the error if there are more.
TOO_MANY = "too_many_matches"
_NOBODY = {"id": gid("Customer", "0")}
_COMPARED = ("defaultEmailAddress", "defaultPhoneNumber", "defaultAddress")

Wanted = TypeVar("Wanted")


class Phone(NamedTuple):
    """A phone number in E.164 and its extension. At a relay service, many people share one number."""

    number: str
    extension: str


def email(text: str) -> str | None:
    """An email address in the form in which addresses are compared (trimmed, A to Z in lower case), or None if it is
    not one."""
    bare = lower(text.strip())
    return bare if _EMAIL.match(bare) else None


def phone(text: str, region: str | None) -> str | None:
    """A phone number in E.164 without its extension, or None. `region`: the country of numbers without `+`."""
    parsed = _phone(text, region)
    return parsed.number if parsed else None


def _phone(text: str, region: str | None) -> Phone | None:
    if len(text) > 60:
        return None
    # Imported here: a process that only shows profiles does not need it, and it is a sixteenth of its start.
    import phonenumbers

    text = _WORD_BEHIND.sub("", text)
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    extension = parsed.extension or ""
    if not phonenumbers.is_possible_number(parsed) or phonenumbers.is_alpha_number(text) or _mixed(text, extension):
        return None
    return Phone(str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)), extension)


def _mixed(text: str, extension: str) -> bool:
    """True if letters are mixed with a number's digits, or follow them without being an extension.

    The library drops letters: with `O` for `0` the rest is another customer's number.
    """
    places = [place for place, c in enumerate(text) if c.isdecimal()]
    digits = places[: len(places) - len(extension)]
    return not digits or any(c.isalpha() for c in text[digits[0] : digits[-1] if extension else None])


def find(shopify: Client, emails: Iterable[str], phones: Iterable[str], region: str | None) -> list[CustomerCard]:
    """The customers (fragment `CustomerCard`) who have one of the addresses or numbers, each once.

    Leaves out customers whose addresses or numbers Shopify does not show. Raises what `Client.read` raises, also if
    Shopify did not return every possible customer.
    """
    wanted_emails = _at_most(dict.fromkeys(filter(None, map(email, emails))))
    wanted_phones = _at_most(dict.fromkeys(filter(None, (_phone(p, region) for p in phones))))
    asked = [("emailAddress", e) for e in wanted_emails]
    asked += [("phoneNumber", n) for n in dict.fromkeys(p.number for p in wanted_phones)]
    found: dict[str, CustomerCard] = {}
    for start in range(0, len(asked), _SLOTS):
        for one in _ask(shopify, asked[start : start + _SLOTS]):
            if _has(one.customer, wanted_emails, wanted_phones, region):
                found.setdefault(one.customer["id"], one.customer)
            elif one.hidden:
                logger.error("Shopify does not return the customer's address or phone")
            else:
                logger.warning("Shopify returned a customer who does not match")
    return list(found.values())


def _at_most(wanted: Iterable[Wanted]) -> list[Wanted]:
    """The first values, as many as can be asked for in time."""
    listed = list(wanted)
    if len(listed) > _ASKED_AT_MOST:
        logger.warning("Too many addresses or numbers; the rest are ignored", given=len(listed), at_most=_ASKED_AT_MOST)
    return listed[:_ASKED_AT_MOST]


class _Answered(NamedTuple):
    """A customer in Shopify's answer. `hidden` if one of their addresses or numbers could not be read."""

    customer: CustomerCard
    hidden: bool


def _ask(shopify: Client, asked: list[tuple[str, str]]) -> list[_Answered]:
    """One round trip: up to four identifiers, and the other customers who have one of the phones.

    If those do not fit on one page, one more round trip for each further page.
    """
    variables: dict[str, Any] = {
        "phones": _phone_search(asked),
        "byPhone": any(k == "phoneNumber" for k, _ in asked),
    }
    for slot in range(_SLOTS):
        kind_and_value = asked[slot] if slot < len(asked) else None
        variables[f"with{slot + 1}"] = bool(kind_and_value)
        variables[f"identifier{slot + 1}"] = dict([kind_and_value]) if kind_and_value else _NOBODY
    found, after = _read(shopify, variables)
    for _ in range(_PAGES):
        if not after:
            return found
        without = {f"with{slot + 1}": False for slot in range(_SLOTS)}
        more, after = _read(shopify, variables | without | {"after": after})
        found += more
    raise ShopifyUnavailable(
        "Too many customers have this phone number.",
        "Search for the customer by email or order number.",
        code=TOO_MANY,
    )


def _read(shopify: Client, variables: dict[str, Any]) -> tuple[list[_Answered], str | None]:
    """The customers in one answer, and the cursor of the next page of customers with a phone.

    Raises what `Client.read` raises if a customer may be missing.
    """
    answer: Partial[MatchCustomers] = shopify.read_partly(document(__file__, "match_customers"), **variables)
    found, came = [], answer.data
    slots = (came.get("customer1"), came.get("customer2"), came.get("customer3"), came.get("customer4"))
    for slot, customer in enumerate(slots, 1):
        place = f"customer{slot}"
        if customer:
            found.append(_Answered(customer, _hidden(answer, place)))
        elif variables[f"with{slot}"] and answer.lacks(place):
            raise shopify.in_part(answer.missing)
    if not variables["byPhone"]:
        return found, None
    page = came.get("customers")
    if not page:
        raise shopify.in_part(answer.missing)
    found += [_Answered(c, _hidden(answer, f"customers.nodes.{n}")) for n, c in enumerate(page["nodes"])]
    turned = page["pageInfo"]
    return found, turned["endCursor"] if turned["hasNextPage"] else None


def _hidden(answer: Partial[MatchCustomers], place: str) -> bool:
    """True if the answer lacks a field that the customer is compared by."""
    return any(answer.lacks(f"{place}.{name}") for name in _COMPARED)


def _phone_search(asked: list[tuple[str, str]]) -> str:
    """A search by phone. The numbers are ours, in E.164, so nothing needs escaping."""
    return " OR ".join(f'phone:"{value}"' for kind, value in asked if kind == "phoneNumber")


def _has(customer: CustomerCard, emails: list[str], phones: list[Phone], region: str | None) -> bool:
    """True if the customer has exactly what was asked for.

    A number on an address is read as one of the address's country, which may differ from the shop's.
    """
    own_email = (customer.get("defaultEmailAddress") or {}).get("emailAddress") or ""
    place = customer.get("defaultAddress") or {}
    own_phones = [
        _phone((customer.get("defaultPhoneNumber") or {}).get("phoneNumber") or "", region),
        _phone(place.get("phone") or "", place.get("countryCodeV2") or region),
    ]
    return email(own_email) in emails or any(_same(own, p) for own in own_phones if own for p in phones)


def _same(own: Phone, asked: Phone) -> bool:
    """True if both are the same number. Someone behind an extension is not the owner of the main number."""
    return own.number == asked.number and own.extension in ("", asked.extension)


__all__ = ["Phone", "email", "find", "number", "phone"]
