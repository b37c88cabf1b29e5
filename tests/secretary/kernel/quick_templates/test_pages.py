"""Pages put together of several templates are what Django makes of them: parents, blocks, parts, names in scopes."""

from typing import Any

import pytest
from django.template import Context, Engine
from django.template.loader import get_template

ANGRY = "<b>&\"'"
LIBRARY = {
    "root": "<{% block one %}root {{ text }}{% endblock %}|{% block two %}two{% endblock %}>",
    "middle": "{% extends 'root' %}{% block one %}middle+{{ block.super }}{% endblock %}",
    "leaf": "{% extends 'middle' %}{% block two %}{% block three %}3{% endblock %}{{ block.super }}{% endblock %}",
    "top": "{% extends 'leaf' %}{% block one %}{% for a in text %}{{ block.super }}{% endfor %}{% endblock %}",
    "other": "{% extends 'root' %}{% block one %}{% include 'part' with text='<' %}{% endblock %}",
    "part": "[{{ text }}{{ more }}]",
    "alone": "{% include 'part' with text=more only %}{% include './part' %}{% include name %}",
    "many": "{% for text in 'a<' %}{% include 'part' %}{% endfor %}{{ text }}",
    "page in part": "{% for text in 'a<' %}{% include 'leaf' %}{% endfor %}",
    "itself": "{{ text }}{% if more %}{% include 'itself' with more=none %}{% endif %}",
    "turns": "{% for each in text %}{% include 'cycle' %}{% cycle 1 2 %}{% endfor %}",
    "cycle": "{% cycle 'a' 'b' %}{{ forloop.counter }}{% firstof none each as kept %}{{ kept }}",
    "no part": "{% if none %}{% include 'absent' %}{% endif %}{{ kept }}ok",
    "absent part": "{% include 'absent' %}",
    "absent parent": "{% extends 'absent' %}",
    "named": "{% extends parent %}{% block two %}2{% endblock %}",
    "scopes": "{% extends 'root' %}{% block one %}{% firstof text as kept %}{{ kept }}{% endblock %}"
    "{% block two %}{{ kept }}{% with a=text %}{% block inner %}{{ a }}{% endblock %}{% endwith %}{% endblock %}",
    "in no block": "{% extends 'root' %}{% if none %}{% block one %}1{% endblock %}{% endif %}",
    "hidden": "{% filter upper %}{% block one %}x{{ block.super }}{% endblock %}{% endfilter %}",
    "shown": "{% extends 'hidden' %}{% block one %}{{ block.name }}{{ block.super }}y{% endblock %}",
    "in a tag": "{% extends 'root' %}{% block one %}{% filter upper %}{{ block.super }}{% endfilter %}{% endblock %}",
}
NAMES = (*LIBRARY, "leaf", "many", "other", "turns")  # in this order; some again, when all is known


def test_blocks_and_parts_of_pages_are_what_django_finds() -> None:
    nested = ["django.template.loaders.locmem.Loader", LIBRARY]
    quick = Engine(loaders=[("secretary.kernel.quick_templates.loader.Loader", [nested])])
    plain = Engine(loaders=[nested])
    for name in NAMES:
        assert _from(quick, name) == _from(plain, name), name


def _from(engine: Engine, name: str) -> str:
    values = {"text": ANGRY, "more": 1, "name": "part", "none": None, "parent": "root"}
    try:
        return engine.get_template(name).render(Context(values))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def test_an_error_names_the_line_of_the_template() -> None:
    engine = Engine(
        loaders=[
            (
                "secretary.kernel.quick_templates.loader.Loader",
                [["django.template.loaders.locmem.Loader", {"page": "a\n{% if one %}\n\n{{ one.two }}{% endif %}"}]],
            )
        ]
    )
    with pytest.raises(ZeroDivisionError) as raised:
        engine.get_template("page").render(Context({"one": Failing()}))
    assert [each.lineno + 1 for each in raised.traceback if str(each.path) == "page"] == [4]


class Failing:
    @property
    def two(self) -> int:
        return 1 // 0


@pytest.mark.parametrize(
    "name", ["base.html", "payments/bills.html", "citizens/inbox/notice.html", "admin/change_list.html"]
)
def test_our_pages_are_compiled(name: str) -> None:
    nodes: Any = get_template(name).template.nodelist  # type: ignore[attr-defined]
    assert nodes.pieces() is not None
