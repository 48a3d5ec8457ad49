"""The HTTP contract: who is calling, what came in, and what every error becomes.

The one place where errors turn into replies. A function's `app.py` says its `Endpoint`, whose answers call `enter()`,
and makes the `handler()` of it. API Gateway has chosen the function by path and method, so two methods are all that is
left to tell apart; a router for that takes longer to import than a request takes.
"""

import base64
import binascii
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from . import config, metrics, signature
from .context import Context
from .deadline import BUDGET, Deadline
from .errors import BadInput, NotFound, OrderdeskError, TooLarge, TooManyStrangers, Unauthenticated
from .logs import logger
from .operations.model import Agent, Reply

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

#: The longest form is a note of 5,000 characters, each of which JSON may write in twelve bytes.
BODY_BYTES = 128 * 1024
_QUERY_CHARACTERS = 2048
_CONVERSATION_CHARACTERS = 120
#: Gladly's ids are safe in a URL and have up to 50 characters. Not `.` or `..`, which lead elsewhere in a path.
_PROFILE = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,49}\Z")
#: A request that seems to have waited longer was recorded, or comes from another clock.
_START_AT_MOST = 10.0
#: The route of a store's base, and that of all that has no route of its own.
_BASE, _ANYTHING_ELSE = "/stores/{store}", "/{proxy+}"


class Request(NamedTuple):
    """A request as API Gateway hands it over, and the store that its path names."""

    event: Mapping[str, Any]
    context: "LambdaContext"
    store: str


class Endpoint(NamedTuple):
    """What a function answers: its path below a store's base, and what answers a GET or a POST there."""

    path: str
    get: Callable[[Request], Reply] | None = None
    post: Callable[[Request], Reply] | None = None


def enter(request: Request, names: tuple[str, ...], *, fresh: bool = False, seconds: float = BUDGET) -> Context:
    """Let a request in: the store's parameters (read again if `fresh`, for a submit), and proof of who is calling.

    `names`: the parameters that are needed. `seconds`: what Shopify's work may take in all.

    Raises Unauthenticated for an unknown store or without proof, alike; TooLarge or BadInput for what no form sends.
    """
    event = request.event
    received = _received(event)
    deadline = _deadline(received, request.context, seconds)
    body = _body(event)
    given = _query(event)
    if sum(len(k) + len(v) for k, values in given.items() for v in values) > _QUERY_CHARACTERS:
        raise TooLarge("The address is too long.")
    query = {k: v[-1] for k, v in given.items() if v}
    known, headers = _let_in(request, names, _headers(event), body, fresh=fresh)
    _require_said_once(event)
    return Context(request.store, known, _agent(headers, query), deadline, query, body, fresh, received)


def handler(endpoint: Endpoint) -> "Callable[[dict[str, Any], LambdaContext], dict[str, Any]]":
    """The Lambda handler of an endpoint: every error has its reply, every log line a correlation id."""

    def lambda_handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
        started = time.monotonic()
        # The route, not the path: what a caller writes into an address may be anything.
        route = event.get("resource", "")
        logger.append_keys(action=route.rpartition("/actions/")[2].replace("-", "_") if "/actions/" in route else None)
        reply = _reply(endpoint, event, context)
        milliseconds = round((time.monotonic() - started) * 1000)
        logger.info("Answered", route=route, status=reply.status, milliseconds=milliseconds)
        return _handed_over(reply)

    # `log_event`: Powertools' environment variable for it must not put requests into the log.
    return logger.inject_lambda_context(
        lambda_handler, clear_state=True, correlation_id_path="requestContext.requestId", log_event=False
    )


def ok(body: dict[str, Any]) -> Reply:
    """200 with a body."""
    return Reply(200, body)


def _reply(endpoint: Endpoint, event: dict[str, Any], context: "LambdaContext") -> Reply:
    """What the endpoint answers, or what the error that it raises means."""
    try:
        answer = {"GET": endpoint.get, "POST": endpoint.post}.get(event["httpMethod"])
        if not (_route(event) == _BASE + endpoint.path and answer):
            raise NotFound(
                "There's nothing at this address.", "docs/openapi.json lists the addresses that Orderdesk answers."
            )
        return answer(Request(event, context, event["pathParameters"]["store"]))
    except (Unauthenticated, TooManyStrangers) as refused:
        metrics.record("CallersRefused")
        return _error(refused)
    except OrderdeskError as error:
        return _error(error)
    except Exception as error:
        logger.error("Unhandled exception", exc_info=error)
        return _error(
            OrderdeskError(
                "Something went wrong on our side and we can't tell whether the change was made.",
                "Check the order in Shopify before trying again.",
            )
        )


