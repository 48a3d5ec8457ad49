"""An operation that changes an order part by part: one mutation for each, and an outcome for each.

A part whose answer is lost doesn't keep the others from being changed: the sooner each is, the better. Shopify's record
then says what became of every part, so nothing is written between two of them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from .errors import AnswerLost, Failed, OrderdeskError, Refused
from .operations import FAILED, SUCCEEDED, Operation, Outcome
from .operations.outcome import CONFIRMED

Part = TypeVar("Part")


class Words(NamedTuple):
    """What an agent reads: what was done to the order, to a part of it, or not, and what precedes the parts' names.

    `done`: `Put order #1047 on hold`; `in_part`: `Only part of order #1047 was put on hold`; `not_done`:
    `Order #1047 wasn't put on hold`; `changed`: `On hold`; `unchanged`: `Not on hold`.
    """

    done: str
    in_part: str
    not_done: str
    changed: str
    unchanged: str


class Ended(NamedTuple):
    """A part by its name. `done` is None if that is not known; `why` is what Shopify says if it was not done."""

    name: str
    done: bool | None
    why: str = ""


def change(parts: Iterable[tuple[str, Part]], one: Callable[[Part], str]) -> list[Ended]:
    """Change each of the parts, which are given with their names. `one` changes a part and returns why Shopify didn't
    do it, "" if it did.

    Raises what `one` raises if the first part was not changed for a reason that is about no part, such as no
    connection: then nothing was changed. After such an error the remaining parts are not tried.
    """
    ended: list[Ended] = []
    stopped = ""
    for name, part in parts:
        if stopped:
            ended.append(Ended(name, False, stopped))
            continue
        try:
            why = one(part)
        except AnswerLost:
            ended.append(Ended(name, None))
        except OrderdeskError as error:
            if not ended:
                raise
            stopped = error.message
            ended.append(Ended(name, False, stopped))
        else:
            ended.append(Ended(name, not why, why))
    return ended


def finish(operation: Operation, ended: Sequence[Ended], words: Words, more: str, shopify: dict[str, Any]) -> None:
    """Give the operation its reply by what became of each part. `more`: sentences about what was done.

    Raises AnswerLost if that is not known of a part, Refused if none was changed, Failed if only some were.
    """
    if any(one.done is None for one in ended):
        raise AnswerLost("Shopify's answer about a part of the order was lost.")
    if all(one.done for one in ended):
        operation.succeed(words.done, f"{_changed(ended, words)} {more}".strip(), shopify=shopify)
    elif any(one.done for one in ended):
        detail = f"{_both(ended, words)} {more}".strip()
        raise Failed(words.in_part, detail, entry={"in_part": True, "shopify": shopify})
    else:
        raise Refused(f"{words.not_done}.", f"Nothing was changed. {_unchanged(ended, words)}")


def found(operation: Operation, ended: Sequence[Ended], words: Words) -> Outcome | None:
    """The outcome by Shopify's record, in which each part is done or not; None while that may still change."""
    if all(one.done for one in ended):
        return Outcome(SUCCEEDED, words.done, f"{_changed(ended, words)} {CONFIRMED}", {})
    if not any(one.done for one in ended):
        return operation.no_trace(words.not_done)
    over = operation.no_trace(words.in_part, _both(ended, words))
    return over and over._replace(state=FAILED, entry={"in_part": True})


def _both(ended: Sequence[Ended], words: Words) -> str:
    return f"{_changed(ended, words)} {_unchanged(ended, words)} Open the order again for the rest."


def _changed(ended: Sequence[Ended], words: Words) -> str:
    return f"{words.changed}: {', '.join(one.name for one in ended if one.done)}."


def _unchanged(ended: Sequence[Ended], words: Words) -> str:
    each = [f"{one.name} ({one.why.rstrip('.')})" if one.why else one.name for one in ended if not one.done]
    return f"{words.unchanged}: {', '.join(each)}."
