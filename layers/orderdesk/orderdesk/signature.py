"""Check who is calling: by Gladly's request signature, or by a bearer token. Both are compared in constant time.

The signature is Gladly's own (`Gladly-Authorization`, `Gladly-Time`): an HMAC-SHA256 over method, path, sorted query,
the headers that the caller names, and the body's hash, under a key derived for the day.

The gateway decodes the query and may reorder it, so we have to try the ways in which the caller may have written it.
Two different queries are never written the same way (a test proves it), and the path is never checked without its
query.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from typing import NamedTuple
from urllib.parse import quote, quote_plus

WINDOW = timedelta(minutes=5)
_ALGORITHM = "hmac-sha256"
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
#: A signature's header has a dozen names and 64 hexadecimal digits. Anything longer is not a signature.
HEADER_BYTES = 2048
_HEADERS_AT_MOST = 50


class Request(NamedTuple):
    """What was signed, as far as we can see it.

    `paths` are the forms in which the caller may have written the path (with the stage; behind a custom domain without
    it). `query` is decoded, as the gateway passes it. Header names are in lower case.
    """

    method: str
    paths: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


class Signed(NamedTuple):
    """A valid signature: the headers that it covers (lower-case names), and how the query was written."""

    headers: frozenset[str]
    form: str


class _Written(NamedTuple):
    """A path line and a query line as the caller may have signed them. `form` is their name in the log."""

    path: str
    query: str
    form: str


def signed_by(request: Request, keys: Iterable[str], now: datetime) -> bool:
    """True if one of the keys signed the request within five minutes of `now` (UTC), before or after."""
    return proof(request, keys, now) is not None


def proof(request: Request, keys: Iterable[str], now: datetime) -> Signed | None:
    """What one of the keys signed within five minutes of `now` (UTC), before or after; None if none of them did."""
    fields = _fields(request.headers.get("gladly-authorization", ""))
    moment = request.headers.get("gladly-time", "")
    signature = fields.get("Signature", "").lower()
    names = [name.strip().lower() for name in fields.get("SignedHeaders", "").split(";") if name.strip()]
    if fields.get("SigningAlgorithm", "").lower() != _ALGORITHM or not signature:
        return None
    if len(names) > _HEADERS_AT_MOST or any(name not in request.headers for name in names):
        return None
    if not _recent(moment, now):
        return None
    try:
        ways, rest = list(_written(request)), _rest(request, names)
        # Every form is compared, so that the time taken does not say which one was nearly right.
        same = [
            written.form
            for key, written in product(keys, ways)
            if hmac.compare_digest(_signature(key, request.method, written, rest, moment).encode(), signature.encode())
        ]
    except UnicodeEncodeError:
        # Half of a surrogate pair: it cannot have been signed.
        return None
    return Signed(frozenset(names), same[0]) if same else None


def has_token(authorization: str, tokens: Iterable[str]) -> bool:
    """True if an `Authorization` header is `Bearer` with one of the tokens."""
    scheme, _, token = authorization.partition(" ")
    given = token.strip().encode()
    same = [hmac.compare_digest(given, known.encode()) for known in tokens]
    return scheme.lower() == "bearer" and bool(given) and any(same)


def sign(request: Request, key: str, names: Iterable[str]) -> str:
    """The `Gladly-Authorization` value for a request with one path and `gladly-time` among its headers."""
    ordered = sorted(name.lower() for name in names)
    written = next(_written(request))
    signature = _signature(key, request.method, written, _rest(request, ordered), request.headers["gladly-time"])
    return f"SigningAlgorithm={_ALGORITHM}, SignedHeaders={';'.join(ordered)}, Signature={signature}"


def _fields(header: str) -> dict[str, str]:
    """The header's `Name=value` parts by name; none if the header is too long or repeats a name."""
    if len(header.encode(errors="replace")) > HEADER_BYTES:
        return {}
    parts = [part.partition("=") for part in header.split(",")]
    fields = {name.strip(): value.strip() for name, _, value in parts}
    return fields if len(fields) == len(parts) else {}


def _recent(moment: str, now: datetime) -> bool:
    try:
        signed_at = datetime.strptime(moment, _TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - signed_at) <= WINDOW


def _written(request: Request) -> Iterator[_Written]:
    """The forms in which the caller may have written path and query; the one that Gladly documents comes first.

    Gladly's templates sign path and sorted query separately. Its sample server signs the path with its query.
    """
    queries = _queries(request.query)
    for path in request.paths:
        # Anything but a plain path could be read as a path with a query.
        if not _plain(path, "?"):
            continue
        if not request.query:
            yield _Written(path, "", "no query")
        for query in queries:
            yield _Written(path, query, "query apart")
            yield _Written(f"{path}?{query}", query, "query on both lines")
            yield _Written(f"{path}?{query}", "", "query on the path line")


def _urlencoded(text: str) -> str:
    """As browsers' `URLSearchParams` and Java's `URLEncoder` write it."""
    return quote_plus(text, safe="*").replace("~", "%7E")


#: How names and values may have been encoded. Each form is decoded by the same rule, that of `parse_qsl`, so two
#: different texts never have the same form, not even across forms.
_ENCODINGS: tuple[Callable[[str], str], ...] = (
    partial(quote, safe="-._~"),
    quote_plus,
    partial(quote, safe="-._~!*'()"),
    _urlencoded,
    partial(quote, safe="-._~/:@!$'()*,;"),
)


def _queries(pairs: tuple[tuple[str, str], ...]) -> list[str]:
    """The forms in which the caller may have written the query: sorted, by name, and in the order of arrival.

    Unencoded only if nothing in it could be read as another query.
    """
    if not pairs:
        return []
    encodings = list(_ENCODINGS)
    if all(_plain(text, "&=%+?#;") for pair in pairs for text in pair):
        encodings.append(str)
    found: dict[str, None] = {}
    for encode in encodings:
        parts = [f"{encode(name)}={encode(value)}" for name, value in pairs]
        by_name = [part for _, part in sorted(zip([encode(name) for name, _ in pairs], parts, strict=True))]
        found |= dict.fromkeys("&".join(order) for order in (sorted(parts), by_name, parts))
    return list(found)


def _plain(text: str, without: str) -> bool:
    """True if the text has none of these characters and none that could start a new line."""
    return not any(c in without or not (c.isprintable() or c == " ") for c in text)


def _rest(request: Request, names: list[str]) -> list[str]:
    """The lines that are signed below path and query: headers, their names, and the body's hash."""
    ordered = sorted(names)
    lines = [f"{name}:{request.headers[name].strip()}" for name in ordered]
    return [*lines, "", ";".join(ordered), hashlib.sha256(request.body).hexdigest()]


def _signature(key: str, method: str, written: _Written, rest: list[str], moment: str) -> str:
    lines = [method.upper(), written.path, written.query, *rest]
    normalized = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    day_key = hmac.new(key.encode(), moment[:8].encode(), hashlib.sha256).digest()
    text = f"{_ALGORITHM}\n{moment}\n{normalized}"
    return hmac.new(day_key, text.encode(), hashlib.sha256).hexdigest()
