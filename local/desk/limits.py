"""A store's limits for the configuration page: a field for each, all of them written into the one parameter."""

import json
import re
from collections.abc import Callable
from typing import Any

from orderdesk import limits
from orderdesk.actions import ACTIONS
from orderdesk.config import LIMITS as PARAMETER
from orderdesk.config import Settings

_GIVING = [action for action in ACTIONS if action.gives_away]
#: Parameters that have the name of a limit and are not read.
_WITHOUT_EFFECT = re.compile(rf"actions/[^/]+/({'|'.join(limit.name for limit in limits.LIMITS)})|agents/.+|groups/.+")


def shown(known: Settings, line: Callable[[str], str]) -> dict[str, Any]:
    """The limits for the page. `line` gives the command that sets the parameter to a value, or deletes it for ""."""
    values = limits.values(known)
    return {
        "readable": limits.problem(known) is None,
        "parameter": {
            "name": PARAMETER,
            "value": known.limits,
            "isSet": bool(known.limits),
            "line": line(known.limits or text({f"actions/{_GIVING[0].name}/limit": "100"})),
            "unset": line(""),
        },
        "actions": [
            {
                "title": action.title,
                "fields": [
                    {"name": name, "title": limit.title, "hint": limit.meaning, "example": limit.example}
                    | {"value": values.get(name, "")}
                    for limit in limits.LIMITS
                    for name in [f"actions/{action.name}/{limit.name}"]
                ],
            }
            for action in _GIVING
        ],
        "people": [
            {"name": name, "title": _title(name), "value": value, "hint": "Empty it to remove the list."}
            for name, value in sorted(values.items())
            if not name.startswith("actions/")
        ],
        "mayDo": ", ".join(action.name for action in ACTIONS),
    }


def missing(known: Settings) -> list[dict[str, str]]:
    """What an admin must correct: `what`, `why`, and the parameter's `name`."""
    wrong = limits.problem(known)
    found = []
    if wrong is not None:
        what = f"“{wrong}” can't be read" if wrong else "The limits can't be read"
        found.append({"what": what, "why": "Until it is corrected, it lets nothing pass.", "name": PARAMETER})
    found += [
        {"what": "A limit without effect", "why": f"Limits are read from the parameter {PARAMETER} only.", "name": name}
        for name in sorted(known.values)
        if _WITHOUT_EFFECT.fullmatch(name)
    ]
    return found


def changed(known: Settings, name: str, value: str) -> str:
    """The whole parameter with one limit or list changed, or without it if the value is empty; "" if none is left. If
    `name` is that of the parameter, the value is all of it.

    Raises ValueError, with a sentence for the admin, if that can't be read.
    """
    if name == PARAMETER:
        wanted = value.strip()
    else:
        if not limits.values(known) and limits.problem(known) is not None:
            raise ValueError("The limits can't be read. Correct or empty the whole parameter first.")
        others = {other: text for other, text in limits.values(known).items() if other != name}
        wanted = text(others | ({name: value.strip()} if value.strip() else {}))
    wrong = limits.problem(Settings(known.store, known.stage, {PARAMETER: wanted}))
    if wrong is not None and (wrong == name or name == PARAMETER):
        raise ValueError(_why(wrong))
    return wanted


def text(values: dict[str, str]) -> str:
    """The parameter's value; "" for no limits."""
    return json.dumps(dict(sorted(values.items())), ensure_ascii=False) if values else ""


def _why(wrong: str) -> str:
    """What a value must be, as a sentence."""
    kind = next((limit for limit in limits.LIMITS if wrong.startswith("actions/") and wrong.endswith(limit.name)), None)
    if kind:
        return f"“{kind.title}” is a plain number, such as {kind.example}. {kind.meaning}"
    if limits.is_name(wrong):
        return f"Enter actions by name, comma-separated: {', '.join(action.name for action in ACTIONS)}."
    return f"“{wrong}” is not a limit." if wrong else "This is not a JSON object of texts."


def _title(name: str) -> str:
    kind, _, rest = name.partition("/")
    whose, _, what = rest.rpartition("/")
    if kind == "agents":
        return f"Agent {whose} may do"
    return f"Agents of group {whose}" if what == "agents" else f"Group {whose} may do"