def _route(event: Mapping[str, Any]) -> str:
    """The route that API Gateway took: unlike the path, it is the same behind a domain's base path.

    A base address with nothing but slashes behind it is the base address.
    """
    route: str = event["resource"]
    rest = (event.get("pathParameters") or {}).get("proxy") or ""
    return route.removesuffix(_ANYTHING_ELSE) if not rest.strip("/") else route


def _error(error: OrderdeskError) -> Reply:
    logger.info("Answered with an error", status=error.status, code=error.code)
    return Reply(error.status, {"errors": error.errors()})


def _handed_over(reply: Reply) -> dict[str, Any]:
    """A reply as API Gateway takes it; nothing of it may be kept by a cache."""
    return {
        "statusCode": reply.status,
        "multiValueHeaders": {"Content-Type": ["application/json"], "Cache-Control": ["no-store"]},
        "body": json.dumps(reply.body),
        "isBase64Encoded": False,
    }


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if len(text) > 2 * BODY_BYTES:
        raise TooLarge("The request is too large.", "No Orderdesk form is this large. Nothing was changed.")
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, ValueError):
        raise BadInput("The request's body can't be read.", code="invalid_json") from None
    if len(body) > BODY_BYTES:
        raise TooLarge("The request is too large.", "No Orderdesk form is this large. Nothing was changed.")
    return body


def _query(event: Mapping[str, Any]) -> dict[str, list[str]]:
    many = event.get("multiValueQueryStringParameters")
    if many:
        return {k: list(v) for k, v in many.items()}
    return {k: [v] for k, v in (event.get("queryStringParameters") or {}).items()}


def _require_said_once(event: Mapping[str, Any]) -> None:
    """Nothing if the address gives each of its parameters one value. A signature does not say which of two counts."""
    for name, values in _query(event).items():
        if len(set(values)) > 1:
            raise BadInput("The address gives the same parameter twice.", attr=_bounded(name))


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """Headers by lower-case name, several values of one joined by a comma, however each wrote the name."""
    many = event.get("multiValueHeaders") or {k: [v] for k, v in (event.get("headers") or {}).items()}
    found: dict[str, list[str]] = {}
    for name, values in many.items():
        found.setdefault(str(name).lower(), []).extend(map(str, values))
    return {name: ",".join(values) for name, values in found.items()}


def _let_in(
    request: Request, names: tuple[str, ...], headers: dict[str, str], body: bytes, *, fresh: bool
) -> tuple[config.Settings, dict[str, str]]:
    """The parameters of the store whose caller proved who it is, and the headers to believe. Raises Unauthenticated.

    The proof is compared with the parameters at hand before they are read again, so that a stranger costs no call to
    SSM. It is compared once more with what was read now, since a key may have been removed.
    """
    _require_some_proof(headers)
    started = time.time()
    known = _known(request.store, names)
    try:
        believed = _authenticate(request.event, headers, body, known)
    except Unauthenticated:
        config.refuse_strangers(names)
        raise
    if fresh and known.read_at < started:
        known = _known(request.store, names, fresh=True)
        believed = _authenticate(request.event, headers, body, known)
    return known, believed


def _require_some_proof(headers: Mapping[str, str]) -> None:
    """Do nothing if the caller shows a signature or a token, right or wrong. Raises Unauthenticated if not.

    A header that is too long is refused unread: the longer it is, the more work it may make.
    """
    shown = [headers.get(name, "") for name in ("gladly-authorization", "authorization", "gladly-time")]
    if not any(shown[:2]) or any(len(text.encode(errors="replace")) > signature.HEADER_BYTES for text in shown):
        raise _refused()


