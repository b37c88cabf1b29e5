"""Run in the environment of a service under test: tables, the shipped catalogue, and people who want one data type.

python -m tests.faults.rig.people NUMBER
"""

import sys
from collections.abc import Iterator
from datetime import date

import django

CHANNELS = (("kakaotalk", "sms"), ("naver", "sms"), ("sms",))  # person number modulo 3


def ci_of(number: int) -> str:
    return f"{number:086d}=="


def prepare(people: int) -> None:
    from django.core.management import call_command

    from notifications.models import Feed
    from notifications.operations.submit_templates import submit_templates
    from secretary.kernel.time import clock
    from subscriptions.accounts.sample_accounts import ensure_sample_accounts
    from subscriptions.enrolment.sample_people import SamplePerson, enrol_samples
    from subscriptions.models import Stage

    def all_people() -> Iterator[SamplePerson]:
        for number in range(people):
            yield SamplePerson(
                ci=ci_of(number),
                name="홍길동",
                birth_date=date(1960, 1, 2),
                phone=f"+82100000{number:04d}",
                toss_user_key="",
                language="ko",
                channels=CHANNELS[number % 3],
                data_types=["traffic_fine"],
                registered_by="web",
            )

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_catalogue", drafts=False)
    call_command("seed_feeds")
    Feed.objects.exclude(kind=Feed.PUSH).update(enabled=False)
    Stage.objects.update(urgent=True)  # so that the tests may run at any hour
    enrol_samples(all_people(), official=ensure_sample_accounts(), now=clock.now(), report=lambda _: None)
    submit_templates(now=clock.now())


if __name__ == "__main__":
    django.setup()
    prepare(int(sys.argv[1]))
