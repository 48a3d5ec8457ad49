"""The deployed API under random requests: no 5xx, and every reply matches docs/openapi.json.

schemathesis generates the requests from the document, half of them valid, half invalid. Without real orders and forms,
most would end at the first check, so many of them get real ones instead of generated ones.
"""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.openapi import api
from tests.e2e.test_installed import SUBMITS
from tests.e2e.test_installed import form_of as form_url

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CASES_EACH = 40
#: A customer whom no other test uses.
CUSTOMER = "jonas.weber@example.com"

OPERATIONS = {o.ok().label: o.ok() for o in schemathesis.openapi.from_dict(api()).get_all_operations()}
seen: dict[int, int] = {}


@pytest.fixture(scope="module")
def jonas(stack):
    """A customer as the deployed lookup shows him."""
    found = stack.send("POST", "", {"lookupLevel": "BASIC", "query": {"emails": [CUSTOMER]}}).json()["results"][0]
    query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": found["externalCustomerId"]}}
    return stack.send("POST", "", query).json()["results"][0]


def with_real_things(case, data, stack, shown):
    """The case with some generated values replaced by an existing store, order, form and values."""
    if data.draw(st.integers(0, 9)):
        case.path_parameters["store"] = "main"
    action = case.operation.path.rpartition("/actions/")[2]
    if action in SUBMITS and data.draw(st.integers(0, 3)):
        url = form_url(shown, action)
        if case.method == "POST" and data.draw(st.booleans()):
            url = stack.send("GET", url).json().get("actionUrl", url)
        case.query = {**(case.query or {}), **dict(parse_qsl(urlsplit(url).query))}
        if case.method == "POST" and isinstance(case.body, dict) and data.draw(st.booleans()):
            case.body = {**SUBMITS[action], **{k: v for k, v in case.body.items() if data.draw(st.booleans())}}
    elif "timeline" in case.operation.path and data.draw(st.booleans()):
        case.query = {**(case.query or {}), "customer": shown["externalCustomerId"]}
    elif not action and isinstance(case.body, dict) and data.draw(st.booleans()):
        query = {"externalCustomerId": shown["externalCustomerId"], "emails": [CUSTOMER]}
        case.body = {**case.body, "query": query, "lookupLevel": data.draw(st.sampled_from(["BASIC", "DETAILED"]))}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda m: m.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_any_request_gets_a_documented_reply(stack, jonas, label, mode):
    @settings(
        max_examples=CASES_EACH, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), data=st.data())
    def ask(case, data):
        with_real_things(case, data, stack, jonas)
        answer = case.call(base_url=stack.base.partition("/stores/")[0], headers=stack.bearer(), timeout=60)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=CHECKS)

    ask()


def test_enough_requests_of_all_kinds_were_made(stack):
    """Print the figures, and check that there were replies of all kinds, not only refusals."""
    print(f"\n{sum(seen.values())} requests made up: " + json.dumps(dict(sorted(seen.items()))))
    assert sum(seen.values()) >= CASES_EACH * len(OPERATIONS)
    assert {200, 400, 404, 406} <= seen.keys()
