"""Record every change of some rows on the audit trail, by any page, command or shell (but `.update()`)."""

from collections.abc import Callable, Collection
from typing import Any, Final

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from secretary.kernel.audit.action_words import name_thing
from secretary.kernel.audit.audit import current_actor, record_audit
from secretary.kernel.time.clock import now

MOST_CHARS = 40  # of one value
Noted = Callable[[Any, str], None]
BEFORE = "_before_this_save"
_MODELS: Final[dict[str, type[Model]]] = {}


def put_on_trail(
    model: type[Model], *, shown: Collection[str] = (), named: Collection[str] = (), noted: Noted | None = None
) -> None:
    """Record each creation, change and deletion of a row. Of `shown` fields the trail has the values, old and new; of
    `named` ones (secrets, names of people) only that they changed. `noted(row, what)` is called after each."""
    fields = (*shown, *named)
    label = str(model._meta.model_name)
    name_thing(label, model._meta.verbose_name, "created", "changed", "deleted")
    _MODELS[label] = model

    def remember(sender: Any, instance: Any, raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
        touched = fields if update_fields is None else [name for name in fields if name in update_fields]
        known = instance.pk is not None and not instance._state.adding and touched
        before = model._base_manager.filter(pk=instance.pk).values(*touched).first() if known else None
        setattr(instance, BEFORE, before)

    def saved(sender: Any, instance: Any, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
        before: dict[str, Any] | None = instance.__dict__.pop(BEFORE, None)
        if created:
            _write(instance, f"{label} created", _values(instance, shown), noted, "created")
        elif before:
            after = model._base_manager.filter(pk=instance.pk).values(*before).first() or {}
            changed = [name for name in before if before[name] != after.get(name)]
            if changed:
                words = "; ".join(_change(name, before, after, name in shown) for name in changed)
                _write(instance, f"{label} changed", words, noted, ",".join(changed))

    def deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
        _write(instance, f"{label} deleted", _values(instance, shown), noted, "deleted")

    for signal, receiver in ((pre_save, remember), (post_save, saved), (post_delete, deleted)):
        signal.connect(receiver, sender=model, weak=False, dispatch_uid=f"trail.{label}.{receiver.__name__}")


def recorded_model(label: str) -> type[Model] | None:
    """Return the model that the actions "`label` created" and so on are about."""
    return _MODELS.get(label)


def put_links_on_trail(through: Any, *, name: str, words: Any, noted: Noted | None = None) -> None:
    """Record what was added to or removed from a many-to-many field `name` (groups, permissions), called `words`."""
    name_thing(name, words, "added", "removed", "cleared")

    def linked(sender: Any, instance: Any, action: str, model: Any, pk_set: Any, reverse: bool, **kwargs: Any) -> None:
        if action not in ("post_add", "post_remove", "pre_clear") or (pk_set is not None and not pk_set):
            return
        done = {"post_add": "added", "post_remove": "removed", "pre_clear": "cleared"}[action]
        others = list(model._base_manager.filter(pk__in=pk_set or ()))
        words = ", ".join(str(getattr(other, "codename", other.pk if reverse else other)) for other in others)
        _write(instance, f"{name} {done}", words, None, "")
        if noted is not None:
            for row in others if reverse else [instance]:
                noted(row, name)

    m2m_changed.connect(linked, sender=through, weak=False, dispatch_uid=f"trail.{name}.links")


def _write(instance: Any, action: str, words: str, noted: Noted | None, what: str) -> None:
    place = f"{instance._meta.model_name}:{instance.pk}"
    record_audit(now=now(), actor=current_actor(), action=action, object=place, reason=words)
    if noted is not None:
        noted(instance, what)


def _values(instance: Any, shown: Collection[str]) -> str:
    return "; ".join(f"{name}: {_text(getattr(instance, name))}" for name in shown)


def _change(name: str, before: dict[str, Any], after: dict[str, Any], is_shown: bool) -> str:
    return f"{name}: {_text(before[name])} → {_text(after.get(name))}" if is_shown else name


def _text(value: Any) -> str:
    return str(value)[:MOST_CHARS]
