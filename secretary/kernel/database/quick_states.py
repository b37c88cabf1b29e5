"""Between migrations, render the model that a migration changes, and not all that are related to it.

For each new table, field, index or trigger Django renders every model that its model is related to, directly or by
others: tens of thousands of classes on the way to our tables, nine tenths of what they take. What is added is read
from the model itself, and relations to it are found by its name. Where that is not enough, Django renders as before:
for relations that are changed or removed, and for Python code (RunPython), which after any state that was not rendered
whole gets one that is (`ProjectState.is_delayed`).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from django.db.migrations.state import ProjectState

Found = set[tuple[str, str]]
ADDING = ("add_model", "add_field")
_MARK = "_is_added_to"  # on a state, while one of these runs


@contextmanager
def quick_states() -> Iterator[None]:
    """Inside, migrations that are applied are prepared in this way. For the whole process: not beside other threads."""
    with ExitStack() as stack:
        for name in ADDING:
            _replace(stack, name, _marked(getattr(ProjectState, name)))
        _replace(stack, "_find_reload_model", _alone(ProjectState._find_reload_model))  # type: ignore[attr-defined]
        yield


def _replace(stack: ExitStack, name: str, method: Callable[..., Any]) -> None:
    stack.callback(setattr, ProjectState, name, getattr(ProjectState, name))
    setattr(ProjectState, name, method)


def _marked(add: Callable[..., None]) -> Callable[..., None]:
    @wraps(add)
    def marked(state: ProjectState, *args: Any, **named: Any) -> None:
        setattr(state, _MARK, True)
        try:
            add(state, *args, **named)
        finally:
            delattr(state, _MARK)

    return marked


def _alone(find: Callable[..., Found]) -> Callable[..., Found]:
    """`delay` is Django's word that no other model needs to be rendered at once."""

    @wraps(find)
    def found(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> Found:
        if not delay and not hasattr(state, _MARK):
            return find(state, app_label, model_name, delay)
        state.is_delayed = True
        return {(app_label, model_name.lower())}

    return found
