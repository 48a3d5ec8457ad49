"""Numbers as a person types them, with the sign of what they count. What could mean two numbers is none."""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from .money import sign_of

#: A number has digits and at most one full stop: `1,000` and `1,5` mean different things in different countries.
_NUMBER = re.compile(r"(?P<before>[^0-9.,+-]*)(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?P<after>[^0-9.,+-]*)")
_CODE = re.compile(r"[A-Za-z]{3}")
_PERCENT = frozenset({"%", "percent", "per cent", "pct"})

#: Full-width and other ways to write the signs that matter here.
_SIGNS = str.maketrans(
    {"％": "%", "﹪": "%", "٪": "%", "＄": "$", "﹩": "$", "￥": "¥", "￡": "£", "．": ".", "￦": "₩"}
)

#: Currencies (ISO 4217) that people at home write with a sign which others have as well, or in letters.
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
    """A number above or at 0, how many decimals were typed of it, and the signs beside it, in the order typed."""

    amount: Decimal
    decimals: int
    signs: tuple[str, ...]

    @property
    def is_percent(self) -> bool:
        """True if a sign says so."""
        return any(_is_percent(sign) for sign in self.signs)

    @property
    def is_money(self) -> bool:
        """True if a sign is one of a currency, whichever."""
        return any(not _is_percent(sign) for sign in self.signs)

    def fits(self, currency: str) -> bool:
        """True if no sign contradicts the currency (ISO 4217)."""
        return all(_means(sign, currency) for sign in self.signs)


def number(text: str) -> Typed | None:
    """`30`, `12.50`, `$30`, `30 %`, `30 USD`, in the digits of any script; None for what is not one clear number."""
    match = _NUMBER.fullmatch("".join(map(_plain, text.translate(_SIGNS).strip())))
    if not match:
        return None
    signs = tuple(sign for sign in (match["before"].strip(), match["after"].strip()) if sign)
    if not all(map(_is_sign, signs)):
        return None
    digits = match["number"]
    return Typed(Decimal(digits), len(digits.partition(".")[2]), signs)


def _plain(character: str) -> str:
    """A digit of any script as that of ours. A raised or circled one is not a digit of a number: 10² is not 102."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _is_percent(sign: str) -> bool:
    return " ".join(sign.lower().split()) in _PERCENT


def _is_sign(sign: str) -> bool:
    """Whether it stands for percent or for a currency, known or not: `$`, `CA$`, `kr`, `USD`."""
    if _is_percent(sign) or _CODE.fullmatch(sign) or sign.lower() in _AT_HOME:
        return True
    currency = [c for c in sign if unicodedata.category(c) == "Sc"]
    return len(currency) == 1 and len(sign) <= 4 and all(c.isalpha() for c in sign if c not in currency)


def _means(sign: str, currency: str) -> bool:
    """Whether the sign may mean the currency: its code, the sign that we write, or one that people write at home."""
    bare = sign.lower()
    at_home = _AT_HOME.get(bare, "").split()
    return bare in (currency.lower(), sign_of(currency).lower(), f"{currency[:2]}$".lower()) or currency in at_home
