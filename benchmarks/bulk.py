"""Measure a list of seniors: checked and registered by the product's own steps, and such rows by the form for one
senior, one by one, in the same run (durable commits, one process each)."""

import time
from typing import Any

from django.contrib.auth import get_user_model

from benchmarks.rig import cpu
from benchmarks.rig.environment import Environment
from benchmarks.rig.list_of_seniors import as_csv, as_xlsx, people
from benchmarks.rig.list_worker import run_step
from benchmarks.rig.measure import described, servers
from secretary.kernel.time import clock
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.models import BulkUpload, Citizen, Office, Official
from subscriptions.registration.bulk.uploads import confirm, take_in, terms
from subscriptions.registration.register_senior import register_senior
from subscriptions.registration.scope import DATA_TYPE
from subscriptions.web.officials.register import SeniorForm

ONE_BY_ONE = 300


def run(environment: Environment, *, size: int, channel: str) -> dict[str, Any]:
    columns = terms()[2]
    each = _one_by_one(_official("9911051000"), first=size)
    files = {
        "xlsx": as_xlsx(columns, people(size)),
        "csv_cp949": as_csv(columns, people(size), codec="cp949"),
    }
    report: dict[str, Any] = {"one_by_one_ms_per_row": round(each * 1000, 2)}
    official = _official("9911052000")
    for kind, content in files.items():  # the second is the same list again
        report[f"{kind}_bytes"] = len(content)
        upload = take_in(official=official, content=content, now=clock.now())
        report[f"{kind}_check"] = _measured("check", upload.pk)
        if confirm(official=official, upload_id=upload.pk, now=clock.now()):
            report[f"{kind}_write"] = _measured("write", upload.pk)
        done = BulkUpload.objects.get(pk=upload.pk)
        report[f"{kind}_rows"] = {
            name: getattr(done, name) for name in ("state", "looked_at", "valid", "wrong", "unchanged", "written")
        }
    took = report["xlsx_check"]["seconds"] + report["xlsx_write"]["seconds"]
    report["list_ms_per_row"] = round(took * 1000 / size, 3)
    report["times_as_fast"] = round(each * size / took, 1)
    return {**report, "people": Citizen.objects.count(), **described()}


def _measured(step: str, upload_id: int) -> dict[str, float]:
    """Return the figures of one step, with the CPU of the database."""
    database = servers()["postgres"]
    before = cpu.tree(database)
    figures = run_step(step, upload_id)
    return {**figures, "database_cpu": round(cpu.tree(database) - before, 2)}


def _official(code: str) -> Official:
    office = Office.objects.create(code=code, name_ko="가상동", name_en="Gasang-dong")
    return Official.objects.create(user=get_user_model().objects.create_user(f"official-{code}"), office=office)


def _one_by_one(official: Official, *, first: int) -> float:
    """Return the seconds of a row by the form's own code: its checks, and what it writes."""
    types = live_data_types([DATA_TYPE])
    texts = texts_for(types)
    consents = {f"consent_{text.id}": "yes" for text in texts}
    rows = people(ONE_BY_ONE, first=first)
    began, done = time.monotonic(), 0
    for number, name, born, phone, *_ in rows:
        typed = {"paper_form": number, "name": name, "birth_date": born, "phone": phone, "channel": "sms", **consents}
        form = SeniorForm(typed, texts=texts, names={})
        if form.is_valid():
            register_senior(official=official, form=form.paper(), consents=texts, now=clock.now())
            done += 1
    return (time.monotonic() - began) / max(done, 1)
