"""The measurements. Each takes both sides in turns, so that a slow minute of the machine hits both."""
import dataclasses
import os
import re
import resource
import socket
import statistics
import subprocess

from parts import BARE, HERE, Nginx, say

SEATS = 4_000_000
PEOPLE = 100_000  # so many that a run's bookings are a handful each, as they are in a rush on one event
LIST = "/api/v1/events?limit=20"


@dataclasses.dataclass
class Row:
    what: str
    figure: str
    wanted: str
    verdict: str


def at_least(what, figure, wanted):
    return Row(what, f"{figure:.2f}", f">= {wanted}", "ok" if figure >= wanted else "MISSED")


def at_most(what, figure, wanted, unit=""):
    return Row(what, f"{figure:.2f}{unit}", f"<= {wanted}{unit}", "ok" if figure <= wanted else "MISSED")


def in_turns(bench, left, right):
    """Medians of both sides, measured left, right, left, right, …"""
    pairs = [(left(), right()) for _ in range(bench.options.turns)]
    for one, other in pairs:
        say(f"  {one:10.1f} {other:10.1f}")
    return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs)


def require_durable(server):
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        value = server.sql("SHOW " + setting).strip()
        if value != "on":
            raise RuntimeError(f"{setting} is {value}: that would be no fair measurement")


def hot_event(bench):
    say("bookings on one hot event over HTTP, and the usual design in SQL")
    server = bench.server("hot")
    require_durable(server)
    tokens, events = server.prepare(users=PEOPLE, events=1, seats=SEATS)
    server.sql("CREATE DATABASE usual")
    server.sql(open(HERE + "/usual_design.sql").read(), "usual")
    server.settle()
    ours, usual = in_turns(bench, lambda: bench.bookings_per_second(server, tokens, events), lambda: bench.pgbench(server, 16))
    few = bench.bookings_per_second(server, tokens, events, connections=16)
    verified = subprocess.run([bench.options.program, "verify", "--data-dir", server.data], capture_output=True, text=True)
    if verified.returncode != 0:
        raise RuntimeError(verified.stdout)
    server.close()
    return [at_least("bookings/s over HTTP on one hot event / pgbench SELECT ... FOR UPDATE, 16 clients", ours / usual, 6),
            Row("  the same with 16 HTTP connections only", f"{few / usual:.2f}", "", "told")]


def hundred_events(bench):
    say("bookings spread over 100 events, and on one")
    server = bench.server("spread")
    tokens, events = server.prepare(users=PEOPLE, events=101, seats=SEATS)
    server.settle()
    spread, hot = in_turns(bench, lambda: bench.bookings_per_second(server, tokens, events[1:]),
                           lambda: bench.bookings_per_second(server, tokens, events[:1]))
    server.close()
    return [at_least("bookings/s spread over 100 events / on one hot event", spread / hot, 0.8)]


def full_table(bench):
    there = bench.options.bookings
    say(f"bookings on a hot event that has {there} bookings, and on one that has none")
    full, empty = bench.server("full"), bench.server("empty")
    sides = {}
    for server, bookings in ((full, there), (empty, 0)):
        tokens, events = server.prepare(users=PEOPLE, events=1, seats=SEATS, bookings=bookings)
        server.settle()
        sides[server] = lambda server=server, tokens=tokens, events=events: bench.bookings_per_second(server, tokens, events)
    with_many, with_none = in_turns(bench, sides[full], sides[empty])
    full.close()
    empty.close()
    return [at_least(f"bookings/s on a hot event with {there:,} bookings there / with none", with_many / with_none, 0.85)]


def event_list(bench):
    say("the event list from memory, and nginx serving the same bytes")
    server = bench.server("list", ("--sample-events", HERE + "/../samples/events.ndjson"))
    files = os.path.join(bench.folder, "files")
    os.makedirs(files)
    body = subprocess.run(["curl", "-sf", server.base + LIST], check=True, capture_output=True).stdout
    with open(files + "/events.json", "wb") as out:
        out.write(body)
    nginx = bench.keep(Nginx(bench.folder))
    ours, theirs = in_turns(bench, lambda: bench.reads_per_second(server.base + LIST, 64),
                            lambda: bench.reads_per_second(nginx.base + "/events.json", 64))
    server.close()
    return [at_least(f"GET {LIST} from memory / nginx, the same {len(body):,} bytes as a file", ours / theirs, 0.8)]


