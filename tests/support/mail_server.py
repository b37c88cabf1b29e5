"""A mail server of one test: it speaks SMTP on a socket of its own and keeps what it accepts."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Any


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        self._say("220 mail.test")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self._say("354 go on")
                lines = []
                while (each := self.rfile.readline()) != b".\r\n":
                    lines.append(each.removeprefix(b"."))
                server.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
                self._say("250 accepted")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb == b"RCPT" and server.full:
                self._say("452 full")
            else:
                self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: list[EmailMessage] = []
        self.full = False  # accepts no recipient

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
