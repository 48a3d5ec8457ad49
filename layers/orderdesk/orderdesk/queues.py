"""SQS as the functions of queues use it: one client, a message's pause, the queue for a person, stores side by side."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import aws

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = Logger(service="orderdesk", child=True)

Message = TypeVar("Message")
Made = TypeVar("Made")


@cache
def sqs(read_timeout: float = 2, tries: int = 3) -> "SQSClient":
    """The one client of this process; a call ends within seconds, tries included."""
    patience = Config(
        connect_timeout=1, read_timeout=read_timeout, retries={"mode": "standard", "total_max_attempts": tries}
    )
    return aws.session().client("sqs", config=patience)


def let_wait(client: "SQSClient", url: str, pauses: Sequence[tuple[str, int]]) -> None:
    """Set in how many seconds messages (receipt handles, ten at most) come again. If that fails, they come when the
    queue's own time is over."""
    if not pauses:
        return
    entries: Any = [
        {"Id": str(place), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
        for place, (handle, seconds) in enumerate(pauses)
    ]
    try:
        answer = client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    except (BotoCoreError, ClientError) as failure:
        logger.warning("The queue did not take the pauses", cause=type(failure).__name__)
        return
    if failed := answer.get("Failed"):
        logger.warning("The queue did not take some pauses", codes=sorted({one["Code"] for one in failed}))


def left_to_a_person(client: "SQSClient", url: str, body: str, *, group: str = "", key: str = "") -> bool:
    """Put a message into the queue for a person. `group`, `key`: of a FIFO queue, what its order is kept within, and
    what tells it from others. False if the queue did not answer."""
    of_fifo: Any = {"MessageGroupId": group, "MessageDeduplicationId": key} if group else {}
    try:
        client.send_message(QueueUrl=url, MessageBody=body, **of_fifo)
    except (BotoCoreError, ClientError) as failure:
        logger.error("The queue for a person did not answer", cause=type(failure).__name__)
        return False
    return True


def side_by_side(
    messages: Sequence[Message], store: Callable[[Message], str], work: Callable[[Sequence[Message]], Sequence[Made]]
) -> list[Made]:
    """What `work` makes of each store's messages, in their order. Each store has its own thread, so that one whose
    receiver is slow or down holds up no other."""
    stores = [list(of) for _, of in groupby(sorted(messages, key=store), key=store)]
    if not stores:
        return []
    with ThreadPoolExecutor(len(stores)) as pool:
        return [made for of in pool.map(work, stores) for made in of]