def _known(store: str, names: tuple[str, ...], *, fresh: bool = False) -> config.Settings:
    """The store's parameters; none for a store that is not known, which lets nobody in."""
    try:
        known = config.settings(store, names, fresh=fresh)
    except NotFound:
        return config.Settings("", config.stage(), {})
    logger.append_keys(store=store)
    return known


def _authenticate(
    event: Mapping[str, Any], headers: dict[str, str], body: bytes, known: config.Settings
) -> dict[str, str]:
    """The headers that the proof covers: those that a signature names, or all that came with a bearer token.

    Anybody on the way can add a header to a signed request. Raises Unauthenticated.
    """
    pairs = tuple((k, v) for k, values in _query(event).items() for v in values)
    request = signature.Request(event["httpMethod"], _paths(event), pairs, headers, body)
    # Without keys, one that nobody has: it takes as long to refuse an unknown store as a wrong key.
    signed = signature.proof(request, known.signing_keys or (os.urandom(16).hex(),), datetime.now(UTC))
    if signed:
        logger.append_keys(signed=signed.form)
        return {name: value for name, value in headers.items() if name in signed.headers}
    if signature.has_token(headers.get("authorization", ""), known.bearer_tokens):
        return headers
    if known.store and not (known.signing_keys or known.bearer_tokens):
        logger.error("Neither helpdesk/signing_key nor helpdesk/bearer_token is set, so no caller is accepted")
        metrics.needs_admin("KeysMissing", store=known.store)
    raise _refused()


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "The request isn't signed with a key of this store.",
        "Check the store in the address, the signing key or bearer token, and the clock: a signature is good for five "
        "minutes.",
    )


def _paths(event: Mapping[str, Any]) -> tuple[str, ...]:
    """The path as the caller signed it: that of the URL it called, of which a function sees more than one form.

    A REST API hands that path over as `requestContext.path`: with the stage in front, and behind a custom domain
    without it. `path` never has the stage; it is what a caller signs that calls a proxy (CloudFront with an origin
    path) which puts the stage in front. A local AWS has yet more in front, which only stage `local` may have. All of
    them name this very resource, so that a signature for one is none for another.
    """
    context, path = event.get("requestContext") or {}, event["path"]
    written = [context.get("path") or path, path]
    if context.get("stage") == "local":
        written.append(f"/restapis/{context.get('apiId')}/local/_user_request_{path}")
    return tuple(dict.fromkeys(written))


def _agent(headers: Mapping[str, str], query: Mapping[str, str]) -> Agent:
    """Who acts, as far as a header or the query says; cut to what a timeline entry may hold.

    `headers` are those to believe. An id that was cut could be another agent's, so it proves nothing.
    """
    vouched = headers.get("x-agent-id", "").strip()
    return Agent(
        _bounded(vouched or query.get("agent", "")),
        _bounded(headers.get("x-agent-name") or query.get("agent_name", "")),
        conversation_id(headers.get("x-conversation-id") or query.get("conversation", "")),
        proved=bool(vouched) and _bounded(vouched) == vouched,
        profile=profile_id(query.get("profile", "")),
    )


def conversation_id(text: str) -> str:
    """A conversation as the timeline keeps it. "" for what is no id: cut short, it could be another conversation."""
    bare = text.strip()
    return bare if bare.isprintable() and len(bare) <= _CONVERSATION_CHARACTERS else ""


def profile_id(text: str) -> str:
    """The helpdesk's own id of a customer. "" for what cannot be one: it is ignored, since nothing depends on it."""
    return text if _PROFILE.match(text) else ""


def _bounded(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:120].strip()


def _received(event: Mapping[str, Any]) -> float:
    """When API Gateway got the request (seconds since 1970); now, if it does not say so credibly."""
    said, now = (event.get("requestContext") or {}).get("requestTimeEpoch"), time.time()
    received = said / 1000 if isinstance(said, int) else now
    return received if 0 <= now - received <= _START_AT_MOST else now


def _deadline(received: float, context: "LambdaContext", seconds: float) -> Deadline:
    """What is left of the budget, or of the function's own time if that is less.

    The helpdesk's clock runs since API Gateway got the request, so the start of a new process counts.
    """
    waited = max(0.0, time.time() - received)
    left = context.get_remaining_time_in_millis() / 1000 - 1
    return Deadline(max(0.0, min(seconds - waited, left)))
