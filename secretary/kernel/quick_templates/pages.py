"""Put the compiled pieces of templates together: the blocks of a page replace those of its parents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.base import Node, NodeList, Template, TextNode
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockNode, ExtendsNode
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]

from secretary.kernel.quick_templates import running
from secretary.kernel.quick_templates.code import Code
from secretary.kernel.quick_templates.expressions import is_text
from secretary.kernel.quick_templates.nodes import write_all

NAMES_BLOCK = "quick_templates.names_block"  # of a template's extra_data: how often it names the variable `block`
TOO_DEEP = (SyntaxError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True)
class Block:
    node: BlockNode
    function: Callable[..., None]


Blocks = dict[str, list[Block]]  # of each name: that of the page itself, then those of its parents


@dataclass(frozen=True, slots=True)
class Page:
    """`is_open`: some node in it is Django's and may keep what it knows in the state of the page."""

    root: Callable[..., None]
    blocks: Blocks
    is_open: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """One template: what stands outside of its blocks, and each of these."""

    root: Callable[..., None]
    blocks: list[Block]
    is_open: bool


class TemplateNodes(NodeList):
    """All nodes of a template."""

    def __init__(self, nodes: Sequence[Node], template: Any) -> None:
        super().__init__(nodes)
        self._template = template
        self._pieces: Pieces | None = None
        self._page: Page | None = None
        self._is_known = self._has_pieces = False

    def render(self, context: Any) -> SafeString:
        page = None
        if context.autoescape and BLOCK_CONTEXT_KEY not in context.render_context:
            page = self._page if self._is_known else self.page(context)
        if page is None:
            return super().render(context)
        parts: list[str] = []
        page.root(running.names_of(context), parts.append, context, running.current_key(), page.blocks)
        return SafeString("".join(parts))

    def page(self, context: Any) -> Page | None:
        """Return the page that this template is; None where only Django renders it."""
        if not self._is_known:
            self._page = self._found(context)
            self._is_known = True
        return self._page

    def pieces(self) -> Pieces | None:
        if not self._has_pieces:
            self._pieces = _pieces(self._template, self)
            self._has_pieces = True
        return self._pieces

    def extends(self) -> ExtendsNode | None:
        first = next((node for node in self if not isinstance(node, TextNode)), None)
        return first if isinstance(first, ExtendsNode) else None

    def _found(self, context: Any) -> Page | None:
        """Walk from the page to the last of its parents, as Django's nodes do while they are rendered."""
        blocks: Blocks = {}
        is_open = False
        nodes: Any = self
        try:
            while (pieces := nodes.pieces()) is not None:
                is_open = is_open or pieces.is_open
                for block in pieces.blocks:
                    blocks.setdefault(block.node.name, []).append(block)
                extends = nodes.extends()
                if extends is None:
                    return Page(pieces.root, blocks, is_open)
                nodes = extends.get_parent(context).nodelist if is_text(extends.parent_name) else None
                if not isinstance(nodes, TemplateNodes):
                    break
            return None
        finally:
            context.render_context.dicts[-1].pop(ExtendsNode.context_key, None)


def _pieces(template: Template, nodes: TemplateNodes) -> Pieces | None:
    if template.engine.debug or template.engine.string_if_invalid:
        return None
    file, extends = str(template.origin.name), nodes.extends()
    inside = extends.nodelist if extends else nodes
    blocks: list[Any] = inside.get_nodes_by_type(BlockNode)
    try:
        written = [_written(each.nodelist, file, each) for each in blocks]
        root = None if extends else _written(nodes, file, None)
        functions = [each.function(f"block_{each.block.name}") for each in written]
        whole = root.function("template") if root else _nothing
    except TOO_DEEP:
        return None
    codes = [*written, root] if root else written
    found = {id(block) for each in codes for block in each.blocks}
    within = [block for each in blocks for block in each.nodelist.get_nodes_by_type(BlockNode)]
    named = template.extra_data.get(NAMES_BLOCK, 0)
    if found != set(map(id, within if extends else blocks)) or named != sum(each.supers for each in codes):
        return None  # Django finds blocks in nodes of its own, and knows another variable `block`
    pieces = [Block(node, function) for node, function in zip(blocks, functions, strict=True)]
    return Pieces(whole, pieces, any(each.was_open for each in codes))


def _written(nodes: Sequence[Node], file: str, block: BlockNode | None) -> Code:
    code = Code(file, KNOWN)
    code.block = block
    with code.scope(of="names"):
        write_all(nodes, code)
    return code


def _nothing(*_arguments: Any) -> None:
    """What a page writes that extends another: nothing outside of its blocks."""


def _above(node: BlockNode, blocks: Blocks) -> Callable[..., None]:
    """Return what `{{ block.super }}` writes in a block."""
    chain = blocks[node.name]
    nth = next(nth for nth, each in enumerate(chain) if each.node is node) + 1
    return chain[nth].function if nth < len(chain) else _nothing


KNOWN: dict[str, Any] = {
    **{
        each.__name__: each
        for each in (
            running.part,
            running.escape,
            running.called,
            running.still_safe,
            running.unpacked,
            running.turned,
            running.resolved,
            running.holds,
            running.rendered,
            running.text_of,
            running.written,
        )
    },
    "BUILT_IN": running.BUILT_IN,
    "SafeString": SafeString,
    "PLAIN": running.PLAIN,
    "conditional_escape": conditional_escape,
    "local_time": template_localtime,
    "above": _above,
}
