"""The local AWS, a program with its own environment (`.venv-aws`), without this project's packages.

It enforces each function's role, as AWS does. It does not know the parameters that `ssm:GetParameters` asks for and
treats them as `*`, which a policy with named parameters can never allow. AWS checks each name, and so does this
program. A batch of messages needs the permission to send one, as in AWS. A burst of requests is queued (`AT_ONCE`). A
number that a queue's trigger has from a parameter of the template arrives as a text, and is made a number again; and no
more messages are taken than can be worked on, since a message that waits for its turn would come again. It does not
know which record of a stream's batch a function could not work on, so this program has it repeat the batch.
"""

import json
import os
import threading
from collections import defaultdict
from typing import Any

from ministack.app import main
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import lambda_svc

#: How many processes of one function run at once. Lambda starts as many as needed. Here each start takes half a second
#: of a processor, and fifty at once would make everybody wait longer than a queue does.
AT_ONCE = 4 * (os.cpu_count() or 1)

_action = iam_actions.extract_iam_action
_resource_arn = iam_actions.extract_resource_arn
_enforce = iam_evaluator.enforce
_execute = lambda_svc._execute_function_warm
_drop = lambda_svc.invalidate_worker
_here = threading.local()
_concurrency = lambda_svc._sqs_esm_concurrency
_execute_event = lambda_svc._execute_function
_turns: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(AT_ONCE))


def _of_one_message(*request: Any) -> Any:
    """The permission that a call needs. AWS has none of its own for a batch of messages."""
    action = _action(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def _with_parameters(
    service: str, method: str, path: str, headers: Any, body: Any, query: Any, region: str, account: str
) -> str:
    """The resource of a call. For a call with several parameters, all of them, separated by spaces, since names have
    none."""
    resource = _resource_arn(service, method, path, headers, body, query, region, account)
    if service == "ssm" and resource == "*":
        names = json.loads(body or b"{}").get("Names", [])
        return " ".join(f"arn:aws:ssm:{region}:{account}:parameter{name}" for name in names) or "*"
    return str(resource)


def _enforce_each(*arguments: Any, resource_arn: str = "*", **more: Any) -> Any:
    """The reason to deny the call for any of its resources; None if it is allowed."""
    each = resource_arn.split(" ") if arguments[2:3] == ("ssm",) else [resource_arn]
    answers = (_enforce(*arguments, resource_arn=one, **more) for one in each)
    return next((denied for denied in answers if denied), None)


def _execute_in_turn(function: Any, event: Any, request_id: str) -> Any:
    name = (function.get("config") or function).get("FunctionName", "")
    with _turns[name]:
        _here.runs = True
        try:
            return _execute(function, event, request_id)
        finally:
            _here.runs = False


def _drop_dead_processes(name: str, **more: Any) -> None:
    """Forget the processes of functions that have ended. If one dies, Lambda leaves the others alone, and so must the
    local AWS, which would end them all. After a new deployment, it should."""
    if not getattr(_here, "runs", False):
        _drop(name, **more)
        return
    with lambda_runtime._lock:
        for workers in lambda_runtime._workers.values():
            workers[:] = [one for one in workers if one._proc is None or one._proc.poll() is None]


def _concurrency_as_a_number(mapping: dict[str, Any], *more: Any) -> int:
    """How many batches of a queue's trigger run at once. It is `ScalingConfig` that has the number."""
    scaling = mapping.get("ScalingConfig") or {}
    scaling |= {name: int(value) for name, value in scaling.items()}
    return min(int(_concurrency(mapping, *more)), AT_ONCE)


def _execute_whole_batch(function: Any, event: Any, *more: Any, **named: Any) -> Any:
    """What a function says of an event. If it could not work on a record of a stream, the batch has failed."""
    result = _execute_event(function, event, *more, **named)
    records = event.get("Records") if isinstance(event, dict) else None
    body = result.get("body")
    if records and records[0].get("eventSource") == "aws:dynamodb" and isinstance(body, dict):
        return result | {"error": bool(body.get("batchItemFailures")) or result.get("error")}
    return result


lambda_svc._execute_function = _execute_whole_batch
lambda_svc._execute_function_warm = _execute_in_turn
lambda_svc.invalidate_worker = _drop_dead_processes
lambda_svc._sqs_esm_concurrency = _concurrency_as_a_number
iam_actions.extract_iam_action = _of_one_message
iam_actions.extract_resource_arn = _with_parameters
iam_evaluator.enforce = _enforce_each

if __name__ == "__main__":
    main()
