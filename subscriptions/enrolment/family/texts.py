"""Write the text messages to a family member: whether they agree, and that there is something to ask about.

The senior's name with its middle masked, never a kind, an agency, an amount or a day; the site in words, no link.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from secretary.kernel.korean.korean import Language, in_euc_kr, masked_name
from subscriptions.enrolment.consent_texts import OFFICE_CALL
from subscriptions.enrolment.family.codes import shown
from subscriptions.message_templates.site import site_in_words
from subscriptions.models import Citizen, Consent, FamilyText
from subscriptions.models.family.family_text import NEWS


def text_of(text: FamilyText) -> str:
    """Return what it says, in the language in which its family member was asked or has agreed."""
    member = text.member
    language: Language = "en" if member.language == "en" else "ko"
    with translation.override(language):
        words = _news() if text.kind == NEWS else _question()
        office = office_of(member.citizen, language)
    filled = words % {
        "name": name_shown(member.citizen),
        "office": office or gettext("the local office"),
        "site": site_in_words(language),
        "code": shown(member.code),
        "days": settings.FAMILY_ANSWER_DAYS,
    }
    return "".join(sign if in_euc_kr(sign) else "*" for sign in filled)


def name_shown(citizen: Citizen) -> str:
    """Return the senior's name as their family is given it: enough to know who it is, for those who know them."""
    return masked_name(citizen.name)


def office_of(citizen: Citizen, language: Language) -> str:
    """Return the name of the office that may call the senior; "" where none may."""
    standing = Consent.objects.filter(citizen=citizen, withdrawn_at=None, text__code=OFFICE_CALL, office__isnull=False)
    consent = standing.select_related("office").order_by("-id").first()
    if consent is None or consent.office is None:
        return ""
    return consent.office.name_en if language == "en" else consent.office.name_ko


def _question() -> str:
    return gettext(
        "[Public Secretary] %(name)s has named this number as family, to hear when there is something that %(name)s "
        "should ask about. Nothing is sent unless you agree. To agree or decline, open %(site)s, choose Family, and "
        "enter the code %(code)s within %(days)s days. Questions: 110"
    )


def _news() -> str:
    return gettext(
        "[Public Secretary] There is something that %(name)s should ask about at %(office)s or by calling 110. Please "
        "let %(name)s know. We do not say what it is. To stop these messages: open %(site)s, choose Family, and enter "
        "the code %(code)s."
    )
