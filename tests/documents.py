"""The documents as tests read them: links, and the commands and tables that are compared with the code."""

import re
import shlex
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]
README, INSTALL, CONNECT, AGENTS, OPERATIONS, API, DECISIONS = (
    ROOT / name
    for name in (
        "README.md", "docs/install.md", "docs/connect.md", "docs/agents.md", "docs/operations.md", "docs/api.md",
        "docs/decisions.md",
    )
)  # fmt: skip

_FOLDERS = ("docs", "functions", "layers", "local", "tests", "benchmarks", "events")
_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    found = [path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.md")]
    return sorted([*ROOT.glob("*.md"), *found])


def text(document: Path) -> str:
    """The whole text of a document."""
    return document.read_text("utf-8")


def between(document: Path, mark: str) -> str:
    """The text between `<!-- mark -->` and `<!-- /mark -->`."""
    return text(document).partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]


def section(document: Path, heading: str) -> str:
    """The text below a heading (`## Gladly`), up to the next heading of its level or higher."""
    level = len(heading) - len(heading.lstrip("#"))
    below = _FENCED.sub("", text(document)).partition(f"\n{heading}\n")[2]
    return re.split(rf"^#{{1,{level}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def shell(document: Path, heading: str) -> list[str]:
    """The shell blocks below a second-level heading, up to the next one."""
    below = text(document).partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```\n(.*?)^```", below, re.MULTILINE | re.DOTALL)


def links(document: Path) -> list[str]:
    """The targets of its links and pictures, without those on the web."""
    prose = re.sub(r"`[^`]*`", "", _FENCED.sub("", text(document)))
    return [target for target in _LINK.findall(prose) if not re.match(r"[a-z]+:", target)]


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub creates them."""
    headings = re.findall(r"^#{1,6} +(.+)$", _FENCED.sub("", text(document)), re.MULTILINE)
    found: set[str] = set()
    for heading in headings:
        bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", bare).replace(" ", "-")
        again = sum(1 for one in found if re.fullmatch(rf"{re.escape(anchor)}(-[0-9]+)?", one))
        found.add(f"{anchor}-{again}" if anchor in found else anchor)
    return found


def commands(mark: str) -> list[list[str]]:
    """The `aws` commands between two marks of docs/install.md, as lists of words."""
    return [shlex.split(line) for line in re.findall(r"^aws .*$", between(INSTALL, mark), re.MULTILINE)]


def parameter(command: list[str], **variables: str) -> dict[str, object]:
    """The API call that an `aws ssm put-parameter` command makes. Raises ValueError for any other command."""
    words = iter(command[3:])
    call: dict[str, object] = {}
    for word in words:
        if word == "--overwrite":
            call["Overwrite"] = True
        elif word in ("--name", "--value", "--type"):
            call[word[2:].title()] = Template(next(words)).substitute(variables)
        else:
            raise ValueError(word)
    if command[:3] != ["aws", "ssm", "put-parameter"] or not {"Name", "Value", "Type"} <= call.keys():
        raise ValueError(" ".join(command))
    return call


def prompts() -> list[str]:
    """The prompts of `sam deploy --guided` that the table of step 2 answers, in order."""
    table = text(INSTALL).partition("| prompt | answer |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    return [name.strip() for row in rows for name in row.split(",")]
