#!/bin/sh
# pycurl 7.49.0 (libcurl 8.23.0): a POST whose answer is lost on a kept connection is sent again: no error, one call, twice
# taken. requests 2.34.2 reports an error and sends nothing again.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pycurl==7.49.0 requests==2.34.2
"$work/venv/bin/python" - <<'PYTHON'
import io
import socket
import threading

import pycurl
import requests

taken: list[str] = []


def answer(connection: socket.socket) -> None:
    """A gateway that takes each message, and whose connection once breaks after that, before it has answered."""
    with connection, connection.makefile("rb") as stream:
        while stream.readline():
            length = 0
            while line := stream.readline().strip():
                name, value = line.split(b":", 1)
                length = int(value) if name.lower() == b"content-length" else length
            body = stream.read(length).decode()
            taken.append(body)
            if body == "message 2" and taken.count(body) == 1:
                return
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken")


def serve(server: socket.socket) -> None:
    while True:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()


server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(server,), daemon=True).start()
address = f"http://127.0.0.1:{server.getsockname()[1]}/send"


def by_curl(messages: list[str]) -> list[str]:
    curl, said = pycurl.Curl(), []
    curl.setopt(pycurl.URL, address)
    curl.setopt(pycurl.PROXY, "")
    for message in messages:
        body = io.BytesIO()
        curl.setopt(pycurl.POSTFIELDS, message)
        curl.setopt(pycurl.WRITEDATA, body)
        try:
            curl.perform()
            said.append(f"{curl.getinfo(pycurl.RESPONSE_CODE)} {body.getvalue().decode()}")
        except pycurl.error as error:
            said.append(f"error {error.args[0]}")
    return said


def by_requests(messages: list[str]) -> list[str]:
    said = []
    with requests.Session() as session:
        session.trust_env = False
        for message in messages:
            try:
                said.append(f"200 {session.post(address, data=message).text}")
            except requests.RequestException as error:
                said.append(type(error).__name__)
    return said


print(pycurl.version.split(" Open")[0], "· requests", requests.__version__)
SEEN = {
    by_curl: (["200 taken", "200 taken"], ["message 1", "message 2", "message 2"]),
    by_requests: (["200 taken", "ConnectionError"], ["message 1", "message 2"]),
}
for client, seen in SEEN.items():
    taken.clear()
    said = client(["message 1", "message 2"])
    print(f"{client.__name__}: answers {said}, taken {taken}")
    assert (said, taken) == seen, "it changed"
PYTHON
