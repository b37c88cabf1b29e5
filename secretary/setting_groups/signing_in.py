"""List the settings of citizens' sign-in and sign-up (docs/adr/0042-two-levels-of-sign-in.md)."""

from secretary import env

IDENTITY_PROVIDER = env.text("IDENTITY_PROVIDER", "portone")
IDENTITY_CODE_SECONDS = env.integer("IDENTITY_CODE_SECONDS", 180)  # of the carrier's codes and our own
IDENTITY_CODE_TRIES = env.integer("IDENTITY_CODE_TRIES", 5)
IDENTITY_APP_SECONDS = env.integer("IDENTITY_APP_SECONDS", 300)  # to answer in the carriers' app, then a new question
# Erasing, exporting and a new number need a full identity check of at most this age: long enough to read the page and
# decide, short of the time a phone lies about unlocked.
FULL_CHECK_MINUTES = env.integer("FULL_CHECK_MINUTES", 10)
# A sign-in ends after 30 minutes, and its button extends it: at least ten times (WCAG 2.2.1), which are 5.5 hours.
CITIZEN_SESSION_HOURS = env.integer("CITIZEN_SESSION_HOURS", 6)
# The answers of a sign-up outlive its 30 minutes by so much, encrypted: long enough to be called away and come back.
DRAFT_KEPT_MINUTES = env.integer("DRAFT_KEPT_MINUTES", 120)
# Who has not passed a full identity check for so long cannot sign in by a code alone: a number that is given up goes to
# another person, after 90 days (28 before April 2023; docs/law.md).
PHONE_CODE_PROVED_DAYS = env.integer("PHONE_CODE_PROVED_DAYS", 365)
# Up to this sum a bill is paid after signing in by a code alone: what a card pays in Korea without a signature
# (무서명 거래, 50,000 won; docs/law.md). 0: every payment needs the full check.
PAYMENT_FULL_CHECK_WON = env.integer("PAYMENT_FULL_CHECK_WON", 50_000, least=0)
# Booking site → its Ed25519 public key, 32 bytes: its links open the sign-up with kinds chosen (docs/booking-sites.md).
BOOKING_SITE_KEYS = env.keys("BOOKING_SITE_KEYS", "")
