"""Nodes of templates that write what Django's own write, with fewer steps."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from html import escape
from typing import Any

from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    TextNode,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import CommentNode, CsrfTokenNode, IfNode, LoadNode, TemplateLiteral
from django.template.loader_tags import (
    BLOCK_CONTEXT_KEY,
    BlockContext,
    BlockNode,
    ExtendsNode,
    IncludeNode,
    construct_relative_path,
)
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

NOT_PROVIDED = "NOTPROVIDED"  # what Django writes no token for
BLOCKS = "quick_templates.blocks_of_root"  # of a template's extra_data


class QuickVariableNode(VariableNode):
    """`{{ bill.title }}`: a text is escaped at once; what is not a text is written by Django."""

    def render(self, context: Any) -> Any:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:  # as Django
            return ""
        kind = type(value)
        if kind is SafeString:
            return value
        if kind is str and context.autoescape:
            return SafeString(escape(value))
        return render_value_in_context(value, context)

    render_annotated = render


class QuickIfNode(IfNode):
    """`{% if %}`: a plain text, as most branches are, is not joined again, and a plain value is looked at directly."""

    def __init__(self, conditions_nodelists: list[tuple[Any, NodeList]]) -> None:
        super().__init__(conditions_nodelists)
        self._branches = [(_condition(each), _content(nodes)) for each, nodes in conditions_nodelists]

    def render(self, context: Any) -> Any:
        for holds, content in self._branches:
            try:
                if not holds(context):
                    continue
            except VariableDoesNotExist:  # as Django
                continue
            return content if isinstance(content, SafeString) else content.render(context)
        return ""

    render_annotated = render


class QuickCsrfTokenNode(CsrfTokenNode):
    """`{% csrf_token %}`: the token of this request, escaped without a format string."""

    def render(self, context: Any) -> Any:
        token = str(context.get("csrf_token") or "")
        if token in ("", NOT_PROVIDED):
            return super().render(context)
        return SafeString(f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(token)}">')

    render_annotated = render


class QuickExtendsNode(ExtendsNode):
    """`{% extends %}`: the blocks of the parent are looked for once, not on each page."""

    def render(self, context: Any) -> Any:
        parent = self.get_parent(context)
        state = context.render_context
        if BLOCK_CONTEXT_KEY not in state:
            state[BLOCK_CONTEXT_KEY] = BlockContext()
        state[BLOCK_CONTEXT_KEY].add_blocks(self.blocks)
        state[BLOCK_CONTEXT_KEY].add_blocks(_blocks_of_root(parent))
        with state.push_state(parent, isolated_context=False):
            return parent._render(context)  # type: ignore[attr-defined]


class QuickIncludeNode(IncludeNode):
    """`{% include "a.html" %}`: a template of a constant name is looked for once."""

    _included: Any = None

    def render(self, context: Any) -> Any:
        if self._included is None:
            name = construct_relative_path(str(self.origin.template_name), self.template.resolve(context))
            self._included = context.template.engine.get_template(name)
        values = {name: each.resolve(context) for name, each in self.extra_context.items()}
        if self.isolated_context:
            return self._included.render(context.new(values))
        with context.push(**values):
            return self._included.render(context)

    render_annotated = render


class ConstantNode(Node):
    """Texts and translations side by side: joined once for each language."""

    child_nodelists = ()

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._kept: dict[Hashable, SafeString] = {}

    def render(self, context: Any) -> SafeString:
        key = (get_language(), context.autoescape)
        text = self._kept.get(key)
        if text is None:
            text = self._kept[key] = SafeString("".join(str(each.render_annotated(context)) for each in self._nodes))
        return text

    render_annotated = render


def quick(node: Node) -> Node:
    """Return the quick node in place of one that Django's parser has made."""
    if type(node) is VariableNode:
        return QuickVariableNode(node.filter_expression)
    if type(node) is IfNode:
        return QuickIfNode(node.conditions_nodelists)
    if type(node) is CsrfTokenNode:
        return QuickCsrfTokenNode()
    if type(node) is IncludeNode and _is_a_text(node.template):
        return QuickIncludeNode(node.template, extra_context=node.extra_context, isolated_context=node.isolated_context)
    if type(node) is ExtendsNode:
        return QuickExtendsNode(node.nodelist, node.parent_name, node.template_dirs)
    return node


def joined(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes, each run of constant ones as one node."""
    found: list[Node] = []
    run: list[Node] = []
    for node in nodes:
        if is_constant(node):
            run.append(node)
            continue
        found += [*_as_one(run), node]
        run = []
    return found + _as_one(run)


def is_constant(node: Node) -> bool:
    """Say whether it writes the same on each page of one language."""
    if isinstance(node, TranslateNode):
        expression = node.filter_expression
        is_text = not expression.is_var or expression.var.lookups is None
        return is_text and not (expression.filters or node.asvar or node.message_context)
    if isinstance(node, BlockTranslateNode):
        return not (node.extra_context or node.plural or node.asvar or node.message_context or _values_of(node))
    if isinstance(node, StaticNode):
        return _is_a_text(node.path) and not node.varname
    return isinstance(node, (TextNode, LoadNode, CommentNode))


def _condition(condition: Any) -> Callable[[Any], Any]:
    """Return what says whether a branch is the one; that of `{% else %}` always is."""
    if condition is None:
        return _always
    if type(condition) is TemplateLiteral:
        expression: Any = condition.value
        return partial(expression.resolve, ignore_failures=True)
    evaluated: Callable[[Any], Any] = condition.eval
    return evaluated


def _always(_context: Any) -> bool:
    return True


def _content(nodes: NodeList) -> NodeList | SafeString:
    """Return the text of a branch that has nothing else."""
    if any(not isinstance(node, TextNode) for node in nodes):
        return nodes
    return SafeString("".join(node.s for node in nodes if isinstance(node, TextNode)))


def _is_a_text(expression: FilterExpression) -> bool:
    return isinstance(expression.var, str) and not expression.filters


def _values_of(node: BlockTranslateNode) -> list[str]:
    _message, names = node.render_token_list(node.singular)
    return list(names)


def _as_one(run: Sequence[Node]) -> list[Node]:
    """A text alone stays what it is: Django knows it."""
    if all(isinstance(node, (TextNode, LoadNode, CommentNode)) for node in run):
        text = "".join(node.s for node in run if isinstance(node, TextNode))
        return [TextNode(text)] if text else []
    return [ConstantNode(run)]


def _blocks_of_root(parent: Any) -> dict[str, BlockNode]:
    """Return the blocks of a template that extends no other; none for one that does, which adds its own."""
    blocks: dict[str, BlockNode] | None = parent.extra_data.get(BLOCKS)
    if blocks is None:
        first = next((node for node in parent.nodelist if not isinstance(node, TextNode)), None)
        nodes = [] if isinstance(first, ExtendsNode) else parent.nodelist.get_nodes_by_type(BlockNode)
        blocks = parent.extra_data[BLOCKS] = {node.name: node for node in nodes}
    return blocks
