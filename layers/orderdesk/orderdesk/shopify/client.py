"""The Shopify Admin GraphQL client: one session, one deadline for the whole call, and plain answers.

A mutation is sent again only if Shopify says that it did not run it (THROTTLED, or a 401 before the token is renewed),
or if the caller says that its key makes a repeat safe.
"""

import json
import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import requests
from aws_lambda_powertools import Logger
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import NameResolutionError, NewConnectionError

from orderdesk import metrics, sessions
from orderdesk.config import Settings
from orderdesk.deadline import BUDGET, Deadline
from orderdesk.errors import AnswerLost, Denied, Misconfigured, OrderdeskError, Refused, ShopifyUnavailable

from . import tokens
from .answers import DENIED, THROTTLED, Missing, Partial, code_of, errors_of, missing_from, ran_nothing, words_of
from .documents import Answer, Document
from .turned_away import frozen, turned_away

API_VERSION = "2026-10"

logger = Logger(service="orderdesk", child=True)

#: What a submit may cost in points of Shopify's rate limit for the app and store, with room for a second submit.
SUBMITS_NEED = 100

_CONNECT_SECONDS = 2.0
_WAITS_AT_MOST = 4
_ANSWER_BYTES = 8 * 1024 * 1024

#: The code of the ShopifyUnavailable that is raised if the rate limit for the app and store is used up.
BUSY = "shopify_busy"
#: The code of the ShopifyUnavailable that a read raises if Shopify returned only a part.
IN_PART = "shopify_in_part"
_TRY_AGAIN = "Nothing was changed. Please try again in a minute."

#: HTTP statuses with which Shopify refuses a single request; for those about the whole store see `turned_away`.
_TURNED_AWAY = {
    401: "Shopify doesn't accept this store's access token.",
    403: "Shopify denies access to this store.",
    429: "Shopify is busy.",
}

#: HTTP statuses that mean the server did not accept the request. Any other may come from something between us and
#: Shopify, after Shopify has done the work (408, 409, 499).
_NOT_TAKEN_ON = frozenset({400, 405, 406, 411, 413, 414, 415, 422, 431})


@cache
def session() -> requests.Session:
    """The one session of this process."""
    return sessions.plain()


class Sent(NamedTuple):
    """The proof that an operation is SENT. `Operation.send` returns it, and nothing can be changed without it."""

    operation: str


