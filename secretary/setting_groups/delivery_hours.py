"""List the settings about when notices go out, and what people may choose of it."""

from secretary import env

__all__ = [
    "CALM_AT",
    "CALM_DAYS_LEFT",
    "CALM_GATHER_SECONDS",
    "DAY_ENDS",
    "DAY_STARTS",
    "HOURS_AT_LEAST",
    "HOURS_EARLIEST",
    "HOURS_LATEST",
    "STAGE_GRACE_DAYS",
    "TOSS_LINK_MINUTES",
    "UNDO_MINUTES",
    "YEARLY_MESSAGES_PER_MINUTE",
    "YEARLY_MESSAGE_DAY",
]

STAGE_GRACE_DAYS = env.integer("STAGE_GRACE_DAYS", 1, least=0)  # a missed day of date stages is made up within this
DAY_STARTS, DAY_ENDS = env.clock_time("DAY_STARTS", "09:00"), env.clock_time("DAY_ENDS", "20:00")
# One's own hours. The ban of 정보통신망법 §50③ on 21:00-08:00 is about advertising only.
HOURS_EARLIEST, HOURS_LATEST = env.clock_time("HOURS_EARLIEST", "06:00"), env.clock_time("HOURS_LATEST", "00:00")
HOURS_AT_LEAST = env.integer("HOURS_AT_LEAST", 3)  # with fewer, notices would wait past the day on which they help
TOSS_LINK_MINUTES = env.integer("TOSS_LINK_MINUTES", 10)  # as long as the code of Toss's login is valid
UNDO_MINUTES = env.integer("UNDO_MINUTES", 10)  # long enough to see a mistake; notices obey the change meanwhile
# Calm mode (docs/adr/0043). After the reminders of the morning, so that they are in the message of their own day.
CALM_AT = env.clock_time("CALM_AT", "10:00")
# What becomes due at the very hour of the bundled message is claimed first, in other batches.
CALM_GATHER_SECONDS = env.integer("CALM_GATHER_SECONDS", 300, least=0)
# A notice only waits where its record's next day is so far away when the bundled message goes out: a week to act.
CALM_DAYS_LEFT = env.integer("CALM_DAYS_LEFT", 7)
# When the yearly message on uses of personal data begins (개인정보 보호법 §20의2): the day of data protection (§13의2),
# so that three months of the year are left to send it. Not off by default: the law binds those who handle data of a
# million people, or sensitive data of 50,000.
YEARLY_MESSAGE_DAY = env.day_of_year("YEARLY_MESSAGE_DAY", "09-30")
# 17 million people take 26 days of eleven hours, and notices keep nearly all of what providers take.
YEARLY_MESSAGES_PER_MINUTE = env.integer("YEARLY_MESSAGES_PER_MINUTE", 1000)
