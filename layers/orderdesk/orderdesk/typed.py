"""Numbers as a person types them, with a sign for the unit. What could mean two different numbers is not accepted."""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from .money import sign_of

#: A number has digits and at most one decimal point. `1,000` and `1,5` mean different things in different countries.
_NUMBER = re.compile(r"(?P<before>[^0-9.,+-]*)(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?P<after>[^0-9.,+-]*)")
_CODE = re.compile(r"[A-Za-z]{3}")
_PERCENT = frozenset({"%", "percent", "per cent", "pct"})

#: Full-width and other forms of the signs used here.
_SIGNS = str.maketrans(
    {"％": "%", "﹪": "%", "٪": "%", "＄": "$", "﹩": "$", "￥": "¥", "￡": "£", "．": ".", "￦": "₩"}
)

#: Currencies (ISO 4217) that people at home write with a sign shared by others, or with letters.
_AT_HOME = {
    "$": "USD CAD AUD NZD MXN HKD TWD SGD ARS CLP COP BBD BMD BND BSD BZD DOP FJD GYD JMD KYD LRD NAD SBD SRD TTD UYU "
         "XCD",
    "£": "GBP EGP FKP GIP LBP SHP SSP SYP",
    "¥": "JPY CNY", "円": "JPY", "元": "CNY TWD", "kr": "SEK NOK DKK ISK", "zł": "PLN", "kč": "CZK", "ft": "HUF",
    "lei": "RON", "лв": "BGN", "r": "ZAR", "rs": "INR PKR LKR NPR MUR", "rm": "MYR", "rp": "IDR", "fr": "CHF",
    "€": "EUR", "₹": "INR", "₺": "TRY", "₴": "UAH", "₦": "NGN", "₽": "RUB", "₸": "KZT", "₡": "CRC", "₲": "PYG",
    "₵": "GHS", "₮": "MNT", "₼": "AZN", "₾": "GEL", "₭": "LAK", "฿": "THB", "৳": "BDT", "៛": "KHR",
    "₨": "INR PKR LKR NPR",
}  # fmt: skip


class Typed(NamedTuple):
    """A number that is not negative, how many decimals were typed, and the signs next to it, in the order typed."""

    amount: Decimal
    decimals: int
    signs: tuple[str, ...]

    @property
    def is_percent(self) -> bool:
        """True if one of the signs means percent."""
        return any(_is_percent(sign) for sign in self.signs)

    @property
    def is_money(self) -> bool:
        """True if one of the signs is a currency's, known or not."""
        return any(not _is_percent(sign) for sign in self.signs)

    def fits(self, currency: str) -> bool:
        """True if no sign contradicts the currency (ISO 4217)."""
        return all(_means(sign, currency) for sign in self.signs)


def number(text: str) -> Typed | None:
    """`30`, `12.50`, `$30`, `30 %`, `30 USD`, in the digits of any script; None if it is not one clear number."""
    match = _NUMBER.fullmatch("".join(map(_plain, text.translate(_SIGNS).strip())))
    if not match:
        return None
    signs = tuple(sign for sign in (match["before"].strip(), match["after"].strip()) if sign)
    if not all(map(_is_sign, signs)):
        return None
    digits = match["number"]
    return Typed(Decimal(digits), len(digits.partition(".")[2]), signs)


def _plain(character: str) -> str:
    """A digit of any script as 0 to 9. Not a raised or circled one: 10² is not 102."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _is_percent(sign: str) -> bool:
    return " ".join(sign.lower().split()) in _PERCENT


def _is_sign(sign: str) -> bool:
    """True if it means percent or a currency, known or not: `$`, `CA$`, `kr`, `USD`."""
    if _is_percent(sign) or _CODE.fullmatch(sign) or sign.lower() in _AT_HOME:
        return True
    currency = [c for c in sign if unicodedata.category(c) == "Sc"]
    return len(currency) == 1 and len(sign) <= 4 and all(c.isalpha() for c in sign if c not in currency)


def _means(sign: str, currency: str) -> bool:
    """True if the sign may mean the currency: its code, our sign for it, or the sign that people use at home."""
    bare = sign.lower()
    at_home = _AT_HOME.get(bare, "").split()
    return bare in (currency.lower(), sign_of(currency).lower(), f"{currency[:2]}$".lower()) or currency in at_home