def busy_logins(bench):
    say("p99 of the event list while 500 sign-ins/s saturate the hashing pool, and without")
    server = bench.server("logins")
    server.prepare(users=1000, events=50, seats=100)

    def saturated():
        attack = subprocess.Popen(["wrk", "-t1", "-c64", f"-d{bench.options.seconds + 4}s", "-s", HERE + "/sign_in.lua", server.base],
                                  stdout=subprocess.DEVNULL)
        figure = bench.p99_ms(server.base + LIST, 16)
        attack.wait()
        return figure

    busy, calm = in_turns(bench, saturated, lambda: bench.p99_ms(server.base + LIST, 16))
    server.close()
    return [at_most("p99 of GET /api/v1/events while the login pool is saturated / without", busy / calm, 2)]


def cost(bench):
    say("bookings and the event list with rate limits and detection on, and with both off")
    samples = ("--sample-events", HERE + "/../samples/events.ndjson")
    sides = []
    for server in (bench.server("guarded", samples), bench.server("bare", samples, BARE)):
        tokens, events = server.prepare(users=PEOPLE, events=1, seats=SEATS)
        server.settle()
        sides.append((server, tokens, events))
    on, off = in_turns(bench, *(lambda side=side: bench.bookings_per_second(*side) for side in sides))
    reads_on, reads_off = in_turns(bench, *(lambda side=side: bench.reads_per_second(side[0].base + LIST, 64) for side in sides))
    for server, _, _ in sides:
        server.close()
    return [at_least("bookings/s with rate limits and detection on / off", on / off, 0.9),
            at_least(f"GET {LIST} with rate limits and detection on / off", reads_on / reads_off, 0.9)]


def flood(bench):
    say("p99 of 400 bookings/s while another address sends 5000 requests/s that are refused, and without")
    server = bench.server("flood", ("--behind-proxy", "127.0.0.0/8"), ["--limit", "booking=64/1"])  # `global` as shipped
    tokens, events = server.prepare(users=PEOPLE, events=1, seats=SEATS)
    server.settle()

    def calm():
        return bench.book(server, tokens, events, 16, PACE="40", NETWORKS="250")[1]

    def flooded():
        attack = subprocess.Popen(["wrk", "-t1", "-c64", f"-d{bench.options.seconds + 4}s", "-s", HERE + "/flood.lua", server.base],
                                  stdout=subprocess.PIPE, text=True)
        figure = calm()
        sent = re.search(r"refused (\d+) other (\d+)", attack.communicate()[0])
        if int(sent[1]) < 9 * int(sent[2]):
            raise RuntimeError("the flood was not refused: " + sent[0])
        return figure

    under, without = in_turns(bench, flooded, calm)
    server.close()
    return [at_most("p99 of bookings while another address floods refused requests / without", under / without, 2),
            Row("  p99 without the flood", f"{without:.1f} ms", "", "told")]


def idle_connections(bench, count=10_000):
    say(f"memory with {count} idle keep-alive connections")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = bench.server("idle", ("--sample-events", HERE + "/../samples/events.ndjson"))
    address = server.base.split("//")[1].split(":")
    connections = []
    for _ in range(count):
        connection = socket.create_connection((address[0], int(address[1])))
        connection.sendall(f"GET {LIST} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
        length = int(answer.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        while len(answer) < answer.index(b"\r\n\r\n") + 4 + length:
            answer += connection.recv(65536)
        connections.append(connection)
    figure = server.resident_mib()
    for connection in connections:
        connection.close()
    server.close()
    return [at_most("resident memory with 10,000 idle keep-alive connections", figure, 300, " MiB")]


MEASURES = {"hot": hot_event, "spread": hundred_events, "full": full_table, "list": event_list, "logins": busy_logins, "idle": idle_connections,
            "cost": cost, "flood": flood}
