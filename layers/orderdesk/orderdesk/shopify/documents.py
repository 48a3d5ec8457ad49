"""GraphQL documents: `.graphql` files next to the code that sends them, with shared fragments in a folder of their
own."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

_FRAGMENTS = Path(__file__).parent / "fragments"
_SPREAD = re.compile(r"\.\.\.\s*([A-Z]\w*)")
_OPERATION = re.compile(r"^(query|mutation) (\w+)", re.MULTILINE)


#: The class of a document's answer, from `nodes.pyi`.
Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


class Document(NamedTuple, Generic[Answer_co]):
    """A complete document with its fragments. `name` is its operation's name, which logs and costs use."""

    name: str
    text: str
    mutates: bool


@cache
def document(path: str | Path, name: str) -> Document[Any]:
    """The document `name`.graphql in the folder of `path` (a module's `__file__`), with its fragments.

    The statement that it stands in names the class of its answer, which `nodes.pyi` has; a test compares.
    """
    text = Path(path).with_name(f"{name}.graphql").read_text("utf-8")
    whole, spread = [text], set[str]()
    while missing := set(_SPREAD.findall(whole[-1])) - spread:
        spread |= missing
        whole.append("".join((_FRAGMENTS / f"{m}.graphql").read_text("utf-8") for m in sorted(missing)))
    found = _OPERATION.search(text)
    assert found, f"{name}.graphql names no operation"  # noqa: S101 - a file of ours, caught by any test
    return Document(found.group(2), "\n".join(whole), found.group(1) == "mutation")
