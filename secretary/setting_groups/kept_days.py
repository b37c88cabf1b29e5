"""List the retention periods that operators choose (docs/privacy.md), and whom the privacy policy names."""

from secretary import env

KEPT_DAYS = {
    "receipts": env.integer("KEEP_RECEIPTS_DAYS", 180),
    "pushes": env.integer("KEEP_PUSHES_DAYS", 90),
    "refused_lines": env.integer("KEEP_REFUSED_LINES_DAYS", 90),
    "feed_runs": env.integer("KEEP_FEED_RUNS_DAYS", 366),
    "alarms": env.integer("KEEP_ALARMS_DAYS", 366),
    "access_logs": env.integer("KEEP_ACCESS_LOGS_DAYS", 731),
    # 개인정보의 안전성 확보조치 기준 §8①: two years for 50,000 people, or for sensitive data (health). The owner's
    # function common_end_audit removes nothing younger.
    "audit": max(env.integer("KEEP_AUDIT_DAYS", 731), 731),
    "payment_events": env.integer("KEEP_PAYMENT_EVENTS_DAYS", 1827),
    # What consents promise (citizens/own_data/promises.py): withdrawn and ended data go within 5 days (표준 개인정보
    # 보호지침 §10①), after these days in which the person may take it back; cases that are over, a year later.
    "withdrawn": min(env.integer("KEEP_WITHDRAWN_DAYS", 3, least=0), 4),
    "over": min(env.integer("KEEP_OVER_DAYS", 365), 365),
    # Payments of enrolled people, from their newest payment or refund: as long as after an erasure.
    "payments": env.integer("KEEP_PAYMENTS_DAYS", 1827),
    # After an erasure: payments by 전자금융거래법 §22 and its decree §12 (5 years), counted from the payment; the proof
    # of consents for as long as damages may be claimed (민법 §766①: 3 years from knowing). What was read: docs/law.md.
    "erased_payments": env.integer("KEEP_ERASED_PAYMENTS_DAYS", 1827),
    "erased_consents": env.integer("KEEP_ERASED_CONSENTS_DAYS", 1096),
}
# A person's own copy holds everything in clear: long enough to fetch it after a weekend, no longer.
OWN_DATA_EXPORT_HOURS = env.integer("OWN_DATA_EXPORT_HOURS", 72)
OWN_DATA_EXPORTS_PER_DAY = env.integer("OWN_DATA_EXPORTS_PER_DAY", 3)  # each reads all that is held about the person
# How long the code of a notice is answered. A fine can come back after years; a code that is copied into false messages
# is worth less with every year, and fewer live codes make guessing harder.
CHECK_CODE_DAYS = env.integer("CHECK_CODE_DAYS", 731)
# Calendars are asked to read a feed again after so long; what does not apply any more stays in it as cancelled, for a
# calendar that is read after weeks.
CALENDAR_REFRESH_HOURS = env.integer("CALENDAR_REFRESH_HOURS", 12)
CALENDAR_CANCELLED_DAYS = env.integer("CALENDAR_CANCELLED_DAYS", 30)
# Who answers for personal data, in the privacy policy: 개인정보 보호법 §30①6 asks for a department and its number.
PRIVACY_CONTACT = {
    "ko": env.text("PRIVACY_CONTACT_KO", "국번 없이 110(정부민원안내콜센터)"),
    "en": env.text("PRIVACY_CONTACT_EN", "110 (government call centre, no area code)"),
}
