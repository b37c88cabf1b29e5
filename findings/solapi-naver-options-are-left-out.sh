#!/bin/sh
# solapi 5.0.3: a message of the type NSA (Naver's notifications) takes `naver_options` without an error and is sent
# without them: no template, no values. The Kakao options of the same call are sent.
# findings/README.md
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check solapi==5.0.3
"$work/venv/bin/python" - <<'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from threading import Thread

from solapi import SolapiMessageService
from solapi.model import KakaoOption, RequestMessage
from solapi.model.message_type import MessageType
from solapi.model.naver.naver_option import NaverOption

bodies = []


class Gateway(BaseHTTPRequestHandler):
    def do_POST(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answer = b'{"errorCode": "Recorded", "errorMessage": "nothing is sent here"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Gateway)
Thread(target=server.serve_forever, daemon=True).start()
service = SolapiMessageService("KEY", "SECRET")
service.base_url = f"http://127.0.0.1:{server.server_port}"
values = {"이름": "홍길동"}
naver = NaverOption(talk_id="TALK", template_id="TEMPLATE", variables=values)
kakao = KakaoOption(pf_id="PROFILE", template_id="TEMPLATE", variables=values)
for kind, options in ((MessageType.NSA, {"naver_options": naver}), (MessageType.ATA, {"kakao_options": kakao})):
    message = RequestMessage(to="01000000001", from_="0210000000", type=kind, **options)
    try:
        service.send(message)
    except Exception as recorded:
        assert recorded.args[0] == "Recorded", recorded
nsa, ata = (body["messages"][0] for body in bodies)
print("solapi", version("solapi"))
print("NSA, with a template and values:", json.dumps(nsa, ensure_ascii=False))
print("ATA, with a template and values:", json.dumps(ata, ensure_ascii=False))
assert ata["kakaoOptions"]["templateId"] == "TEMPLATE"
assert nsa["type"] == "NSA" and "TEMPLATE" not in json.dumps(nsa), "it changed"
PYTHON
