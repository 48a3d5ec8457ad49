"""What the documents refer to exists: links, anchors, commands, parameters, rights."""

import re
import shlex
import subprocess
from fnmatch import fnmatch
from itertools import product

import pytest

import deliver_webhooks.webhook
import publish_events.action
from local.documents import PARTS, SCHEMA, schema_text
from local.template import resources, template
from orderdesk import config
from orderdesk.actions import ACTIONS
from orderdesk.availability import FULFILMENT, PAYMENT
from tests import documents
from tests.documents import AGENTS, DECISIONS, INSTALL, OPERATIONS, README, ROOT

#: A service's name in a resource type → its row in the table of rights.
SERVICES = {
    "AWS::ApiGateway": "API Gateway", "AWS::CloudWatch": "CloudWatch", "AWS::DynamoDB": "DynamoDB", "AWS::IAM": "IAM",
    "AWS::Events": "EventBridge", "AWS::Logs": "CloudWatch Logs", "AWS::SNS": "SNS", "AWS::SQS": "SQS",
    "AWS::WAFv2": "WAF",
}  # fmt: skip
#: What SAM makes of its own types.
OF_SAM = {"Function": ("Lambda", "EventBridge"), "LayerVersion": ("Lambda",), "Api": ("API Gateway",)}


def name(document):
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", documents.documents(), ids=name)
def test_every_link_has_a_target(document):
    lost = []
    for target in documents.links(document):
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        missing = not there.exists() or (anchor and anchor not in documents.anchors(there))
        lost += [target] if missing else []
    assert not lost, f"{name(document)} links to what is not there: {', '.join(lost)}"


def test_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A `name` and (more)\n\n```\n# no heading\n[no](link.md)\n```\n## Twice\n## Twice\n[a](b.md#c)\n")
    assert documents.links(page) == ["b.md#c"]
    assert documents.anchors(page) == {"a-name-and-more", "twice", "twice-1"}


def test_every_document_is_linked_from_the_readme():
    reached, waiting = {README}, [README]
    while waiting:
        document = waiting.pop()
        for target in documents.links(document):
            there = (document.parent / target.partition("#")[0]).resolve()
            if there.suffix == ".md" and there not in reached:
                reached.add(there)
                waiting.append(there)
    alone = set((ROOT / "docs").glob("*.md")) - reached
    assert not alone, f"No document that README leads to links to {', '.join(map(name, alone))}"


def test_readme_is_one_page_and_starts_with_the_two_commands():
    text = documents.text(README)
    assert len(text.splitlines()) <= 120
    first = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    assert [line.partition("#")[0].split() for line in first.splitlines()] == [["make", "demo"], ["make", "test"]]


def test_every_documented_make_target_exists():
    there = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in documents.documents():
        named = set(re.findall(r"(?:^|`)make ([a-z][a-z0-9-]+)", documents.text(document), re.MULTILINE))
        assert named <= there, name(document)


def test_readmes_four_commands_match_the_install_page():
    """Run in a shell in which `aws` and `sam` only print."""
    lines = documents.between(README, "four").strip().strip("`").strip().splitlines()
    assert len(lines) == 4
    stand_ins = 'aws() { printf "%q " aws "$@"; echo; }; sam() { :; }'
    secrets = {"CLIENT_ID": "id", "CLIENT_SECRET": "secret", "SIGNING_KEY": "key"}
    given = {**secrets, "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        ["bash", "-euc", "\n".join([stand_ins, *lines])], env=given, capture_output=True, text=True, check=True
    )
    here = [documents.parameter(shlex.split(line)) for line in ran.stdout.splitlines()]
    commands = documents.commands("install") + documents.commands("switches")
    there = {call["Name"]: call for call in (documents.parameter(c, BEARER_TOKEN="", **secrets) for c in commands)}
    for call in here:
        assert {**there[call["Name"]], "Overwrite": True} == {**call, "Overwrite": True}
    optional = ("helpdesk/bearer_token", "actions/edit_order_tags/categories")
    assert {n for n in there if not n.endswith(optional)} == {call["Name"] for call in here}


def test_install_page_lists_every_parameter():
    table = documents.section(INSTALL, "## Parameters")
    known = {
        *config.LOOKUP,
        *(one for action in ACTIONS for one in (*config.of_form(action), *config.of_submit(action))),
        *publish_events.action.PARAMETERS,
        *deliver_webhooks.webhook.PARAMETERS,
    }
    for parameter in known:
        action = re.fullmatch(r"actions/(\w+)/enabled", parameter)
        assert f"`{parameter}`" in table or (action and action[1] in table), parameter


def test_agents_page_has_the_table_of_actions():
    table = documents.section(AGENTS, "## The actions").partition("\n\n### ")[0]
    head, _, *rows = ([c.strip(" *").lower() for c in r.split("|")[1:-1]] for r in table.splitlines() if r[:1] == "|")
    shown = {
        (row[0], payment): {word for word in cell.split(", ") if word}
        for row in rows
        for payment, cell in zip(head[1:], row[1:], strict=True)
    }
    rules = {a.name.partition("_")[0]: a.offered.cells for a in ACTIONS if a.moves_money and a.offered.cells}
    assert shown == {
        cell: {name for name, cells in rules.items() if cell in cells}
        for cell in product(FULFILMENT.values(), PAYMENT.values())
    }


def test_rights_to_deploy_cover_every_service():
    table = documents.section(OPERATIONS, "## Rights to deploy")
    for resource in template()["Resources"].values():
        service, kind = resource["Type"].rsplit("::", 1)
        for named in OF_SAM[kind] if service == "AWS::Serverless" else (SERVICES[service],):
            assert re.search(rf"^\| {named}\b", table, re.MULTILINE), resource["Type"]


def test_documented_log_groups_are_those_of_the_template():
    named = re.findall(r"`(/aws/[^`]+)`", documents.section(OPERATIONS, "## Look at it"))
    for group in resources("AWS::Logs::LogGroup").values():
        there = group["LogGroupName"]["Sub"].replace("${AWS::StackName}", "orderdesk").replace("${Stage}", "prod")
        assert any(fnmatch(there, one) for one in named), there


def test_decisions_are_numbered_and_dated():
    found = re.findall(r"^## ([0-9]+)\. .+\n\n(.*)$", documents.text(DECISIONS), re.MULTILINE)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    assert len(found) == documents.text(DECISIONS).count("\n## ")
    assert all(re.match(r"\*20[0-9]{2}-[01][0-9]-[0-3][0-9]\.\* ", below) for _, below in found)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.page}: {part.name}")
def test_generated_part_matches_the_code(part):
    text = (ROOT / part.page).read_text("utf-8")
    assert part.of(text).strip() == part.written(), "run python -m local.documents"


def test_schema_of_events_matches_the_code():
    assert SCHEMA.read_text("utf-8") == schema_text(), "run python -m local.documents"
