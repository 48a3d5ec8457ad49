"""Matching a customer: e-mail first, then phone in E.164, and every answer compared with what was asked."""

import re
from collections.abc import Iterable
from typing import Any

from aws_lambda_powertools import Logger

from .orders import gid, number
from .shopify import Client, document

logger = Logger(service="orderdesk", child=True)

_EMAIL = re.compile(r"[^\s@,]{1,64}@[^\s@,]{1,190}\Z")
_SLOTS = 4
_ASKED_AT_MOST = 12
_NOBODY = {"id": gid("Customer", "0")}


def email(text: str) -> str | None:
    """An e-mail address as it is compared (trimmed, lower case), or None where it is none."""
    bare = text.strip().casefold()
    return bare if _EMAIL.match(bare) else None


def phone(text: str, region: str | None) -> str | None:
    """A phone number in E.164 without its extension, or None. `region`: where numbers without `+` are from."""
    if len(text) > 60:
        return None
    # Here, since a process that shows a profile first needs none of it, and it is a sixteenth of its start.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def find(shopify: Client, emails: Iterable[str], phones: Iterable[str], region: str | None) -> list[dict[str, Any]]:
    """The customers (fragment `CustomerCard`) that have one of the addresses or numbers, each once.

    Raises what `Client.read` raises.
    """
    wanted_emails = _at_most(dict.fromkeys(filter(None, map(email, emails))))
    wanted_phones = _at_most(dict.fromkeys(filter(None, (phone(p, region) for p in phones))))
    asked = [("emailAddress", e) for e in wanted_emails] + [("phoneNumber", p) for p in wanted_phones]
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(asked), _SLOTS):
        for customer in _ask(shopify, asked[start : start + _SLOTS]):
            if _has(customer, wanted_emails, wanted_phones, region):
                found.setdefault(customer["id"], customer)
            else:
                logger.warning("Shopify answered with a customer who was not asked for")
    return list(found.values())


def _at_most(wanted: Iterable[str]) -> list[str]:
    """The first of them, as many as can be asked for in time."""
    listed = list(wanted)
    if len(listed) > _ASKED_AT_MOST:
        logger.warning("Not all addresses or numbers are looked for", given=len(listed), at_most=_ASKED_AT_MOST)
    return listed[:_ASKED_AT_MOST]


def _ask(shopify: Client, asked: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """One round trip: up to four identifiers, and the other customers that carry one of the phones."""
    variables: dict[str, Any] = {
        "phones": _phone_search(asked),
        "byPhone": any(k == "phoneNumber" for k, _ in asked),
    }
    for slot in range(_SLOTS):
        kind_and_value = asked[slot] if slot < len(asked) else None
        variables[f"with{slot + 1}"] = bool(kind_and_value)
        variables[f"identifier{slot + 1}"] = dict([kind_and_value]) if kind_and_value else _NOBODY
    data = shopify.read(document(__file__, "match_customers"), **variables)
    by_identifier = [data.get(f"customer{slot + 1}") for slot in range(_SLOTS)]
    return [c for c in by_identifier if c] + list((data.get("customers") or {}).get("nodes") or [])


def _phone_search(asked: list[tuple[str, str]]) -> str:
    """A search by phone. The numbers are ours, in E.164, so nothing in them needs escaping."""
    return " OR ".join(f'phone:"{value}"' for kind, value in asked if kind == "phoneNumber")


def _has(customer: dict[str, Any], emails: list[str], phones: list[str], region: str | None) -> bool:
    """True where the customer carries, to the letter, what was asked for."""
    own_email = (customer.get("defaultEmailAddress") or {}).get("emailAddress") or ""
    own_phones = [
        (customer.get("defaultPhoneNumber") or {}).get("phoneNumber") or "",
        (customer.get("defaultAddress") or {}).get("phone") or "",
    ]
    return email(own_email) in emails or any(phone(p, region) in phones for p in own_phones if p)


__all__ = ["email", "find", "number", "phone"]
