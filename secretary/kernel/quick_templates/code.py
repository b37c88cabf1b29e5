"""Write one Python function in place of a piece of a template, line by line beside the template's own lines.

What is compiled has the template's file and line numbers: a traceback, and a profile, show the template.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

PARAMETERS = "names, write, context, key, blocks"


class Code:
    """The text of a function. Only names of its own stand in it: values and texts of the template are kept beside it.

    `names`: the variable that has what the template can name here. `is_open`: something here may set names, or look
    at the whole context, and the scope is a copy for that reason.
    """

    def __init__(self, file: str, known: dict[str, Any]) -> None:
        self.names, self.line, self.is_open = "names", 1, False
        self.was_open = False
        self.block: Any = None  # the BlockNode whose content this is
        self.blocks: list[Any] = []  # BlockNodes that stand in it
        self.supers = 0  # how often it has {{ block.super }}
        self._file, self._depth, self._count = file, 1, 0
        self._lines: list[tuple[int, str]] = []
        self._values = dict(known)
        self._by_identity: dict[int, str] = {}

    def add(self, *statements: str) -> None:
        self._lines += [(self.line, f"{'    ' * self._depth}{each}") for each in statements]

    @contextmanager
    def indented(self) -> Iterator[None]:
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.add("pass")
        self._depth -= 1

    @contextmanager
    def scope(self, *, of: str, always: bool = False) -> Iterator[str]:
        """Write a scope with names of its own: a copy of `of`, where `always` or where something may set one."""
        outer, was_open, place = self.names, self.is_open, len(self._lines)
        self.names, self.is_open = self.fresh("names"), False
        mine, depth, line = self.names, self._depth, self.line
        yield mine
        copied = f"{of}.copy()" if always or self.is_open else of
        self._lines.insert(place, (line, f"{'    ' * depth}{mine} = {copied}"))
        self.was_open = self.was_open or self.is_open
        self.names, self.is_open = outer, was_open

    def mark(self) -> tuple[Any, ...]:
        return len(self._lines), self._depth, self.names, self.is_open, self.supers, len(self.blocks)

    def back_to(self, mark: tuple[Any, ...]) -> None:
        """Forget what was written after a mark."""
        lines, self._depth, self.names, self.is_open, self.supers, blocks = mark
        del self._lines[lines:]
        del self.blocks[blocks:]

    def fresh(self, word: str = "v") -> str:
        self._count += 1
        return f"{word}_{self._count}"

    def keep(self, value: Any) -> str:
        """Return the name by which the function knows a value."""
        name = self._by_identity.get(id(value))
        if name is None:
            name = self._by_identity[id(value)] = self.fresh("kept")
            self._values[name] = value
        return name

    def function(self, name: str) -> Callable[..., Any]:
        """Compile it. Raises SyntaxError or RecursionError for what is nested too deeply."""
        name = re.sub(r"\W", "_", name)
        body = "\n".join(text for _line, text in self._lines) or "    pass"
        tree = ast.parse(f"def {name}({PARAMETERS}):\n{body}")
        _move(tree, [1, *(line for line, _text in self._lines), 1])
        module = compile(tree, self._file, "exec")
        code = next(each for each in module.co_consts if isinstance(each, CodeType))
        return FunctionType(code, self._values, name)


def _move(tree: ast.AST, lines: Sequence[int]) -> None:
    """Set the line of each part, of which the nth stands in the nth line, to lines[n - 1]."""
    parts = [tree]
    while parts:
        part = vars(parts.pop())
        for each in part.values():
            if type(each) is list:
                parts += [one for one in each if isinstance(one, ast.AST)]
            elif isinstance(each, ast.AST):
                parts.append(each)
        if "lineno" in part:
            part["lineno"] = part["end_lineno"] = lines[part["lineno"] - 1]
            part["col_offset"] = part["end_col_offset"] = 0
