"""docs/openapi.json matches the code, and has every route of the template."""

import json
import re

from local.openapi import FILE, api, text
from local.template import resources


def test_document_matches_the_code():
    assert FILE.read_text("utf-8") == text(), "run `make openapi` to update it"


def test_document_has_every_route_of_the_template():
    routed = {
        (event["Properties"]["Path"], event["Properties"]["Method"].lower())
        for function in resources("AWS::Serverless::Function").values()
        for event in function["Events"].values()
        if event["Type"] == "Api" and "{proxy+}" not in event["Properties"]["Path"]
    }
    described = {(path, method) for path, item in api()["paths"].items() for method in item if method != "parameters"}
    assert routed == described


def test_every_reference_has_a_target():
    document = json.loads(FILE.read_text("utf-8"))
    references = set(re.findall(r'"\$ref": "#/components/(\w+)/([^"]+)"', FILE.read_text("utf-8")))
    assert {kind for kind, _ in references} == {"parameters", "responses", "schemas"}
    for kind, name in references:
        assert name in document["components"][kind]


def test_submit_accepts_the_forms_fields():
    schemas = api()["components"]["schemas"]
    assert schemas["RefundForm"]["required"] == ["reason"]
    assert {"email", "emails", "phone", "phones", "orderNumber"} <= schemas["Wanted"]["properties"].keys()
