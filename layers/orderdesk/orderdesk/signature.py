"""Who may call: Gladly's request signature, or a bearer token. Both are compared in constant time.

The signature is Gladly's own (`Gladly-Authorization`, `Gladly-Time`): an HMAC-SHA256 over method, path,
sorted query, the headers that the caller names, and the body's hash, under a key derived for the day.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import NamedTuple
from urllib.parse import quote, quote_plus

WINDOW = timedelta(minutes=5)
_ALGORITHM = "hmac-sha256"
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
#: A signature's header has a dozen names and 64 hexadecimal digits; whatever is longer is none.
HEADER_BYTES = 2048
_HEADERS_AT_MOST = 50


class Request(NamedTuple):
    """What was signed, as far as it reached us.

    `paths` are the forms in which the caller may have written the path (with the stage in front, behind a
    custom domain without it); `query` is decoded, as the gateway hands it over; header names are lower case.
    """

    method: str
    paths: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


def signed_by(request: Request, keys: Iterable[str], now: datetime) -> bool:
    """True where one of the keys made the request's signature, within five minutes of `now` (UTC) either way."""
    fields = _fields(request.headers.get("gladly-authorization", ""))
    moment = request.headers.get("gladly-time", "")
    signature = fields.get("Signature", "").lower()
    names = [name.strip().lower() for name in fields.get("SignedHeaders", "").split(";") if name.strip()]
    if fields.get("SigningAlgorithm", "").lower() != _ALGORITHM or not signature:
        return False
    if len(names) > _HEADERS_AT_MOST or any(name not in request.headers for name in names):
        return False
    if not _recent(moment, now):
        return False
    candidates = [
        _signature(key, request, path, query, names, moment)
        for key, path, query in product(keys, request.paths, _queries(request.query))
    ]
    # Every candidate is compared, so that the time taken says nothing about which one was nearly right.
    same = [hmac.compare_digest(candidate.encode(), signature.encode()) for candidate in candidates]
    return any(same)


def bears(authorization: str, tokens: Iterable[str]) -> bool:
    """True where an `Authorization` header is `Bearer` with one of the tokens."""
    scheme, _, token = authorization.partition(" ")
    given = token.strip().encode()
    same = [hmac.compare_digest(given, known.encode()) for known in tokens]
    return scheme.lower() == "bearer" and bool(given) and any(same)


def sign(request: Request, key: str, names: Iterable[str]) -> str:
    """The `Gladly-Authorization` value for a request with one path and `gladly-time` among its headers."""
    ordered = sorted(name.lower() for name in names)
    query = _queries(request.query)[0]
    signature = _signature(key, request, request.paths[0], query, ordered, request.headers["gladly-time"])
    return f"SigningAlgorithm={_ALGORITHM}, SignedHeaders={';'.join(ordered)}, Signature={signature}"


def _fields(header: str) -> dict[str, str]:
    """The header's `Name=value` parts by name; none of a header that is too long to be a signature."""
    if len(header.encode(errors="replace")) > HEADER_BYTES:
        return {}
    parts = (part.partition("=") for part in header.split(","))
    return {name.strip(): value.strip() for name, _, value in parts}


def _recent(moment: str, now: datetime) -> bool:
    try:
        signed_at = datetime.strptime(moment, _TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - signed_at) <= WINDOW


def _queries(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    """The ways in which the caller may have written the query, sorted; the gateway hands it over decoded."""
    if not pairs:
        return [""]
    encodings = (
        lambda text: quote(text, safe="-._~"),
        quote_plus,
        lambda text: quote(text, safe="-._~/:@!$'()*,;"),
        lambda text: text,
    )
    return list(dict.fromkeys("&".join(sorted(f"{e(k)}={e(v)}" for k, v in pairs)) for e in encodings))


def _signature(key: str, request: Request, path: str, query: str, names: list[str], moment: str) -> str:
    ordered = sorted(names)
    lines = [request.method.upper(), path, query]
    lines += [f"{name}:{request.headers[name].strip()}" for name in ordered]
    lines += ["", ";".join(ordered), hashlib.sha256(request.body).hexdigest()]
    normalized = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    day_key = hmac.new(key.encode(), moment[:8].encode(), hashlib.sha256).digest()
    text = f"{_ALGORITHM}\n{moment}\n{normalized}"
    return hmac.new(day_key, text.encode(), hashlib.sha256).hexdigest()
