"""The real parts of a benchmark: Evently servers, nginx, wrk and pgbench, all on loopback, gone with close()."""
import os
import re
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PG_BIN = max(("/usr/lib/postgresql/" + v for v in os.listdir("/usr/lib/postgresql")), key=lambda p: int(p.rsplit("/", 1)[1])) + "/bin/"


def say(text):
    print(f"bench: {text}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# One address asks for all the world: the limits stay on, and count, but are out of reach.
LIMITS = ["--limit", "global=1000000000/900", "--limit", "read=1000000000/60", "--limit", "booking=64/1",
          "--limit", "register=1000000000/60", "--limit", "auth=64/1"]
# Without rate limits and detection: every tier of the documented table off.
TIERS = re.findall(r"^\| `([a-z-]+)` \| `\d", open(HERE + "/../docs/limits.md").read(), re.M)
BARE = [word for tier in TIERS for word in ("--limit", tier + "=off")] + ["--detection", "off", "--block-scope", "off"]


def p99_of(printed):
    """Milliseconds, of what wrk --latency prints."""
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", printed)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


class Server:
    """`evently serve` on a data directory of its own, settings as shipped: fsync and synchronous_commit on."""

    def __init__(self, program, folder, name, extra=(), limits=LIMITS):
        self.data = os.path.join(folder, name)
        self.program = program
        out = self.data + ".out"
        command = [program, "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0", "--operations-listen", "127.0.0.1:0",
                   *limits, *extra]
        self.process = subprocess.Popen(command, stdout=open(out, "w"), stderr=open(self.data + ".log", "w"), start_new_session=True)
        self.base = self._wait_for(out)

    def _wait_for(self, out):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(r"^ready on (\S+)", open(out).read(), re.M)
            if found:
                return found[1]
            if self.process.poll() is not None:
                raise RuntimeError(open(self.data + ".log").read()[-500:])
            time.sleep(0.05)
        raise RuntimeError("the server does not become ready")

    def prepare(self, **plan):
        """Runs `evently bench prepare`; returns the tokens' file and the new events' ids."""
        before = set(self.sql("SELECT id FROM core.events").split())
        tokens = f"{self.data}-tokens-{len(before)}"
        words = [word for key, value in plan.items() for word in ("--" + key, str(value))]
        subprocess.run([self.program, "bench", "prepare", "--data-dir", self.data, "--tokens", tokens, *words], check=True, stdout=subprocess.DEVNULL)
        made = [one for one in self.sql("SELECT id FROM core.events").split() if one not in before]
        return tokens, made

    def environment(self):
        password = open(self.data + "/secrets/database.evently_superuser").read().strip()
        run = self.data + "/run"
        return dict(os.environ, PGHOST=run, PGUSER="evently_superuser", PGPASSWORD=password, PGDATABASE="evently")

    def sql(self, text, database="evently"):
        return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text], env=self.environment(), check=True, capture_output=True, text=True).stdout

    def seats_taken(self):
        return int(self.sql("SELECT sum(capacity - available) FROM core.event_inventory"))

    def settle(self):
        """Autovacuum and the checkpointer would do it in the middle of a measurement. And a server that has run for a while
        has min_wal_size of write-ahead log to reuse: a new one would write each file twice, for both sides."""
        self.sql("SELECT count(pg_logical_emit_message(false, 'fill', repeat('x', 1000000))) FROM generate_series(1, 1000)")
        self.sql("VACUUM ANALYZE")
        self.sql("CHECKPOINT")

    def resident_mib(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Nginx:
    """Serves a folder's files; one worker a core, no access log: its fastest honest form."""

    def __init__(self, folder):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w") as file:
            file.write(f"daemon off; user {'root' if os.getuid() == 0 else 'nobody'}; worker_processes auto; pid {folder}/nginx.pid;\n"
                       f"error_log {folder}/nginx.log; events {{ worker_connections 4096; }}\n"
                       f"http {{ access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; {temporary}\n"
                       f"open_file_cache max=100; default_type application/json;\n"
                       f"server {{ listen 127.0.0.1:{self.port} reuseport backlog=4096; root {folder}/files; }} }}\n")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", config, "-e", folder + "/nginx.log"], start_new_session=True)
        deadline = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", self.port)) != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("nginx does not start")
            time.sleep(0.05)

    def close(self):
        self.process.terminate()
        self.process.wait(10)


class Bench:
    """What a run shares: options, a folder, the servers that must end, the commands that were run."""

    def __init__(self, options, folder):
        self.options = options
        os.chmod(folder, 0o711)
        self.folder = folder
        self.commands = []
        self._parts = []

    def keep(self, part):
        self._parts.append(part)
        return part

    def server(self, name, extra=(), limits=LIMITS):
        return self.keep(Server(self.options.program, self.folder, name, extra, limits))

    def close(self):
        for part in reversed(self._parts):
            part.close()

    def _note(self, command):
        text = " ".join(command).replace(self.folder, "$FOLDER").replace(HERE, "bench")
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
        if text not in self.commands:
            self.commands.append(text)

    def wrk(self, url, connections, script=None, environment=None, seconds=None):
        seconds = seconds or self.options.seconds
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *(["-s", f"{HERE}/{script}"] if script else []), url]
        self._note(command)
        run = subprocess.run(command, env=dict(os.environ, **(environment or {})), check=True, capture_output=True, text=True)
        return run.stdout

    def book(self, server, tokens, events, connections, **more):
        """Bookings per second, and their p99 in ms."""
        file = tokens + ".events"
        with open(file, "w") as out:
            out.write("\n".join(events) + "\n")
        before = server.seats_taken()
        printed = self.wrk(server.base, connections, "book.lua", {"TOKENS": tokens, "EVENTS": file, **more})
        found = re.search(r"confirmed_per_second (\S+) not_confirmed (\d+) socket_errors (\d+)", printed)
        if int(found[2]) or int(found[3]):
            raise RuntimeError("not every booking was confirmed: " + found[0])
        if server.seats_taken() - before < float(found[1]) * self.options.seconds:
            raise RuntimeError("fewer seats are taken than were confirmed")
        return float(found[1]), p99_of(printed)

    def bookings_per_second(self, server, tokens, events, connections=128):
        return self.book(server, tokens, events, connections)[0]

    def reads_per_second(self, url, connections):
        printed = self.wrk(url, connections)
        if "Non-2xx" in printed or "Socket errors" in printed:
            raise RuntimeError(printed)
        return float(re.search(r"Requests/sec:\s+(\S+)", printed)[1])

    def p99_ms(self, url, connections):
        return p99_of(self.wrk(url, connections))

    def pgbench(self, server, clients):
        command = [PG_BIN + "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(self.options.seconds),
                   "-f", HERE + "/usual_design.pgbench", "usual"]
        self._note(command)
        printed = subprocess.run(command, env=server.environment(), check=True, capture_output=True, text=True).stdout
        return float(re.search(r"tps = (\S+)", printed)[1])
