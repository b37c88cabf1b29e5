import time
import pytest
import tests.test_hostile_input as H

globals().update({k: v for k, v in vars(H).items() if not k.startswith(("test_", "__"))})
from tests.test_hostile_input import provider, sandbox, sandbox_process, house

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.mark.parametrize(
    ("who", "path"),
    [("stranger", "/sign-up/"), ("stranger", "/"), ("newcomer", "/sign-up/channels/"), ("official", "/officials/")],
)
def test_t(client, who, path):
    WHO[who](client)
    page = answered(client.get(path))
    forms = FormReader(page.content.decode()).forms
    names = set().union(*(form.names for form in forms))
    for n, value in VALUES.items():
        typed = value.encode(errors="surrogatepass")
        t = time.time()
        client.get(path, {name: typed for name in ("q", "page", "next", "back", "ref")})
        a = time.time() - t
        t = time.time()
        client.post(path, {name: typed for name in names})
        b = time.time() - t
        t = time.time()
        client.post(path, {name: [typed, b"1", typed] for name in names})
        c = time.time() - t
        if a + b + c > 0.1:
            print(who, path, n, round(a, 3), round(b, 3), round(c, 3), len(names))
    for n, (body, kind) in BODIES.items():
        t = time.time()
        client.generic("POST", path, body, content_type=kind)
        a = time.time() - t
        if a > 0.1:
            print(who, path, n, a)