class Client:
    """Shopify, for one store's parameters and one call's deadline.

    `leaves`: points of the rate limit to leave for others before a refused call is made again.
    """

    def __init__(self, known: Settings, deadline: Deadline, *, leaves: int = 0) -> None:
        self._settings = known
        self._deadline = deadline
        self._leaves = leaves
        self.request_id = ""

    def read(self, document: Document[Answer], **variables: Any) -> Answer:
        """The complete `data` of a query: a null in it is a fact, and no field is missing.

        If there was a passing fault, or only a part came back, the read is repeated once if there is time.

        Raises Misconfigured if Shopify does not let the app see a field (it is named), ShopifyUnavailable if no answer
        came, or only a part of it (code `shopify_in_part`), Refused if Shopify refused the document.
        """
        answer = self._read(document, variables)
        if answer.missing:
            raise self.in_part(answer.missing)
        return answer.data

    def read_partly(self, document: Document[Answer], **variables: Any) -> Partial[Answer]:
        """The `data` of a query as far as it came, and what is missing; for what may be shown in part.

        A null at a missing path means nothing. Raises what `read` raises if nothing came at all.
        """
        return self._read(document, variables)

    def mutate(
        self,
        document: Document[Answer],
        sent: Sent,
        *,
        safe_to_repeat: bool = False,
        already: Collection[str] = (),
        **variables: Any,
    ) -> Answer:
        """The payloads of a mutation by field, for an operation that is `sent`. The caller reads `userErrors` and nulls
        in a payload: errors next to the data only say that it is not complete.

        Raises ShopifyUnavailable, Refused or Misconfigured if it did not run, AnswerLost if it may have run.
        `safe_to_repeat`: a key makes Shopify do it only once, so if the answer is lost the mutation is sent once more.
        A refusal of the second request says nothing about the first, so it raises AnswerLost, too, unless its code is
        one of `already`: by those Shopify says that the first was carried out.
        """
        logger.info("Asking Shopify to change something", document=document.name, operation=sent.operation)
        try:
            return self._run(document, variables).data
        except AnswerLost as lost:
            if not safe_to_repeat or self._deadline.left() < 1:
                raise
            try:
                again = self._run(document, variables).data
            except OrderdeskError:
                raise lost from None
            if _refuses(again, already):
                raise
            return again

    def _read(self, document: Document[Answer], variables: dict[str, Any]) -> Partial[Answer]:
        """A query's answer, asked for once more if the first did not come or is not complete. Not after a denial."""
        first = None
        try:
            first = self._run(document, variables)
            if self._deadline.left() < 1 or all(m.code == DENIED for m in first.missing):
                return first
        except ShopifyUnavailable as passing:
            if passing.code == BUSY or self._deadline.left() < 1:
                raise
        try:
            return self._run(document, variables)
        except ShopifyUnavailable:
            if first is None:
                raise
            return first

    def _run(self, document: Document[Answer], variables: dict[str, Any]) -> Partial[Answer]:
        """Run one document: renew the token on a 401, and wait on THROTTLED and 429 as long as the deadline allows."""
        renewed, waits = False, 0
        while True:
            status, said, headers = self._post(document, variables, renewed)
            if status == 401 and not renewed and tokens.renewable(self._settings):
                renewed = True
                continue
            if status == 429 and waits < _WAITS_AT_MOST:
                waits += 1
                self._wait(_retry_after(headers))
                continue
            if away := turned_away(self._settings.store, status, headers, self.request_id):
                raise away
            answer = self._answer(document, status, said)
            self._note_version(headers)
            # From here on it has the document's class: Shopify answers by its schema.
            data: Any = answer.get("data") or {}
            errors = errors_of(answer)
            if any(data.values()) or (data and not errors):
                return Partial(data, self._missing(document, errors))
            throttled = any(code_of(e) == THROTTLED for e in errors)
            if not throttled or (document.mutates and not ran_nothing(answer, errors)):
                raise self._top_level(document, answer, errors)
            self._wait(_refilled_after(answer, self._leaves) if waits < _WAITS_AT_MOST else BUDGET)
            waits += 1

    def _missing(self, document: Document[Any], errors: list[dict[str, Any]]) -> tuple[Missing, ...]:
        """The fields that are missing from an answer, logged. Only an admin can fix a denied field."""
        missing = missing_from(errors)
        if missing:
            fields = sorted(f"{m.path}: {m.code}" for m in missing)
            logger.warning("Shopify returned only a part", document=document.name, missing=fields[:20])
        if any(m.code != DENIED for m in missing):
            self._record("ShopifyInPart")
        if denied := [e for e in errors if code_of(e) == DENIED]:
            self._note_denied(document, denied)
        return missing

    def _note_denied(self, document: Document[Any], denied: list[dict[str, Any]]) -> None:
        self._record("ShopifyCredentialsRefused")
        logger.error(
            "Shopify denied access to a field or action",
            document=document.name,
            fields=sorted({m.path for m in missing_from(denied)})[:20],
            shopify_says=words_of(denied),
            shopify_request_id=self.request_id,
        )

    def in_part(self, missing: tuple[Missing, ...]) -> OrderdeskError:
        """The error for a caller who needs the whole answer."""
        denied = sorted({_without_places(m.path) for m in missing if m.code == DENIED})
        if denied:
            return Denied(
                f"Shopify doesn't let Orderdesk see all of this: {', '.join(denied)[:300]}.",
                f"Nothing was changed. Please tell an admin: the app needs access to it in Shopify{self._reference()}.",
                fields=denied,
            )
        return ShopifyUnavailable("Shopify gave us only part of the answer.", _TRY_AGAIN, code=IN_PART)

    def _post(self, document: Document[Any], variables: dict[str, Any], renew: bool) -> tuple[int, Any, Any]:
        url = f"{self._settings.connected()}/admin/api/{API_VERSION}/graphql.json"
        token = tokens.token(self._settings, session(), self._deadline, renew=renew)
        started = time.monotonic()
        with self._named_failures(document):
            response = session().post(
                url,
                json={"query": document.text, "variables": variables, "operationName": document.name},
                headers={"X-Shopify-Access-Token": token, "Accept": "application/json"},
                timeout=self._timeout(),
                allow_redirects=False,
                stream=True,
            )
            body = sessions.body(response, self._deadline, _ANSWER_BYTES)
        self.request_id = response.headers.get("X-Request-Id", "")
        milliseconds = round((time.monotonic() - started) * 1000)
        said = _parsed(body)
        self._record("ShopifyLatency", milliseconds)
        logger.info(
            "Shopify answered",
            document=document.name,
            status=response.status_code,
            shopify_request_id=self.request_id,
            milliseconds=milliseconds,
            cost=_cost(said),
        )
        return response.status_code, said, response.headers

    @contextmanager
    def _named_failures(self, document: Document[Any]) -> Iterator[None]:
        """Turn failures of the connection into our errors: not sent, or sent and the answer lost."""
        try:
            yield
        except (ConnectTimeout, NoConnection) as failure:
            self._record("ShopifyNoAnswer")
            reason = getattr(failure.args[0], "reason", None) if failure.args else None
            if isinstance(failure, ConnectTimeout) or isinstance(reason, (NewConnectionError, NameResolutionError)):
                logger.warning("Shopify cannot be reached", document=document.name)
                raise ShopifyUnavailable("We can't reach Shopify.", _TRY_AGAIN) from None
            logger.warning("The connection to Shopify broke", document=document.name)
            raise _lost(document) from None
        except RequestException as failure:
            self._record("ShopifyNoAnswer")
            logger.warning("Shopify did not answer in time", document=document.name, cause=type(failure).__name__)
            raise _lost(document) from None
        except ValueError:
            # A redirect to an invalid address. `requests` parses it even though it does not follow it.
            self._record("ShopifyNoAnswer")
            logger.warning("Shopify's answer cannot be read", document=document.name)
            raise _lost(document) from None

    def _timeout(self) -> tuple[float, float]:
        left = self._deadline.left()
        if left <= 0:
            self._record("ShopifyNoAnswer")
            raise ShopifyUnavailable("Shopify is responding too slowly.", _TRY_AGAIN)
        return min(_CONNECT_SECONDS, left), left

    def _answer(self, document: Document[Any], status: int, said: Any) -> dict[str, Any]:
        """The JSON object of a 200, or the error that any other answer means."""
        if status in _TURNED_AWAY:
            message = _TURNED_AWAY[status]
            if status == 429:
                self._record("ShopifyThrottled")
                raise ShopifyUnavailable(message, _TRY_AGAIN, code=BUSY)
            if status in (401, 403):
                self._record("ShopifyCredentialsRefused")
            logger.error("Shopify refused the store", status=status, shopify_request_id=self.request_id)
            raise Misconfigured(message, f"Nothing was changed. Please tell an admin{self._reference()}.")
        if status in _NOT_TAKEN_ON:
            self._record("ShopifyNotUnderstood")
            raise Refused(
                "Shopify didn't understand the request.",
                f"Nothing was changed. Please tell an admin: HTTP {status}{self._reference()}.",
            )
        if status != 200 or not isinstance(said, dict) or not isinstance(said.get("data") or {}, dict):
            logger.warning("Shopify's answer cannot be read", status=status, shopify_request_id=self.request_id)
            self._record("ShopifyNoAnswer")
            raise _lost(document)
        return said

    def _top_level(self, document: Document[Any], answer: dict[str, Any], errors: list[dict[str, Any]]) -> Exception:
        """The error that an answer without data means."""
        codes = {code_of(e) for e in errors}
        logger.error("Shopify returned no data", document=document.name, codes=sorted(codes))
        denied = [e for e in errors if code_of(e) == DENIED]
        if denied:
            self._note_denied(document, denied)
        if denied and not document.mutates:
            return self.in_part(missing_from(denied))
        inactive = "SHOP_INACTIVE" in codes
        if inactive:
            frozen(self._settings.store)
        if not ran_nothing(answer, errors):
            self._record("ShopifyNoAnswer")
            return _lost(document)
        if not (denied or inactive):
            self._record("ShopifyNotUnderstood")
        kind = Misconfigured if denied or inactive else Refused
        return kind("Shopify refused the request.", f"Nothing was changed. Shopify says: {words_of(errors)}")

    def _wait(self, seconds: float) -> None:
        """Sleep until Shopify is ready for more. Raise ShopifyUnavailable if the deadline comes first."""
        self._record("ShopifyThrottled")
        if seconds > self._deadline.left() - 0.5:
            raise ShopifyUnavailable("Shopify is busy.", _TRY_AGAIN, code=BUSY)
        logger.info("Shopify is busy; waiting", seconds=round(seconds, 2))
        time.sleep(seconds)

    def _note_version(self, headers: Any) -> None:
        served = headers.get("X-Shopify-API-Version", API_VERSION)
        if served != API_VERSION:
            self._record("ShopifyVersionFallenForward")
            logger.warning("Shopify serves a different API version than requested", asked=API_VERSION, served=served)

    def _record(self, name: metrics.Name, value: float = 1) -> None:
        metrics.record(name, value, store=self._settings.store)

    def _reference(self) -> str:
        return f" (Shopify request {self.request_id})" if self.request_id else ""


