"""Letters and digits of what names a person, an order or a shop, changed only so that two names never become one.

`str.lower` and `str.casefold` make a `k` of the Kelvin sign and `ss` of `ß`: `mike@…` would be two people.
"""

import string
import unicodedata

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def lower(text: str) -> str:
    """A text with A to Z in lower case, and everything else as it was."""
    return text.translate(_LOWER)


def small(text: str) -> str:
    """A text with each capital as its small letter, in any script, where the two are a pair (`Ä` and `ä`): the Kelvin
    sign is the capital of nothing."""
    return text.lower() if text.isascii() else "".join(map(_small, text))


def _small(character: str) -> str:
    lower = character.lower()
    return lower if lower.upper() == character else character


def plain_digits(text: str) -> str:
    """A text with each digit of Unicode (such as full-width ones) as 0 to 9, which is the same number."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
