"""Write the nodes of a template as Python: those that Django's parser makes of the tags that pages have.

Every other node is rendered by itself, which sees the names of its place.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.template.base import Node, TextNode, VariableNode
from django.template.defaulttags import CommentNode, CsrfTokenNode, ForNode, IfNode, LoadNode, WithNode
from django.template.library import SimpleNode
from django.template.loader_tags import BlockNode, IncludeNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode

from secretary.kernel.quick_templates import expressions
from secretary.kernel.quick_templates.code import Code
from secretary.kernel.quick_templates.running import Constant, Included, Message

FIELD = '<input type="hidden" name="csrfmiddlewaretoken" value="%s">'
SUPER = "block.super"
PASSED = "{names}, write, context, key"
Writer = Callable[[Any, Code], None]


def write_all(nodes: Iterable[Node], code: Code) -> None:
    """Write nodes one after the other, each run of constant ones as one text."""
    run: list[Node] = []
    for node in nodes:
        if is_constant(node):
            run.append(node)
            continue
        _write_run(run, code)
        run = []
        code.line = (node.token and node.token.lineno) or code.line
        _write(node, code)
    _write_run(run, code)


def is_constant(node: Node) -> bool:
    """Say whether it writes the same on each page of one language."""
    if isinstance(node, TranslateNode):
        expression = node.filter_expression
        has_no_name = not expression.is_var or expression.var.lookups is None
        return has_no_name and not (expression.filters or node.asvar or node.message_context)
    if isinstance(node, BlockTranslateNode):
        return not (node.extra_context or node.plural or node.asvar or node.message_context or _values_of(node))
    if isinstance(node, StaticNode):
        return expressions.is_text(node.path) and not node.varname
    return isinstance(node, (TextNode, LoadNode, CommentNode)) or getattr(node, "is_constant", False)


def _values_of(node: BlockTranslateNode) -> list[str]:
    _message, names = node.render_token_list(node.singular)
    return list(names)


def _write(node: Node, code: Code) -> None:
    writer = WRITERS.get(type(node))
    if writer is not None:
        before = code.mark()
        try:
            writer(node, code)
        except expressions.Unknown:
            code.back_to(before)
        else:
            return
    code.is_open = True
    code.add(f"write(rendered({code.keep(node)}, context, {code.names}))")


def _write_run(run: list[Node], code: Code) -> None:
    if all(isinstance(node, (TextNode, LoadNode, CommentNode)) for node in run):
        text = "".join(node.s for node in run if isinstance(node, TextNode))
        if text:
            code.add(f"write({code.keep(text)})")
        return
    constant = Constant(run)
    code.add(f"write({code.keep(constant.kept)}.get(key) or {code.keep(constant.text)}(key, context))")


def _variable(node: VariableNode, code: Code) -> None:
    expression = node.filter_expression
    if code.block is not None and expression.token == SUPER:
        code.supers += 1
        code.add(f"above({code.keep(code.block)}, blocks)({PASSED.format(names=code.names)}, blocks)")
        return
    found = expressions.value(expression, code)
    kinds = f"escape({found}) if kind is str else text_of({found}, context)"
    code.add(f"write({found} if (kind := type({found})) is SafeString else {kinds})")


def _if(node: IfNode, code: Code) -> None:
    _branches(node.conditions_nodelists, code)


def _branches(branches: list[tuple[Any, Any]], code: Code) -> None:
    (condition, nodes), *others = branches
    if condition is None:
        write_all(nodes, code)
        return
    code.add(f"if {expressions.condition(condition, code)}:")
    with code.indented():
        write_all(nodes, code)
    if others:
        code.add("else:")
        with code.indented():
            _branches(others, code)


def _for(node: Any, code: Code) -> None:
    found = expressions.value(node.sequence, code, missing_is_none=True)
    values, count = code.fresh(), code.fresh()
    code.add(f"{values} = () if {found} is None else {found} if hasattr({found}, '__len__') else list({found})")
    code.add(f"{count} = len({values})", f"if {count} < 1:")
    outer = code.names
    with code.indented(), code.scope(of=outer):
        write_all(node.nodelist_empty, code)
    code.add("else:")
    with code.indented(), code.scope(of=outer, always=True):
        _turns(node, values, count, outer, code)


def _turns(node: Any, values: str, count: str, outer: str, code: Code) -> None:
    loop, item, nth = code.fresh(), code.fresh(), code.fresh()
    code.add(f"{loop} = {code.names}['forloop'] = {{'parentloop': {outer}.get('forloop', {{}})}}")
    code.add(f"for {nth}, {item} in enumerate({f'reversed({values})' if node.is_reversed else values}):")
    with code.indented():
        code.add(f"turned({loop}, {nth}, {count})")
        if len(node.loopvars) == 1:
            code.add(f"{code.names}[{node.loopvars[0]!r}] = {item}")
            write_all(node.nodelist_loop, code)
            return
        with code.scope(of=code.names) as inner:
            targets = ", ".join(f"{inner}[{name!r}]" for name in node.loopvars)
            code.add(f"{targets} = unpacked({item}, {len(node.loopvars)})")
            write_all(node.nodelist_loop, code)


def _with(node: WithNode, code: Code) -> None:
    values = {name: expressions.value(each, code) for name, each in node.extra_context.items()}
    with code.scope(of=code.names, always=True):
        code.add(*[f"{code.names}[{name!r}] = {found}" for name, found in values.items()])
        write_all(node.nodelist, code)


def _include(node: IncludeNode, code: Code) -> None:
    if not expressions.is_text(node.template):
        raise expressions.Unknown
    values = [f"{name!r}: {expressions.value(each, code)}" for name, each in node.extra_context.items()]
    names = "BUILT_IN" if node.isolated_context else code.names
    given = f"{{**{names}, {', '.join(values)}}}" if values or node.isolated_context else names
    code.add(f"{code.keep(Included(node).write)}({PASSED.format(names=given)})")


def _block(node: BlockNode, code: Code) -> None:
    code.blocks.append(node)
    code.add(f"blocks[{node.name!r}][0].function({PASSED.format(names=code.names)}, blocks)")


def _csrf_token(node: CsrfTokenNode, code: Code) -> None:
    token = code.fresh()
    code.add(f"{token} = str({code.names}.get('csrf_token') or '')")
    code.add(f"if {token} in ('', 'NOTPROVIDED'):")
    code.add(f"    write(rendered({code.keep(node)}, context, {code.names}))")
    code.add("else:", f"    write({code.keep(FIELD)} % escape({token}))")


def _simple(node: SimpleNode, code: Code) -> None:
    if node.takes_context or node.target_var is not None:
        raise expressions.Unknown
    given = [expressions.value(each, code) for each in node.args]
    given += [f"{name}={expressions.value(each, code)}" for name, each in node.kwargs.items()]
    code.add(f"write(conditional_escape({code.keep(node.func)}({', '.join(given)})))")


def _translated(node: Any, code: Code) -> None:
    if node.asvar or node.message_context:
        raise expressions.Unknown
    message = Message(node)
    given = {name: expressions.value(each, code) for name, each in node.extra_context.items()}
    count = ""
    if node.plural:
        if node.counter.is_var and node.counter.var.lookups and node.counter.var.lookups[0] in given:
            raise expressions.Unknown
        count = given[node.countervar] = expressions.value(node.counter, code)
    values = ", ".join(f"{name!r}: written({_of(name, given, code)}, context)" for name in message.names)
    found, kept = code.fresh(), code.keep(message)
    of_language = f"{kept}.counted({count})" if count else f"{kept}.kept.get(key) or {kept}.text(key)"
    code.add("try:", f"    {found} = ({of_language}) % {{{values}}}")
    code.add("except (KeyError, ValueError, TypeError):")
    code.add(f"    {found} = rendered({code.keep(node)}, context, {code.names})", f"write({found})")


def _of(name: str, given: dict[str, str], code: Code) -> str:
    return given.get(name) or f"{code.names}.get({name!r}, '')"


WRITERS: dict[type[Node], Writer] = {
    VariableNode: _variable,
    IfNode: _if,
    ForNode: _for,
    WithNode: _with,
    IncludeNode: _include,
    BlockNode: _block,
    CsrfTokenNode: _csrf_token,
    SimpleNode: _simple,
    BlockTranslateNode: _translated,
}
