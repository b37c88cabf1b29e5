"""What a refused line means and how it is put right, for the pages of administrators. The codes are for machines."""

from django.utils.translation import gettext_lazy as _

CURES = {
    "resident_number": _(
        "A resident or foreigner's registration number (or one that looks like it) stands there: the agency leaves it "
        "out. Is it a number of the agency's own? Declare its pattern under Patterns of agencies' numbers."
    ),
    "bad_external_id": _("The agency's number is missing or has other signs than letters, digits and . _ : / -"),
    "bad_phone": _("No mobile number: 010 and eight digits, without letters."),
    "no_such_day": _("There is no such day."),
    "out_of_range": _("Out of range: a birth date lies between 1900 and today, an amount is not below zero."),
    "missing": _("A required value is missing."),
    "too_long": _("The value is longer than its field allows; a name has 80 characters at most."),
    "no_subject": _("Whom it is about is missing: a CI, or name, birth date and phone."),
    "bad_ci": _("This is no CI (연계정보): 88 characters of base64."),
    "link": _("A web address in a value: messages carry no links."),
}
