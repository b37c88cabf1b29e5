"""A sandbox of one's own for a test: a real process on free ports with its own folder.

with SandboxProcess(tmp_path) as sandbox:
    sandbox.fault("nhn", "lose_answer", count=1)
    ...
    assert sandbox.messages(gateway="nhn")["total"] == 3
"""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from sandbox.state import credentials
from secretary.local.embedded.ports import random_free

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, STOP_SECONDS = 300, 300


class SandboxProcess:
    """Starts on entering, stops on leaving. `callback_base` is where NHN and Solapi send their receipts."""

    def __init__(self, data: Path, *, callback_base: str = "", receipt_delay: float = 0.05) -> None:
        self.data = data / "sandbox"
        self.port, self.tls_port = random_free(), random_free()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = ["--callback-base", callback_base, "--receipt-delay", str(receipt_delay)]
        self._process: subprocess.Popen[bytes] | None = None
        self._callback_base = callback_base
        self._changed: set[str] = set()  # addresses to which a test has written since they were restored

    def __enter__(self) -> "SandboxProcess":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """What the product needs in its environment to talk to this sandbox."""
        return credentials.environment(host="127.0.0.1", port=self.port, tls_port=self.tls_port, data=self.data)

    def start(self) -> None:
        address = ["--data", str(self.data), "--port", str(self.port), "--tls-port", str(self.tls_port)]
        command = [sys.executable, "-m", "sandbox", "serve", *address, *self._options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.kill()  # it was not entered, so no exit does it
            raise

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: what was answered must be there after the next `start`."""
        self._end(signal.SIGKILL)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """JSON in, JSON out. Raises urllib.error.HTTPError."""
        if method != "GET":
            self._changed.add(path)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            raw = response.read()
        return json.loads(raw) if raw else None

    def register(self, *templates: dict[str, str]) -> None:
        """Templates: channel, code, name, title, body; approved, unless their `status` is another."""
        self.request("PUT", "/console/templates", list(templates))

    def fault(self, gateway: str, fault: str, **values: Any) -> int:
        """The id of the new rule. See sandbox/README.md for the faults and their values."""
        return int(self.request("POST", "/control/faults", {"gateway": gateway, "fault": fault, **values})["id"])

    def clear_faults(self) -> None:
        """No request where no fault was made, as before most tests."""
        if self._take("/control/faults"):
            self.request("DELETE", "/control/faults")
            self._take("/control/faults")

    def restore_handsets(self) -> None:
        for path in self._take("/control/people/"):
            self.request("PATCH", path, {"blocked": [], "not_a_user": [], "off": False})
            self._changed.discard(path)

    def restore_callback_base(self) -> None:
        if self._take("/control/settings"):
            self.settings(callback_base=self._callback_base)
            self._take("/control/settings")

    def _take(self, beginning: str) -> set[str]:
        """Return the changed addresses that begin so; they count as restored."""
        taken = {path for path in self._changed if path.startswith(beginning)}
        self._changed -= taken
        return taken

    def release_held(self) -> None:
        self.request("POST", "/control/faults/release", {})

    def settings(self, **values: Any) -> None:
        self.request("PATCH", "/control/settings", values)

    def handset(self, phone: str, **values: Any) -> None:
        """blocked=[channels], not_a_user=[channels], off=bool for the phone in any usual form."""
        self.request("PATCH", f"/control/people/{phone}", values)

    def messages(self, **filters: Any) -> Any:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self.request("GET", f"/control/messages?{query}")

    def rows(self, **filters: Any) -> list[dict[str, Any]]:
        """All rows, through all pages."""
        rows: list[dict[str, Any]] = []
        page = {"rows": [], "next": 0}
        while page["next"] is not None:
            page = self.messages(limit=5000, after=page["next"], **filters)
            rows += page["rows"]
        return rows

    def payments(self, **filters: str) -> Any:
        """{totals, duplicates, movements, payments}; filters: provider, order_id, day."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self.request("GET", f"/control/payments?{query}")

    def age_payment(self, provider: str, order_id: str, seconds: float) -> None:
        """The order's payments become that much older."""
        self.request("POST", f"/control/payments/{provider}/{order_id}/age", {"seconds": seconds})

    def _answers(self) -> bool:
        try:
            return bool(self.request("GET", "/control/health"))
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout=STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
