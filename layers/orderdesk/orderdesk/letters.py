"""Normalise letters and digits in names of people, orders and shops, so that two different names never become equal.

`str.lower` and `str.casefold` turn the Kelvin sign into `k` and `ß` into `ss`: two people's addresses would be equal.
"""

import string
import unicodedata

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def lower(text: str) -> str:
    """The text with A to Z in lower case, and everything else unchanged."""
    return text.translate(_LOWER)


def small(text: str) -> str:
    """The text with each capital as its small letter, in any script, if the two are a pair (`Ä` and `ä`). The Kelvin
    sign is no letter's capital."""
    return text.lower() if text.isascii() else "".join(map(_small, text))


def _small(character: str) -> str:
    lower = character.lower()
    return lower if lower.upper() == character else character


def plain_digits(text: str) -> str:
    """The text with each Unicode digit (such as full-width ones) as 0 to 9, so the number is the same."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
