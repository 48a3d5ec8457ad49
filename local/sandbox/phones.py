"""Phone numbers in the forms that Shopify accepts: a plus and digits, with separators."""

import re
from typing import Any

from .user_errors import refusal

LONGEST = 255


def spelled(text: str) -> str:
    """A phone number in E.164: `+1 (613) 555-0193` → `+16135550193`, as recorded."""
    return re.sub(r"[\s().-]", "", text)


def phone_refusals(where: list[str], text: str) -> list[dict[str, Any]]:
    """What is wrong with a phone number, in the recorded words."""
    found = []
    if len(text) > LONGEST:
        found.append(refusal(where, f"Phone is too long (maximum is {LONGEST} characters)"))
    if not re.fullmatch(r"\+?[0-9]{7,15}", spelled(text)):
        found.append(refusal(where, "Phone is invalid"))
    return found
