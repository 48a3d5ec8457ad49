"""Every call that leaves a function: to Shopify, DynamoDB and SSM. A process can be stopped at each of them."""

import json
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from orderdesk import config, tables


class Stopped(BaseException):
    """The process was stopped. No code can catch this and continue, as after a kill."""


class Calls:
    """Watches the calls of a desk's functions. `stop_at` stops the process before or after a call."""

    def __init__(self, desk: Any) -> None:
        self.made: list[str] = []
        self._stop: tuple[int, str] | None = None
        self._desk = desk
        desk.adapter.before = lambda request: self._seen(_document(request), "before")
        desk.adapter.after = lambda _request: self._seen("", "after")
        for client in (tables.dynamodb(), config.ssm()):
            client.meta.events.register_first("before-send", self._before_send)
            client.meta.events.register_last("after-call", self._after_call)

    def stop_at(self, number: int, when: str) -> None:
        """Stop the process at the n-th call from here (counting from 0), `before` or `after` it."""
        self.made.clear()
        self._stop = (number, when)

    def go_on(self) -> None:
        """Don't stop the process any more."""
        self._stop = None

    def _before_send(self, event_name: str, **_: Any) -> None:
        self._seen(event_name.removeprefix("before-send."), "before")

    def _after_call(self, **_: Any) -> None:
        self._seen("", "after")

    def _seen(self, name: str, when: str) -> None:
        if when == "before":
            self.made.append(name)
        if self._stop == (len(self.made) - 1, when):
            self._stop = None
            raise Stopped


#: DynamoDB's two ways of changing an existing item.
WRITES = ("UpdateItem", "TransactWriteItems")


class BrokenRecords:
    """DynamoDB or SSM fails for the calls of `operations` from the `skip`-th on.

    `error`: the code of an error answer; `lost`: the work is done but its answer is lost; neither: a timeout.
    """

    def __init__(
        self, client: Any, *operations: str, error: str = "", lost: bool = False, skip: int = 0, times: int = 99
    ) -> None:
        self._client, self._operations, self._error, self._lost = client, operations, error, lost
        self._skip, self._left = skip, times
        client.meta.events.register_first("before-send", self._before_send)

    def repair(self) -> None:
        """Let it answer again."""
        self._client.meta.events.unregister("before-send", self._before_send)

    def _before_send(self, event_name: str, request: Any, **_: Any) -> AWSResponse | None:
        if event_name.rpartition(".")[2] not in self._operations or self._left <= 0:
            return None
        if self._skip:
            self._skip -= 1
            return None
        self._left -= 1
        if self._error:
            answer = _refusal(request.url, self._error, event_name)
            request.url = "https://nowhere.invalid/"  # No work is done.
            return answer
        if self._lost:
            BotocoreStubber().process_request(request)
        raise ReadTimeoutError(endpoint_url=request.url)


def _refusal(url: str, code: str, call: str) -> AWSResponse:
    body: dict[str, Any] = {"__type": code, "message": code}
    if code == "TransactionConflictException" and call.endswith(".TransactWriteItems"):
        body = {
            "__type": "TransactionCanceledException",
            "message": "cancelled",
            "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
        }
    return AWSResponse(url, 500 if code == "InternalServerError" else 400, {}, MockRawResponse(json.dumps(body)))


def _document(request: Any) -> str:
    return str(json.loads(request.body)["operationName"])
