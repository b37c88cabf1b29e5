"""Do what ./run does: servers, migrations, catalogue, sandbox, samples, then the service itself."""

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from secretary.local import commands, environment
from secretary.local.embedded import servers
from secretary.local.embedded.ports import next_free, who_answers
from secretary.local.environment import Ports
from secretary.local.files import LocalFailure, locked
from secretary.local.logs import Log
from secretary.local.options import Options
from secretary.local.reload import Reloader, Sources
from secretary.local.supervisor import Child, Interrupted, Supervisor, catch_signals, ignore_signals

STARTED_BY = "RUN_TOKEN"  # the variable that distinguishes what this start has begun from other servers
READY_SECONDS = 180.0  # on a machine with much else to do; a process that ends is noticed at once
BUSY = "another ./run uses this folder: stop it first (or give this one a folder of its own with --var)"


def up(options: Options) -> int:
    """Run until a signal comes, or with `once` to the end of the job; the exit code."""
    catch_signals()
    log = Log()
    try:
        with locked(options.var / "up.lock", busy=BUSY), ExitStack() as stack:
            stack.callback(servers.stop, options.var)
            return _Run(options, log, stack).go()
    except Interrupted:
        log.line("run", "stopped")
        return 130 if options.once else 0
    except LocalFailure as failure:
        log.line("run", str(failure))
        return 1
    except PermissionError as error:
        log.line("run", f"cannot write {error.filename}: it belongs to another user (see --var)")
        return 1


@dataclass
class _Run:
    """One run; what it starts is on `stack`, to be stopped in the opposite order."""

    options: Options
    log: Log
    stack: ExitStack

    def go(self) -> int:
        began = time.monotonic()
        try:
            ports = self._free_ports()
            values = self._values(ports)
            token = {STARTED_BY: environment.run_token()}
            supervisor = Supervisor({**environment.for_children(values), **token}, self.log)
            self.stack.callback(supervisor.stop)
            reload = Reloader(supervisor, Sources(environment.ROOT)).look if self.options.reload else None
            self._start_front(supervisor, ports, values)
            if self.options.once:
                return supervisor.run("once", self._once_command(), shown=True)
            self._start_workers(supervisor, ports)
            self._say_where(supervisor, values, time.monotonic() - began)
            supervisor.watch(reload)
        finally:
            ignore_signals()
        return 0

    def _free_ports(self) -> Ports:
        used: set[int] = set()
        web = next_free(self.options.port, used=used)
        sandbox = next_free(self.options.sandbox_port, used=used)
        tls = next_free(sandbox, used=used)
        receiver = web if self.options.once else next_free(web, used=used)
        return Ports(web, sandbox, tls, receiver)

    def _values(self, ports: Ports) -> dict[str, str]:
        """Start the servers that DATABASE_URL and REDIS_URL do not name, and print all addresses."""
        var = self.options.var
        values = environment.kept_secrets(var / "local.env")
        embedded = environment.embedded_servers()
        if embedded:
            self.log.line("run", f"starting {' and '.join(sorted(embedded))} in {var}")
            started = servers.start_apart(var, only=embedded)
            urls = {"DATABASE_URL": started.database_url, "REDIS_URL": started.redis_url}
            urls |= {environment.OWNER_URL: started.owner_url}
            values |= {name: url for name, url in urls.items() if url}
        values |= environment.addresses(ports, var)
        if not (self.options.once or self.options.hours):
            values |= environment.ANY_HOUR
        environment.write_local(var / "local.env", values)
        return values

    def _start_front(self, supervisor: Supervisor, ports: Ports, values: Mapping[str, str]) -> None:
        """Sandbox and web, with the database migrated and the samples in place."""
        var, citizens = self.options.var, ["--citizens", str(self.options.citizens)]
        today = ["--today", self.options.now[:10]] if self.options.now else []
        self._step(supervisor, "sandbox", environment.sandbox_command("people", var, *citizens, *today))
        where = ["--callback-base", supervisor.environment["PUBLIC_BASE_URL"], *environment.sandbox_ports(ports)]
        sandbox = supervisor.start("sandbox", environment.sandbox_command("serve", var, *where))
        self._wait_for(supervisor, sandbox, ports.sandbox, "--sandbox-port")
        supervisor.preload()  # meanwhile
        prepare = commands.manage("prepare", *citizens, *self._people())
        self._step(supervisor, "prepare", prepare, environment.for_owner(values))
        web = supervisor.start("web", commands.web(ports.web), forked=True)  # now that its tables are there
        self._wait_for(supervisor, web, ports.web, "--port")

    def _start_workers(self, supervisor: Supervisor, ports: Ports) -> None:
        supervisor.start("urgent", commands.worker("urgent", queues="urgent,notices", one_at_rest=True), forked=True)
        # What is urgent also goes to the other worker, where deliverers take up both processes of this one.
        feeds = commands.worker("feeds", queues="payments,feeds,urgent", one_at_rest=True)
        supervisor.start("feeds", feeds, forked=True)
        receiver = supervisor.start("receiver", commands.receiver(ports.receiver), forked=True)
        supervisor.start("beat", commands.beat(self.options.var / "celerybeat-schedule"), forked=True)
        self._wait_for(supervisor, receiver, ports.receiver, "--port")

    def _wait_for(self, supervisor: Supervisor, child: Child, port: int, option: str) -> None:
        """Wait until that child answers on the port. Raises LocalFailure, which names another server there."""
        token = supervisor.environment[STARTED_BY]
        try:
            supervisor.wait_until(child, lambda: who_answers(port) == token, seconds=READY_SECONDS)
        except LocalFailure as failure:
            if who_answers(port) in (None, token):
                raise
            words = f"{child.name}: another server has port {port}: stop it, or choose other ports with {option}"
            raise LocalFailure(words) from failure

    def _people(self) -> list[str]:
        return ["--people", str(self.options.var / "sandbox" / "people.jsonl")]

    def _step(
        self, supervisor: Supervisor, name: str, command: Sequence[str], more: Mapping[str, str] | None = None
    ) -> None:
        if supervisor.run(name, command, more=more):
            raise LocalFailure(f"{name} failed; its last lines are above")

    def _once_command(self) -> list[str]:
        json = ["--json"] if self.options.json else []
        return commands.manage("run_once", *json, *(["--now", self.options.now] if self.options.now else []))

    def _say_where(self, supervisor: Supervisor, values: dict[str, str], seconds: float) -> None:
        sys.stdout.write(f"\nThe service  {values['PUBLIC_BASE_URL']}\nThe phones   {values['SANDBOX_URL']}/phone/\n")
        sys.stdout.flush()
        supervisor.run("accounts", commands.manage("sample_accounts", *self._people()), shown=True)
        if not self.options.hours:
            sys.stdout.write(
                "Notices go out at any hour here, so that you see them; ./run --hours keeps 09:00-20:00.\n"
            )
        sys.stdout.write(f"Ready in {seconds:.0f} s. Ctrl-C stops it; the data stay in {self.options.var}.\n\n")
        sys.stdout.flush()
