"""List the limits on codes and tries: name → (most, seconds), counted in the database.

Failures that any visitor can cause (details_…) count against session and address, for an hour at most; only codes that
a provider accepted and sent (code_sent_…) count against the number. An address may be a whole carrier's (CGNAT), shared
by thousands, so its limits are wide and its windows short; a session's are narrow. IPv6 counts by /64 and /48 (site).

Codes of the light sign-in (light_…) need nothing but a number, so they count against it whether or not it is enrolled,
and apart from the identity check: that stays open to an owner whose number a stranger has used up here.
"""

from secretary import env

# Not settings: the question that protects a person from callers who pretend to be them; test messages of staff to their
# own telephone, and the codes that prove it; how often a senior names another family member, who is asked each time.
FIXED = {
    "family_named": (3, 86400),
    "caller_asked_person": (5, 86400),
    "caller_asked_staff": (60, 3600),
    "sample_code_account": (5, 3600),
    "sample_code_phone": (5, 86400),
    "sample_sent_account": (30, 3600),
}


def attempt_limits() -> dict[str, tuple[int, int]]:
    """From the environment, whatever the settings have put into it. Raises Misconfigured."""
    return {
        **FIXED,
        **_codes_of_families(),
        "details_session": (env.integer("DETAILS_PER_SESSION", 20), 3600),
        "details_pair": (env.integer("DETAILS_PER_NUMBER_AND_ADDRESS", 10), 3600),
        "details_address": (env.integer("DETAILS_PER_ADDRESS", 200), 600),
        "details_site": (env.integer("DETAILS_PER_SITE", 1000), 600),
        "details_overall": (env.integer("DETAILS_OVERALL", 200_000), 3600),
        "code_sent_session": (env.integer("CODES_PER_SESSION", 5), 3600),
        "code_sent_phone": (env.integer("CODES_PER_NUMBER", 10), 86400),
        "code_sent_address": (env.integer("CODES_PER_ADDRESS", 100), 600),
        "code_sent_overall": (env.integer("CODES_OVERALL", 50_000), 3600),
        "code_tried_session": (env.integer("TRIES_PER_SESSION", 10), 3600),
        "code_tried_phone": (env.integer("TRIES_PER_NUMBER", 30), 86400),
        "code_tried_address": (env.integer("TRIES_PER_ADDRESS", 300), 600),
        "code_tried_site": (env.integer("TRIES_PER_SITE", 1000), 600),
        "code_tried_overall": (env.integer("TRIES_OVERALL", 200_000), 3600),
        "code_checked_address": (env.integer("CHECKS_PER_ADDRESS", 300), 600),
        "code_checked_site": (env.integer("CHECKS_PER_SITE", 1000), 600),
        "code_checked_overall": (env.integer("CHECKS_OVERALL", 60_000), 3600),
        "code_checked_short": (env.integer("SHORT_CHECKS_OVERALL", 600), 3600),
        "light_asked_session": (env.integer("PHONE_CODES_PER_SESSION", 5), 3600),
        "light_asked_phone": (env.integer("PHONE_CODES_PER_NUMBER", 10), 86400),
        "light_asked_address": (env.integer("PHONE_CODES_PER_ADDRESS", 100), 600),
        "light_asked_site": (env.integer("PHONE_CODES_PER_SITE", 500), 600),
        "light_asked_overall": (env.integer("PHONE_CODES_OVERALL", 10_000), 3600),
        "light_tried_session": (env.integer("PHONE_TRIES_PER_SESSION", 10), 3600),
        "light_tried_phone": (env.integer("PHONE_TRIES_PER_NUMBER", 20), 86400),
        "light_tried_address": (env.integer("PHONE_TRIES_PER_ADDRESS", 300), 600),
        "light_tried_overall": (env.integer("PHONE_TRIES_OVERALL", 30_000), 3600),
        "trial_person": (env.integer("TEST_MESSAGES_PER_PERSON", 3), 86400),
        "calendar_read": (env.integer("CALENDAR_READS", 60), 3600),
        "totp_tried_account": (env.integer("TOTP_TRIES_PER_ACCOUNT", 10), 900),
        "password_tried_account": (env.integer("PASSWORD_TRIES_PER_ACCOUNT", 10), 900),
        "sign_in_address": (env.integer("LOGIN_FAILURES_PER_ADDRESS", 20), 900),
        "sign_in_account": (env.integer("LOGIN_FAILURES_PER_ACCOUNT", 20), 3600),
    }


def _codes_of_families() -> dict[str, tuple[int, int]]:
    """Few people have such a code, so that few are typed."""
    return {
        "family_code_address": (env.integer("FAMILY_CODES_PER_ADDRESS", 100), 600),
        "family_code_site": (env.integer("FAMILY_CODES_PER_SITE", 300), 600),
        "family_code_overall": (env.integer("FAMILY_CODES_OVERALL", 3000), 3600),
    }
