"""Compute what a debt costs on a day: the law as code, one file per debt. Pure: no Django, no Celery, no database.

A tariff (`traffic_fine.py`, …) turns the facts of one debt into a ladder: the days on which its amount changes.
`ladder.py` finds the tariffs by itself, and reads the facts, the amount of a day and what comes next.
How far each rule was checked is written beside it: [source: …] was read, [knowledge: …] was not,
"unverified" names the reading that was chosen where no text settles it.
"""
