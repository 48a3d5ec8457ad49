"""Every action is complete: everything that a row of `orderdesk.actions` needs exists, and there are no actions without
a row."""

from importlib import import_module
from pathlib import Path

import pytest

from local.desk.access import scopes
from local.template import resources
from orderdesk.actions import ACTIONS
from reconcile_operations.action import RESOLVE

HANDLERS = {function["Handler"] for function in resources("AWS::Serverless::Function").values()}
ROOT = Path(__file__).parents[1]
PAGES = {
    "docs/agents.md": lambda action: [f"### {action.title.capitalize()}"],
    "docs/install.md": lambda action: [f"/{action.switch}", *action.lists],
    "docs/openapi.json": lambda action: [action.path],
}


def lacking(action):
    """What an action lacks, one sentence each."""
    folder, event = ROOT / "functions" / action.name, ROOT / "events" / f"{action.name}.json"
    needed = {
        f"functions/{action.name}/app.py is missing": (folder / "app.py").exists(),
        f"events/{action.name}.json is missing": event.exists(),
        f"template.yaml has no function with the handler {action.name}.app.lambda_handler": (
            f"{action.name}.app.lambda_handler" in HANDLERS
        ),
        "actions.py: its row has no rule, so it is offered nowhere": action.offered,
        f"functions/{action.name}/resolve.py is missing": (folder / "resolve.py").exists(),
    }
    for page, words in PAGES.items():
        text = (ROOT / page).read_text("utf-8")
        needed |= {f"{page} does not have “{word}”": word in text for word in words(action)}
    return [f"{action.title}: {sentence}." for sentence, there in needed.items() if not there]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda a: a.name)
def test_action_is_complete(action):
    assert not (missing := lacking(action)), " ".join(missing)
    endpoint = import_module(f"{action.name}.app").endpoint
    assert (endpoint.path, bool(endpoint.get), bool(endpoint.post)) == (action.path, True, True)


def test_new_row_reports_what_is_missing():
    new = ACTIONS[0]._replace(name="split_order", title="Split Order", offered=None)
    said = lacking(new)
    assert len(said) == 5 + len([w for words in PAGES.values() for w in words(new)])
    assert "Split Order: functions/split_order/app.py is missing." in said


def test_every_action_has_a_row():
    functions = {handler.partition(".")[0] for handler in HANDLERS}
    rows = {action.name for action in ACTIONS}
    others = {
        "lookup",
        "timeline",
        "find_open_operations",
        "reconcile_operations",
        "publish_events",
        "deliver_webhooks",
        "tell_gladly",
    }
    assert functions - rows == others
    events = {path.stem for path in (ROOT / "events").glob("*.json")}
    assert events == functions
    assert set(RESOLVE) == rows


def test_documented_scopes_are_those_of_the_rows():
    needed = {scope for action in ACTIONS for scope in action.scopes}
    page = (ROOT / "docs/install.md").read_text("utf-8")
    assert needed <= {scope.name for scope in scopes()}
    assert all(f"`{scope}`" in page for scope in needed)