def _parsed(body: bytes) -> Any:
    """The JSON of an answer; None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _cost(said: Any) -> float | None:
    """What an answer cost in points of Shopify's rate limit; None if it does not say."""
    cost: float | None = _object(_object(_object(said).get("extensions")).get("cost")).get("actualQueryCost")
    return cost


def _refilled_after(answer: dict[str, Any], leaves: int) -> float:
    """Seconds until Shopify's rate limit allows the refused call, and leaves enough for others."""
    cost = _object(_object(answer.get("extensions")).get("cost"))
    bucket = _object(cost.get("throttleStatus"))
    wanted = min((cost.get("requestedQueryCost") or 100) + leaves, bucket.get("maximumAvailable") or 1000)
    missing = wanted - (bucket.get("currentlyAvailable") or 0)
    return float(max(0.1, missing / max(bucket.get("restoreRate") or 50, 1)))


def _retry_after(headers: Any) -> float:
    """The seconds that a 429 asks for; one if it does not say."""
    text = headers.get("Retry-After", "")
    return float(text) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) else 1.0


def _refuses(payloads: Any, already: Collection[str]) -> bool:
    """Whether a mutation's answer lacks a payload, or says in one that Shopify refused it, not with one of the codes
    `already`."""
    return any(
        payload is None or any(error.get("code") not in already for error in payload.get("userErrors") or ())
        for payload in payloads.values()
    )


def _lost(document: Document[Any]) -> Exception:
    if document.mutates:
        return AnswerLost("Shopify's answer did not arrive.", "We're checking whether the change was made.")
    return ShopifyUnavailable("Shopify didn't answer.", _TRY_AGAIN)


def _object(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _without_places(path: str) -> str:
    """The path without list indexes, for people: `orders.nodes.note`."""
    return re.sub(r"\.[0-9]+(?=\.|\Z)", "", path) or "a field that Shopify didn't name"
