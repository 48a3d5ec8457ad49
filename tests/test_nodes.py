"""The types of Shopify's nodes: they match the documents, are used wherever a document is read, and reveal misspelt
fields."""

import ast
import re
import subprocess
import sys

import pytest

from local.nodes import LAYER, ROOT, stubs

FOLDERS = ("functions", "layers/orderdesk/orderdesk")


def name(path):
    return str(path.relative_to(ROOT))


def files(pattern):
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob(pattern))


@pytest.fixture(scope="module")
def made():
    return stubs()


@pytest.mark.parametrize("path", files("nodes.pyi"), ids=name)
def test_types_match_the_documents(path, made):
    assert path.read_text("utf-8") == made.get(path), "run python -m local.nodes"


def test_every_folder_of_documents_has_its_types(made):
    assert made.keys() == set(files("nodes.pyi")), "run python -m local.nodes"


FRAGMENTS = """
fragment Named on Order { id name customer { id } }
fragment Noted on Order { name note customer { displayName } totalPriceSet { ...Price } }
fragment Price on MoneyBag { presentmentMoney { amount } }
"""


def generated(folder, document):
    """The classes for a document, by name, with `FRAGMENTS` in the layer."""
    files = {"layer/all.graphql": FRAGMENTS, "functions/act/facts.graphql": document}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    text = stubs(folder / "layer", folder / "functions")[folder / "functions/act/nodes.pyi"]
    return {one.split("(")[0]: f"class {one}".strip() for one in text.split("class ")[1:]}


def test_fields_have_the_types_of_the_schema(tmp_path):
    classes = generated(
        tmp_path, "query A { order(id: 1) { id at: createdAt note tags test } customersCount { count } }"
    )
    assert classes["AOrder"].splitlines()[1:] == [
        "    id: ReadOnly[str]",
        "    at: ReadOnly[str]  # DateTime",
        "    note: ReadOnly[str | None]",
        "    tags: ReadOnly[Sequence[str]]",
        "    test: ReadOnly[bool]",
    ]


def test_class_of_a_fragment_is_the_base_of_those_that_spread_it(tmp_path):
    classes = generated(tmp_path, "query A { order(id: 1) { ...Named ...Noted totalPriceSet { ...Price } tags } }")
    assert classes["AOrder"].splitlines() == [
        "class AOrder(Named, Noted, total=False):",
        "    customer: ReadOnly[ACustomer | None]",
        "    tags: ReadOnly[Sequence[str]]",
    ]
    assert classes["ACustomer"].splitlines()[1:] == ["    id: ReadOnly[str]", "    displayName: ReadOnly[str]"]


def test_selection_of_a_fragment_alone_has_its_class(tmp_path):
    classes = generated(
        tmp_path, "query A { order(id: 1) { ...Named } other: order(id: 2) { id name customer { id } } }"
    )
    assert list(classes) == ["A", "AOrder", "ACustomer"]
    assert "    order: ReadOnly[Named | None]\n    other: ReadOnly[AOrder | None]" in classes["A"]


def test_types_of_a_union_share_one_class(tmp_path):
    classes = generated(
        tmp_path, "query A { node(id: 1) { id ... on Order { note } ... on Customer { displayName } } }"
    )
    assert [line.split(":")[0].strip() for line in classes["ANode"].splitlines()[1:]] == ["id", "note", "displayName"]


def test_second_selection_of_a_type_is_named_after_its_place(tmp_path):
    classes = generated(
        tmp_path, "query A { order(id: 1) { id } old: order(id: 2) { note } same: order(id: 3) { id } }"
    )
    assert list(classes) == ["A", "AOrder", "AOld"]
    assert "same: ReadOnly[AOrder | None]" in classes["A"]


@pytest.mark.parametrize("key", ["__typename", "from: note"])
def test_field_that_no_class_can_have_needs_an_alias(tmp_path, key):
    with pytest.raises(ValueError, match="give it an alias"):
        generated(tmp_path, f"query A {{ order(id: 1) {{ {key} }} }}")


def read(tree):
    """Each document that a module reads: its name, and the annotation of the statement."""
    annotated = {
        call: ast.unparse(statement.annotation)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.AnnAssign) and statement.value
        for call in ast.walk(statement.value)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "document":
            yield call.args[1].value, annotated.get(call, "")


READ = {
    module.with_name(f"{document}.graphql"): annotation
    for module in files("*.py")
    for document, annotation in read(ast.parse(module.read_text("utf-8")))
}


@pytest.mark.parametrize("path", READ, ids=name)
def test_document_is_read_into_its_own_class(path):
    operation = re.search(r"(?:query|mutation) (\w+)", path.read_text("utf-8"))[1]
    classes = re.findall(r"\w+", READ[path])
    assert any(one.startswith(operation) for one in classes), f"{name(path)} is read into {READ[path] or 'no type'}"


def test_document_without_a_type_is_found():
    module = 'a: nodes.A = read(document(__file__, "a"))\nb = read(document(__file__, "b"))\nc: Document[nodes.C] = d\n'
    assert list(read(ast.parse(module))) == [("a", "nodes.A"), ("b", "")]


def test_every_document_is_read():
    assert {path for path in files("*.graphql") if path.parent.name != "fragments"} == READ.keys()


def test_misspelt_field_is_a_type_error(tmp_path, made):
    """In `[…]`, and in `.get`, where mypy alone would accept a field of another class."""
    (tmp_path / "shop.pyi").write_text(made[LAYER / "shopify/nodes.pyi"])
    (tmp_path / "reads.py").write_text(
        "from shop import OrderCard\n\n"
        "def right(order: OrderCard) -> object:\n"
        "    return order['note'], order.get('note'), (order.get('billingAddress') or {}).get('zip')\n\n"
        "def wrong(order: OrderCard) -> object:\n"
        "    first = order['notes']\n"
        "    second = order.get('notes')\n"
        "    return first, second, (order.get('billingAddress') or {}).get('zap')\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "reads.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    wrong = re.findall(r'^reads.py:(\d+): error: TypedDict "\w+" has no key "(\w+)"', said, re.MULTILINE)
    assert wrong == [("7", "notes"), ("8", "notes"), ("9", "zap")], said
    assert said.count(" error: ") == len(wrong), said
