"""The form by which an operator reroutes, holds or keeps a channel: until when, its name typed, and the reason."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.models import ChannelState
from secretary.kernel.backoffice import ReasonForm
from secretary.kernel.korean.korean import clean_line
from secretary.kernel.time.database_clock import now

REROUTED = gettext_lazy(
    "Until then no notices are sent through this channel, and none is tried on it again. They go to the next channel "
    "that each person chose; where there is none, they wait. Sign-in codes are no notices: they still go by text "
    "message."
)
HELD = gettext_lazy(
    "Until then no notices are sent through this channel. All that would go through it wait, also where their person "
    "chose another channel. Sign-in codes are no notices: they still go by text message."
)
KEPT = gettext_lazy(
    "Until then the channel is used, also while its messages fail, and is not rerouted by itself: its notices wait in "
    "the moments for which its breaker pauses it. A reroute that is under way ends now."
)
LONGEST = timedelta(days=7)
AT_FIRST = timedelta(hours=1)
TYPED = "%Y-%m-%dT%H:%M"  # as browsers send a date with a time


class SetAsideForm(ReasonForm):
    """`row`: the channel, whose name is typed as confirmation."""

    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Time of Korea, at most seven days from now. It ends by itself then."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=TYPED),
    )
    confirmation = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    field_order = ("until", "reason", "confirmation")

    def __init__(self, row: ChannelState, posted: Any) -> None:
        super().__init__(posted, initial={"until": localtime(now() + AT_FIRST).replace(second=0, microsecond=0)})
        self.name = str(row)
        self.fields["confirmation"].label = _("To confirm, type: %s") % self.name

    def clean_until(self) -> datetime:
        until: datetime = self.cleaned_data["until"]
        at = now()
        if until <= at:
            raise forms.ValidationError(_("This time is over. Enter one to come."))
        if until > at + LONGEST:
            raise forms.ValidationError(_("Enter a time within the next seven days."))
        return until

    def clean_confirmation(self) -> str:
        typed = clean_line(str(self.cleaned_data["confirmation"]))
        if typed.casefold() != clean_line(self.name).casefold():
            raise forms.ValidationError(_("Type the channel's name as it stands here: %s") % self.name)
        return typed
