"""The documented first start of a production installation (docs/operations.md), behind a proxy that ends TLS."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
import requests

from secretary.env import parse_lines
from secretary.local import commands
from secretary.local.embedded.ports import random_free
from tests.end_to_end.tls_proxy import tls_proxy, write_certificate
from tests.plugin import ROOT
from tests.support.authenticators import code_for
from tests.support.browser_forms import FormReader
from tests.support.migrated_tables import bring

HANGS = 1800.0  # seconds, whatever else this machine does: all migrations from nothing take minutes under load
APPROVER = "approver (승인자)"


@pytest.fixture(scope="module", params=["with tables", pytest.param("empty", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[str]:
    """The name of a database in which nothing is, made by the owner, or only the tables that migrations have made: most
    of a first start. Django's setup in this run has made them by the same migrations, or an earlier one."""
    name = f"first_start_{os.getpid()}"
    with closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as admin, admin.cursor() as cursor:
        admin.autocommit = True
        cursor.execute(f'CREATE DATABASE "{name}"')
        assert request.param == "empty" or bring(name)
        yield name
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def production(database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Step 1: what an operator has written into the environment. Nothing else of this machine is in it."""
    values = parse_lines((ROOT / "tests" / "production.env").read_text(encoding="utf-8").splitlines())
    port = random_free()
    values |= {"PUBLIC_BASE_URL": f"https://localhost:{port}", "ALLOWED_HOSTS": "localhost"}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        values[name] = urlunsplit(urlsplit(os.environ[name])._replace(path=f"/{database}"))
    values |= {"REDIS_URL": os.environ["REDIS_URL"], "LOCAL_ENV": "off"}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **values}


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        commands.manage(*arguments), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=HANGS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Person:
    """A browser with one person before it."""

    def __init__(self, base: str, certificate: Path) -> None:
        self.base, self.web = base, requests.Session()
        self.web.verify, self.web.trust_env = str(certificate), False

    def get(self, path: str) -> requests.Response:
        return self.web.get(f"{self.base}{path}", timeout=60)

    def fill_in(self, path: str, **values: Any) -> requests.Response:
        """Open the page, fill its form in, send it as a browser does."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code, page.url)
        forms = [form for form in FormReader(page.text).forms if set(values) <= form.names]
        assert forms, f"{page.url} has no form with {sorted(values)}"
        headers = {"Referer": page.url, "Origin": self.base}
        return self.web.post(page.url, {**forms[0].values, **values}, headers=headers, timeout=60)

    def sign_in(self, name: str, password: str) -> None:
        """For the first time: with the password, an authenticator app that is set up on the way, and a password of
        one's own."""
        page = self.fill_in("/admin/login/", username=name, password=password)
        assert page.url.endswith("/admin/login/set-up/")
        codes = self.fill_in("/admin/login/set-up/", code=code_for(page.text))
        assert codes.url.endswith("/admin/second-factor/codes/")
        assert self.get("/admin/").url.endswith("/admin/password_change/"), "another person knows the password"
        self.fill_in("/admin/password_change/", old=password, new=f"{password}-own", again=f"{password}-own")


def wait_for(url: str) -> None:
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        try:
            if requests.get(url, headers={"Host": "localhost"}, timeout=60).status_code == 200:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not come up")


def test_without_the_proxy_in_the_settings_the_start_is_refused_with_the_remedy(production: dict[str, str]) -> None:
    forgotten = {name: value for name, value in production.items() if name != "TRUSTED_PROXIES"}
    command = commands.manage("check", "--deploy")
    done = subprocess.run(command, env=forgotten, cwd=ROOT, capture_output=True, text=True, timeout=HANGS)
    assert done.returncode != 0
    assert "TRUSTED_PROXIES" in done.stderr
    assert "1 for one that ends TLS" in done.stderr


def test_the_documented_first_start(production: dict[str, str], tmp_path: Path) -> None:
    steps = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for step in ("check --deploy", "migrate", "first_administrator NAME", "load_catalogue", "TRUSTED_PROXIES"):
        assert step in steps.partition("## First start")[2].partition("## Alarms")[0], step
    manage(production, "check", "--deploy", "--fail-level", "WARNING")
    manage(production, "migrate", "--noinput")
    printed = manage(production, "first_administrator", "root")
    manage(production, "load_catalogue")
    manage(production, "collectstatic", "--noinput")  # in the image, it is made with it
    password = re.search(r"^Password +(\S+)$", printed, re.M)
    assert password
    certificate, key = write_certificate(tmp_path)
    inner = random_free()
    port = urlsplit(production["PUBLIC_BASE_URL"]).port
    assert port is not None
    web = subprocess.Popen(commands.web(inner), env=production, cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{inner}/healthz")
        with tls_proxy(port, to=inner, certificate=certificate, key=key):
            walk_in(production["PUBLIC_BASE_URL"], certificate, password[1])
    finally:
        web.terminate()
        web.wait(60)


def walk_in(base: str, certificate: Path, password: str) -> None:
    """Steps 3 and 4: sign in, give another person an account and a role; that person signs in."""
    root = Person(base, certificate)
    assert root.get("/").status_code == 200, "no page redirects to itself"
    root.sign_in("root", password)
    overview = root.get("/admin/")
    assert overview.url == f"{base}/admin/"
    assert "no-store" in overview.headers["Cache-Control"]
    new = "made-by-the-first-1"
    root.fill_in("/admin/auth/user/add/", username="minji", password1=new, password2=new)
    account = re.search(r"/admin/auth/user/(\d+)/change/", root.get("/admin/auth/user/?q=minji").text)
    assert account
    page = root.get(account[0])
    role = re.search(rf'<option value="(\d+)"[^>]*>{re.escape(APPROVER)}', page.text)
    assert role
    root.fill_in(account[0], is_staff="on", groups=role[1])
    minji = Person(base, certificate)
    minji.sign_in("minji", new)
    assert minji.get("/admin/subscriptions/datatypeversion/").status_code == 200
    assert minji.get("/admin/auth/user/").status_code == 403
