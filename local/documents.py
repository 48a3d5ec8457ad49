"""Generate parts of the documents from the code, between markers: `python -m local.documents` writes them.

An action is described by its row (`orderdesk.actions`), and the states of an operation by `TRANSITIONS`. Both become
commands, tables and diagrams in the documents. A test compares them.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from orderdesk.actions import ACTIONS, Action, Parameter
from orderdesk.limits import LIMITS, PEOPLE
from orderdesk.operations.model import TRANSITIONS
from publish_events.event import Event

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "docs/events.schema.json"


class Part(NamedTuple):
    """The text between `<!-- name -->` and `<!-- /name -->` of a page (its path)."""

    page: str
    name: str
    written: Callable[[], str]

    def of(self, text: str) -> str:
        """The part in the page's text. Raises ValueError if the page has no such markers."""
        before, after = self._around(text)
        return text[len(before) : len(text) - len(after)]

    def into(self, text: str) -> str:
        """The page's text with the current version of this part."""
        before, after = self._around(text)
        return f"{before}\n{self.written()}\n{after}"

    def _around(self, text: str) -> tuple[str, str]:
        start, end = f"<!-- {self.name} -->", f"<!-- /{self.name} -->"
        if start not in text or end not in text:
            raise ValueError(f"{self.page} has no markers for “{self.name}”")
        return text[: text.index(start) + len(start)], text[text.index(end) :]


def switches() -> str:
    """The commands that switch everything on."""
    names = ["actions/enabled", *(action.switch for action in ACTIONS)]
    put = "aws ssm put-parameter --overwrite --type String --name /orderdesk/prod/stores/main/{} --value true"
    return "\n".join(["```", *(put.format(name) for name in names), "```"])


def four() -> str:
    """The four commands of an installation: the stack, the store's parameters, its secrets, its switches."""
    put = 'aws ssm put-parameter --type {} --name "/orderdesk/prod/stores/main/{}" --value {}'
    of_pair = put.format("{}", "${{p%%=*}}", '"${{p#*=}}"')
    names = " ".join(f"/{action.name}" for action in ACTIONS)
    shop = "shopify/domain=my-store.myshopify.com shopify/client_id=$CLIENT_ID default_region=US"
    secrets = "shopify/client_secret=$CLIENT_SECRET helpdesk/signing_key=$SIGNING_KEY"
    lines = [
        "sam build && sam deploy --guided",
        f"for p in {shop}; do {of_pair.format('String')}; done",
        f"for p in {secrets}; do {of_pair.format('SecureString')}; done",
        f'for a in "" {names}; do {put.format("String", "actions$a/enabled", "true")}; done',
    ]
    return "\n".join(["```", *lines, "```"])


def parameters() -> str:
    """The table of the actions' parameters: the switches, and each action's own."""
    rows = [f"| `{action.switch}` | {action.title}: `true` or `false` |" for action in ACTIONS]
    own = [
        f"| `actions/{action.name}/{parameter.name}` | {action.title}: {_value(parameter)}. {parameter.meaning} |"
        for action in ACTIONS
        for parameter in action.parameters
    ]
    head = ["| parameter | |", "|---|---|", "| `actions/enabled` | the master switch: if it is off, every action is |"]
    return "\n".join([*head, *rows, *own])


def limits() -> str:
    """The table of the limits, and the actions that have them."""
    giving = ", ".join(f"`{action.name}`" for action in ACTIONS if action.gives_away)
    head = ["| name in `limits` | such as | |", "|---|---|---|"]
    of_actions = [
        f"| `actions/<action>/{limit.name}` | `{limit.example}` | {limit.title}. {limit.meaning} |" for limit in LIMITS
    ]
    people = [f"| `{name}` | `{example}` | {meaning} |" for name, (example, meaning) in PEOPLE.items()]
    return "\n".join([*head, *of_actions, *people, "", f"`<action>` is one of {giving}."])


def _value(parameter: Parameter) -> str:
    if parameter.is_switch:
        return "`true` (the default) or `false`"
    return f"a comma-separated list, {parameter.characters} characters per item at most, such as `{parameter.example}`"


def states() -> str:
    """The states of an operation as a diagram (Mermaid)."""
    ways: dict[tuple[str, str], list[str]] = {}
    for step, pairs in TRANSITIONS.items():
        for pair in pairs:
            ways.setdefault(pair, []).append(step)
    lines = [f"    {start or '[*]'} --> {end}: {', '.join(steps)}" for (start, end), steps in ways.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def rows() -> str:
    """The actions, one row each: what they are about, what they lock, and the scopes that they need."""
    head = ["| action | about | locks | scopes | a missing trace counts after |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, ACTIONS)])


def _row(action: Action) -> str:
    locked = f"the order's {action.lock.part}" if action.lock else "nothing"
    scopes = ", ".join(f"`{scope}`" for scope in action.scopes)
    over = action.surely_over
    counts = f"{int(over.total_seconds() // 60)} minutes" if over is not None else "never"
    return f"| {action.title} (`{action.name}`) | {action.about} | {locked} | {scopes} | {counts} |"


def schema() -> dict[str, Any]:
    """The JSON Schema of an event, from the model that writes it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_null(Event.model_json_schema())}


def _without_null(value: Any) -> Any:
    """A schema in which what may be missing is not null either: it is left out."""
    if isinstance(value, list):
        return [_without_null(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "anyOf" in value:
        [one] = [one for one in value["anyOf"] if one != {"type": "null"}]
        value = one | {name: of for name, of in value.items() if name not in ("anyOf", "default")}
    # A later version may add names.
    kept = {name: _without_null(of) for name, of in value.items() if name != "additionalProperties"}
    if isinstance(kept.get("title"), str) and "properties" not in kept:
        del kept["title"]
    return kept


def schema_text() -> str:
    """The JSON Schema of an event, as its file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def event() -> str:
    """The table of an event's names."""
    head = ["| name | always | |", "|---|---|---|"]
    whole = schema()
    rows = [
        f"| `{name}` | {'yes' if name in whole['required'] else ''} | {of.get('description', _STATES)} |"
        for name, of in whole["properties"].items()
    ]
    return "\n".join([*head, *rows])


#: What is said of the one name that has a table of its own.
_STATES = "See [What is told](#what-is-told)."

PARTS = (
    Part("README.md", "four", four),
    Part("docs/install.md", "switches", switches),
    Part("docs/install.md", "action parameters", parameters),
    Part("docs/install.md", "limits", limits),
    Part("docs/architecture.md", "states", states),
    Part("docs/events.md", "event", event),
    Part("docs/architecture.md", "actions", rows),
)


def main() -> None:
    """Write every part into its page, and the schema of events."""
    SCHEMA.write_text(schema_text(), "utf-8")
    for part in PARTS:
        page = ROOT / part.page
        page.write_text(part.into(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
