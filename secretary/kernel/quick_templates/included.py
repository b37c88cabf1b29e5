"""`{% include "a.html" %}`: a template of a constant name is found once."""

from collections.abc import Callable
from typing import Any

from django.template.loader_tags import IncludeNode, construct_relative_path

from secretary.kernel.quick_templates.running import rendered


class Included:
    def __init__(self, node: IncludeNode) -> None:
        self._node = node
        self._template: Any = None
        self._page: Any = None

    def write(self, names: dict[str, Any], write: Callable[[str], Any], context: Any, key: str) -> None:
        if self._template is None:
            self._find(context)
        page = self._page
        if page is None:
            write(rendered(self._node, context, names))
        elif page.is_open:
            with context.render_context.push_state(self._template):
                page.root(names, write, context, key, page.blocks)
        else:
            page.root(names, write, context, key, page.blocks)

    def _find(self, context: Any) -> None:
        node = self._node
        name = construct_relative_path(str(node.origin.template_name), node.template.var)
        template = context.template.engine.get_template(name)
        with context.render_context.push_state(template):
            self._page = getattr(template.nodelist, "page", lambda _context: None)(context)
        self._template = template
