"""docs/architecture.md: prose by hand, and between two marks what is made from the code."""

import re
from collections.abc import Mapping

from tests.plugin import ROOT

FILE = ROOT / "docs" / "architecture.md"
BLOCK = re.compile(r"(<!-- made: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)", re.S)


def mermaid(text: str) -> str:
    return f"```mermaid\n{text}\n```"


def filled(document: str, blocks: Mapping[str, str]) -> str:
    """The document with each block as it is made now. Raises KeyError for a block that nothing makes."""
    return BLOCK.sub(lambda found: f"{found[1]}{blocks[found['name']]}\n{found[3]}", document)


def names(document: str) -> list[str]:
    return [found["name"] for found in BLOCK.finditer(document)]
