"""A headless Chromium of the test's own, driven over its DevTools pipe: no port, and when the pipe closes it ends."""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

LIMIT = 60  # seconds for one answer; a busy machine needs a few


class Chromium:
    def __init__(self, options):
        self.folder = tempfile.mkdtemp(prefix="evently-chromium-")
        to_read, self.out = os.pipe()
        self.into, to_write = os.pipe()

        def adopt():  # the pipe's ends are 3 and 4, by Chromium's convention
            high = [os.dup(to_read), os.dup(to_write)]
            spare = [os.dup(fd) for fd in high]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        command = ["chromium", "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.folder}",
                   "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", "--no-first-run", *options]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # it refuses root otherwise
        self.log = open(os.path.join(self.folder, "output"), "w+b")
        self.process = subprocess.Popen(command, preexec_fn=adopt, close_fds=False, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env={**os.environ, "HOME": self.folder})
        os.close(to_read)
        os.close(to_write)
        self.buffer = b""
        self.number = 0
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        os.close(self.out)
        os.close(self.into)
        if kind:
            self.log.seek(0)
            print("chromium says:", self.log.read()[-3000:].decode(errors="replace"))
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # helpers that stayed
        except ProcessLookupError:
            pass
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _message(self, end):
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                raise TimeoutError("Chromium does not answer")
            got = os.read(self.into, 1 << 16)
            if not got:
                raise EOFError("Chromium has ended")
            self.buffer += got
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + LIMIT
        while True:
            answer = self._message(end)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def event(self, wanted):
        """The first event for which wanted(method, parameters), seen or yet to come."""
        end = time.monotonic() + LIMIT
        at = 0
        while True:
            while at < len(self.events):
                method, parameters = self.events[at].get("method"), self.events[at].get("params", {})
                if wanted(method, parameters):
                    return parameters
                at += 1
            self.events.append(self._message(end))


class Page:
    """A tab."""

    def __init__(self, browser):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def open(self, address):
        self.browser.events.clear()
        moved = self.call("Page.navigate", url=address)
        if "errorText" in moved:
            raise RuntimeError(f"{address}: {moved['errorText']}")
        self.browser.event(lambda method, _: method == "Page.loadEventFired")

    def run(self, script):
        """What the script, an async function's body, returns."""
        done = self.call("Runtime.evaluate", expression="(async () => {" + script + "})()", awaitPromise=True,
                         returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def until(self, condition):
        """Waits for an expression to be true."""
        self.run(f"const end = Date.now() + {LIMIT * 1000}; while (!({condition})) {{ if (Date.now() > end) "
                 "throw new Error('in vain'); await new Promise(later => setTimeout(later, 20)); }")

    def request_to(self, address, method="POST"):
        """Id of the last request of that method to the address."""
        found = [e["params"]["requestId"] for e in self.browser.events if e.get("method") ==
                 "Network.requestWillBeSent" and e["params"]["request"]["url"] == address and
                 e["params"]["request"]["method"] == method]
        return found[-1]

    def status_of(self, request):
        """As it came over the wire, also where the page may not see it."""
        return self.browser.event(lambda method, p: method == "Network.responseReceivedExtraInfo" and
                                  p["requestId"] == request)["statusCode"]

    def cookies_of(self, request):
        """name -> reasons for which it was kept back; none: it was sent."""
        sent = self.browser.event(lambda method, p: method == "Network.requestWillBeSentExtraInfo" and
                                  p["requestId"] == request)
        return {c["cookie"]["name"]: c["blockedReasons"] for c in sent["associatedCookies"]}
