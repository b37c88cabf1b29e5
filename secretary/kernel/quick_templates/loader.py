"""Load templates with quick nodes, and keep them: the loader of the settings.

With DEBUG they are Django's own, whose errors name the line of the template.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.template import Engine, Origin, Template, TemplateDoesNotExist
from django.template.base import FilterExpression, Lexer, NodeList, Parser
from django.template.loaders import base, cached

from secretary.kernel.quick_templates.pages import NAMES_BLOCK, TemplateNodes

PLACES = ("django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader")


class QuickParser(Parser):
    """Django's parser; what it has read becomes quick nodes."""

    def compile_filter(self, token: str) -> FilterExpression:
        if token.split(".")[0].split("|")[0].strip() == "block":
            self.extra_data[NAMES_BLOCK] = self.extra_data.get(NAMES_BLOCK, 0) + 1
        return super().compile_filter(token)


class QuickTemplate(Template):
    def compile_nodelist(self) -> NodeList:
        engine = self.engine
        if engine.debug:
            return super().compile_nodelist()
        tokens = Lexer(self.source).tokenize()
        parser = QuickParser(tokens, engine.template_libraries, engine.template_builtins, self.origin)
        nodes = parser.parse()
        self.extra_data = parser.extra_data
        return TemplateNodes(nodes, self)


class _Fresh(base.Loader):
    """What `cached.Loader` calls for a template that it does not have yet."""

    get_contents: Callable[[Origin], str]  # of cached.Loader

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        tried = []
        for origin in self.get_template_sources(template_name):
            if skip is not None and origin in skip:
                tried.append((origin, "Skipped to avoid recursion"))
                continue
            try:
                contents = self.get_contents(origin)
            except TemplateDoesNotExist:
                tried.append((origin, "Source does not exist"))
                continue
            return QuickTemplate(contents, origin, str(origin.template_name), self.engine)
        raise TemplateDoesNotExist(template_name, tried=tried)


class Loader(cached.Loader, _Fresh):
    """`places`: the loaders that find the source; without them the project's folder, then those of the apps."""

    def __init__(self, engine: Engine, places: Sequence[Any] = PLACES) -> None:
        super().__init__(engine, places)
