"""Texts of a template that are the same on each page of one language: made once."""

from collections.abc import Sequence
from typing import Any

from django.template.base import Node, TextNode
from django.template.defaulttags import CommentNode, LoadNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import gettext, ngettext

from secretary.kernel.quick_templates.expressions import is_text


class Constant:
    """Texts, translations and addresses side by side. `kept`: as one, by running.current_key."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = tuple(nodes)
        self.kept: dict[str, str] = {}

    def text(self, key: str, context: Any) -> str:
        text = self.kept[key] = "".join(str(each.render_annotated(context)) for each in self._nodes)
        return text


class Message:
    """The text of a `{% blocktranslate %}` into which values are put, of the names `names`."""

    def __init__(self, node: BlockTranslateNode) -> None:
        self._singular, names = node.render_token_list(node.singular)
        self._plural, more = node.render_token_list(node.plural) if node.plural else ("", [])
        self.names = list(dict.fromkeys([*names, *more]))
        self.kept: dict[str, str] = {}

    def text(self, key: str) -> str:
        text = self.kept[key] = gettext(self._singular)
        return text

    def counted(self, count: Any) -> str:
        """Raise TypeError for what is not plainly a number."""
        if type(count) is not int:
            raise TypeError
        return ngettext(self._singular, self._plural, count)


def is_constant(node: Node) -> bool:
    """Say whether it writes the same on each page of one language."""
    if isinstance(node, TranslateNode):
        expression = node.filter_expression
        has_no_name = not expression.is_var or expression.var.lookups is None
        return has_no_name and not (expression.filters or node.asvar or node.message_context)
    if isinstance(node, BlockTranslateNode):
        return not (node.extra_context or node.plural or node.asvar or node.message_context or _values_of(node))
    if isinstance(node, StaticNode):
        return is_text(node.path) and not node.varname
    return isinstance(node, (TextNode, LoadNode, CommentNode)) or getattr(node, "is_constant", False)


def _values_of(node: BlockTranslateNode) -> list[str]:
    _message, names = node.render_token_list(node.singular)
    return list(names)
