"""Templates with quick nodes write what Django's own write: each form of an expression, for each kind of value."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import Context, Engine, Template, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from secretary.kernel.quick_templates.loader import QuickTemplate

ANGRY = "<b>&\"'"
CHANGED: list[str] = []  # by templates, which may not


@dataclass
class Row:
    title: str = ANGRY
    count: int = 1234567

    def method(self) -> str:
        return f"called {ANGRY}"

    def wants(self, one: int) -> str:
        return f"got {one}"

    def delete(self) -> str:
        CHANGED.append(self.title)
        return "changed"

    delete.alters_data = True  # type: ignore[attr-defined]

    @property
    def broken(self) -> str:
        raise AttributeError("inside")


class Entry(forms.Form):
    title = forms.CharField(label=ANGRY)
    page_form = "an attribute"


def markup(value: str) -> Any:
    return mark_safe(value)


VALUES: dict[str, Any] = {
    "text": ANGRY,
    "safe": markup("<i>safe</i>"),
    "lazy": gettext_lazy("Sign out"),
    "number": 1234567,
    "decimal": Decimal("12.50"),
    "yes": True,
    "none": None,
    "day": date(2026, 11, 30),
    "instant": datetime(2026, 11, 29, 20, 0, tzinfo=UTC),
    "row": Row(),
    "kind": Row,
    "mapping": {"title": ANGRY, "items": "an item", "0": "a digit", "code": "Q_7-x", "nothing": None, "made": Row},
    "listing": [ANGRY, markup("<u>"), 3],
    "pair": ("a", ANGRY),
    "msgid": "Sign out",
    "csrf_token": SimpleLazyObject(lambda: "t&k"),
    "form": Entry(),
    "method": Row().method,
    "error": ValueError(ANGRY),
}
PARTS = [
    "",
    ".title",
    ".count",
    ".method",
    ".wants",
    ".delete",
    ".nothing",
    ".nothing.more",
    ".items",
    ".0",
    ".1",
    ".7",
]
PARTS += [".page_form", ".title.label", ".errors"]
FILTERS = [
    "",
    "|upper",
    "|safe",
    "|escape",
    "|default:text",
    '|default:"<x>"',
    "|length",
    "|linebreaksbr",
    "|force_escape",
]
FILTERS += [
    "|capfirst",
    "|date:'H:i'",
    "|add:1",
    "|capfirst|upper",
    "|unbroken",
    '|default:_("Sign out")',
    "|yesno:'a,<b>'",
]
TAGS = [
    "{% if text %}y{% elif none %}z{% else %}n{% endif %}",
    "{% if nothing %}y{% endif %}{% if nothing or row.title %}o{% endif %}{% if not row.broken.x %}b{% endif %}",
    "{% if number == 1234567 and text in text %}y{% else %}n{% endif %}{% if nothing > 3 %}y{% endif %}",
    "{% for each in listing %}{{ forloop.counter }}{{ each }}{% empty %}none{% endfor %}",
    "{% for one, two in mapping.items %}{{ one }}{% endfor %}{% for each in nothing %}x{% empty %}none{% endfor %}",
    "{% for key, value in plain.items %}{{ key }}={{ value }};{% endfor %}",
    "{% trans 'Sign out' %} – {% trans text %}{% trans msgid %}{% trans 'Sign out' as out %}[{{ out }}]",
    "{% trans '100%' %}{% blocktrans %}100% of {{ text }}{% endblocktrans %}",
    "{% blocktrans %}Sign out{% endblocktrans %}{% blocktrans %}100%{% endblocktrans %}",
    "{% blocktrans with a=text b=number %}{{ a }} and {{ b }}{% endblocktrans %}",
    "{% blocktrans count n=number %}one{% plural %}{{ n }} of them{% endblocktrans %}",
    "a{% comment %}hidden{% endcomment %}b{# hidden #}c{% load static %}{% static 'icon.svg' %}{% trans 'Sign in' %}d",
    "{% if yes %}<i>{% elif text %}b{% endif %}{% if none %}a{% else %}{{ text }}{% endif %}{% if yes %}{% endif %}",
    "{% csrf_token %}{% if text|default:absent %}y{% endif %}{% if absent|default:absent.more == text %}y{% endif %}",
    "{% if text|add:absent %}y{% else %}n{% endif %}{{ text|add:absent }}",
    "{% autoescape off %}{{ text }}{{ row.title }}{% trans 'Sign in' %}{% endautoescape %}{{ text }}",
    "{% with a=row.title b=listing|length %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% language 'en' %}{% trans 'Sign out' %}{% endlanguage %}{% trans 'Sign out' %}",
    "{% spaceless %}<p> {{ text }} </p> <p>{% trans 'Sign out' %}</p>{% endspaceless %}",
    "{% filter upper %}{{ text }}{% trans 'Sign out' %}{% endfilter %}{% firstof nothing text %}",
    "{% url 'inbox:notice' number %}{% url 'web:landing' %}{{ True }}{{ None }}{{ 3 }}{{ 'a<b' }}{{ _('Sign out') }}",
]

NAMES_IN_LOOPS = [
    "{% for each in listing reversed %}{{ forloop.revcounter0 }}{{ forloop.last }}{% for part in pair %}"
    "{{ forloop.parentloop.counter }}{{ part }}{{ each }}{% endfor %}{% endfor %}{{ forloop }}{{ each }}",
    "{% for each in listing %}[{{ kept }}]{% trans 'Sign out' as kept %}{% endfor %}{{ kept }}",
    "{% for key, value in plain.items %}[{{ kept }}]{% trans 'Sign out' as kept %}{% endfor %}{{ kept }}{{ key }}",
    "{% for each in none %}{% empty %}{% trans 'Sign out' as kept %}{{ kept }}{% endfor %}{{ kept }}",
    "{% for each in listing %}{% cycle 'a' text %}{% firstof nothing each %}{% ifchanged %}{{ each }}{% endifchanged %}"
    "{% endfor %}",
    "{% for one, two in listing %}x{% endfor %}",
    "{% for one, two in pair %}x{% endfor %}",
    "{% for each in number %}x{% endfor %}",
    "{% for letter in text %}{{ letter }}{% endfor %}{% for each in form %}{{ each.label }}{% endfor %}",
    "{% with text=safe number=text %}{{ text }}{{ number }}{% trans 'Sign out' as kept %}{% endwith %}"
    "{{ text }}{{ kept }}",
    "{% if yes %}{% trans 'Sign out' as kept %}{% endif %}{{ kept }}{% get_current_language as kept %}{{ kept }}",
    "{% for a in 'x' %}" * 25 + "{{ a }}" + "{% endfor %}" * 25,  # deeper than Python's own loops may be
]
MORE_TAGS = [
    "{% if number in listing or 3 in listing and not none %}y{% endif %}{% if text not in pair %}n{% endif %}",
    "{% if none is None and yes is not False %}y{% endif %}"
    "{% if number >= 3 and number <= decimal %}n{% else %}z{% endif %}",
    "{% if row.wants %}y{% endif %}{% if row.delete or row.broken %}y{% else %}n{% endif %}"
    "{% if form.page_form.x %}y{% endif %}",
    "{% blocktrans count n=listing|length with a=text %}one {{ a }}{% plural %}{{ n }} of {{ a }}{% endblocktrans %}",
    "{% blocktrans count n=text %}one{% plural %}many{% endblocktrans %}",
    "{% blocktrans count n=decimal %}one{% plural %}{{ n }}{% endblocktrans %}{% blocktrans %}"
    "{{ absent }}!{% endblocktrans %}",
    "{% blocktrans asvar made %}a {{ text }}{% endblocktrans %}{{ made }}"
    "{% blocktrans trimmed %} a\n {{ text }} {% endblocktrans %}",
    "{% blocktrans with a=row.broken %}{{ a }}{% endblocktrans %}",
    "{% load form_fields %}{% form_field form.title %}{% form_hint form.absent %}",
    "{% load kept %}{% kept number text %}{{ text }}{% csrf_token %}{% endkept %}"
    "{% kept yes fill a=text b=absent %}{{ a }}{{ b }}{% endkept %}",
    "{{ instant|date:'H:i' }}{{ day|date }}{{ instant|time:text }}{{ number|floatformat:decimal }}"
    "{{ text|truncatechars:number }}",
    "{% url 'inbox:notice' text %}",
    "{% url 'pay:order' text %}",
    "{% url 'pay:order' mapping.code %}{% url 'inbox:notice' mapping.code %}",
    "{% if mapping.absent %}y{% elif mapping.title and not mapping.nothing %}n{% endif %}{{ mapping.absent }}"
    "{% if mapping.absent.more or mapping.nothing.more or mapping.title.more %}m{% endif %}{{ mapping.nothing }}"
    "{% if plain.keys and plain.copy.a and plain.pop %}k{% endif %}{{ plain.a }}{{ plain.a.b }}{{ mapping.made }}",
    "{% url 'inbox:notice' row.count %}{% url 'inbox:notice' absent %}",
    "{% url msgid %}",
    "{% url 'web:landing' as there %}{{ there }}{% widthratio number 3 2 %}{% now 'Y' as year %}{{ year|length }}",
]


def written(kind: type[Template], source: str, **values: Any) -> str:
    """Return what comes out twice, or the name of the error."""
    try:
        template = kind(f"{{% load i18n unbroken %}}{source}", engine=engines["django"].engine)  # type: ignore[attr-defined]
        values = VALUES | {"plain": {"a": ANGRY, "b": 2}} | values
        return template.render(Context(values)) + template.render(Context(values))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def test_every_expression_is_written_as_django_writes_it() -> None:
    names = [*VALUES, "absent"]
    parts = [f"{{{{ {name}{part} }}}}" for name in names for part in PARTS]
    filtered = [f"{{{{ {name}{part}{each} }}}}" for name in names for part in ("", ".title") for each in FILTERS]
    wrong = []
    for source in [*parts, *filtered, *TAGS, *NAMES_IN_LOOPS, *MORE_TAGS]:
        for language in ("ko", "en"):
            with override(language):
                expected, found = written(Template, source), written(QuickTemplate, source)
            if expected != found:
                wrong.append((source, expected, found))
    assert not wrong, wrong[:5]
    assert not CHANGED


def test_text_is_escaped_markup_is_not_and_nothing_escapes_from_a_constant() -> None:
    with override("en"):
        assert written(QuickTemplate, "{{ text }}|{{ safe }}") == "&lt;b&gt;&amp;&quot;&#x27;|<i>safe</i>" * 2
        template = QuickTemplate("{% load i18n %}<a>{% trans 'Sign out' %}</a>{{ text }}", engine=_engine())
    texts = []
    for language in ("en", "ko", "en"):
        with override(language):
            texts.append(template.render(Context({"text": ANGRY})))
    varied = QuickTemplate(
        "{% load i18n %}a{% trans each %}{% blocktrans %}{{ each }}{% endblocktrans %}", engine=_engine()
    )
    assert [varied.render(Context({"each": each})) for each in "bc"] == ["abb", "acc"]
    assert texts[0] == texts[2] == "<a>Sign out</a>&lt;b&gt;&amp;&quot;&#x27;" and "로그아웃" in texts[1]


def test_pages_of_ours_are_quick_and_those_under_debug_are_django_s() -> None:
    page = get_template("web/page.html").template  # type: ignore[attr-defined]
    assert isinstance(page, QuickTemplate)
    plain = QuickTemplate("{{ text }}", engine=Engine(debug=True))
    assert type(plain.nodelist[0]).__name__ == "VariableNode"


def test_a_wrong_template_is_an_error_as_before() -> None:
    for source in (
        "{% if %}{% endif %}",
        "{{ a|nothing }}",
        "{% nothing %}",
        "{% for %}",
        "{{ _hidden }}",
        "{% if a %}",
    ):
        with pytest.raises(TemplateSyntaxError):
            QuickTemplate(source, engine=_engine())


def _engine() -> Any:
    return engines["django"].engine  # type: ignore[attr-defined]
