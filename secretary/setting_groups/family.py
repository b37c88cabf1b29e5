"""List the settings about family members whom seniors name (docs/adr/0053)."""

from secretary import env

# A number that was typed wrongly is another person's: a week to answer, then it is not written to any more.
FAMILY_ANSWER_DAYS = env.integer("FAMILY_ANSWER_DAYS", 7)
# One person's parents and parents in law are four seniors. At most so many name a number at a time, and so often its
# owner is asked in thirty days.
FAMILY_SENIORS_PER_NUMBER = env.integer("FAMILY_SENIORS_PER_NUMBER", 4)
# To one number, about all its seniors: one a day is enough to ask, and three in thirty days worry no family.
FAMILY_TEXTS_PER_DAY = env.integer("FAMILY_TEXTS_PER_DAY", 1)
FAMILY_TEXTS_PER_MONTH = env.integer("FAMILY_TEXTS_PER_MONTH", 3)
