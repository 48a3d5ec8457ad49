"""The commands of README.md, as tests read them."""

import re
import shlex
from pathlib import Path
from string import Template

TEXT = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def commands(section: str = "") -> list[list[str]]:
    """The `aws` commands between `<!-- section -->` and `<!-- /section -->`, or all of them, as lists of words."""
    text = TEXT
    if section:
        text = TEXT.partition(f"<!-- {section} -->")[2].partition(f"<!-- /{section} -->")[0]
    return [shlex.split(line) for line in re.findall(r"^aws .*$", text, re.MULTILINE)]


def parameter(command: list[str], **variables: str) -> dict[str, object]:
    """An `aws ssm put-parameter` command as the call that it makes. Raises ValueError for anything else."""
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
    """The prompts of `sam deploy --guided` that the table of step 1 answers, in its order."""
    table = TEXT.partition("| prompt | answer |")[2].partition("\n\n")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    return [name.strip() for row in rows for name in row.split(",")]
