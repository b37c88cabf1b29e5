#!/bin/sh
# requests 2.34.2 reads a text whose header says EUC-KR without the 8,822 syllables that Windows adds (CP949): names lose
# letters without an error. Browsers read them (WHATWG, Encoding, index EUC-KR); webencodings 0.5.1, made after them, does not.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check requests==2.34.2 webencodings==0.5.1
"$work/venv/bin/python" - <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
import webencodings

NAMES = "홍길동, 홍똠방, 김뷁"  # three made-up names; 똠 and 뷁 are in CP949 alone


class Agency(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = NAMES.encode("cp949")
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=EUC-KR")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Agency)
threading.Thread(target=server.serve_forever, daemon=True).start()
with requests.Session() as session:
    session.trust_env = False
    answer = session.get(f"http://127.0.0.1:{server.server_port}/")
named, encoding = webencodings.decode(answer.content, "euc-kr")
print("requests", requests.__version__, "reads charset=EUC-KR by", answer.encoding, "as", ascii(answer.text), answer.text)
print("webencodings", webencodings.VERSION, "by", encoding.codec_info.name, "as", named)
assert answer.content.decode("cp949") == NAMES
assert answer.text == named == "홍길동, 홍\ufffdc방, 김\ufffd\ufffd", "it changed"
PYTHON
