"""What a real browser does with our cookies and our policy: browser_truth.py SCENARIO BASE CERTIFICATE KEY"""
import base64
import contextlib
import http.server
import signal
import ssl
import subprocess
import sys
import threading
import uuid

from chromium import Chromium, Page

scenario, base, certificate, key = sys.argv[1:5]
PASSWORD = "correct horse battery"


def expect(what, is_so, seen=""):
    if not is_so:
        raise AssertionError(f"{what}: {seen}")
    print("ok", what)


def pinned():
    """Only this certificate counts as trusted, so that the pages are as secure as with a real one."""
    shown = subprocess.run(f"openssl x509 -in {certificate} -noout -pubkey | openssl pkey -pubin -outform der | "
                           "openssl dgst -sha256 -binary", shell=True, check=True, capture_output=True).stdout
    return [f"--ignore-certificate-errors-spki-list={base64.b64encode(shown).decode()}",
            "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP * ~NOTFOUND , EXCLUDE localhost, EXCLUDE 127.0.0.1"]


class BlankPage(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"<!doctype html><title>evil</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def other_site(secure):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), BlankPage)
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


POST = """const post = async (path, body) => {
  const token = (await (await fetch('/api/v1/auth/csrf')).json()).csrf_token;
  return fetch(path, {method: 'POST', body: JSON.stringify(body),
                      headers: {'Content-Type': 'application/json', 'X-CSRF-Token': token}});
};
"""


def sign_in(page):
    """Registers and signs in as a page of ours would."""
    name = uuid.uuid4().hex
    page.open(base + "/docs")
    status = page.run(POST + f"""
      const who = {{email: '{name}@example.org', password: '{PASSWORD}'}};
      const made = await post('/api/v1/auth/register', {{...who, name: 'Ada'}});
      return [made.status, (await post('/api/v1/auth/login', who)).status];""")
    expect("she registers and signs in by cookie", status == [201, 200], status)


def who(page):
    return page.run("return (await fetch('/api/v1/me')).status")


def cookies(browser):
    """The session cookie is kept, sent back, and out of the page's reach."""
    page = Page(browser)
    sign_in(page)
    kept = {c["name"]: c for c in page.call("Network.getCookies", urls=[base])["cookies"]}
    session = kept.get("__Host-evently_session")
    expect("the session cookie is stored", session is not None, list(kept))
    expect("it is HttpOnly, Secure and strict", session["httpOnly"] and session["secure"] and
           session["sameSite"] == "Strict" and session["path"] == "/", session)
    expect("every cookie of ours is", all(c["httpOnly"] and c["secure"] and c["sameSite"] == "Strict" and
           n.startswith("__Host-") for n, c in kept.items()), kept)
    expect("it comes back and opens the account", who(page) == 200)
    sent = page.cookies_of(page.request_to(base + "/api/v1/me", "GET"))
    expect("the browser sent it", sent.get("__Host-evently_session") == [], sent)
    expect("a script sees none", page.run("return document.cookie") == "")
    page.run("document.cookie = '__Host-evently_session=forged; Path=/; Secure';")
    expect("a script replaces none", who(page) == 200)
    gone = page.run(POST + "return (await post('/api/v1/auth/logout', {})).status")
    left = {c["name"] for c in page.call("Network.getCookies", urls=[base])["cookies"]}
    expect("after sign-out it is gone", gone == 204 and "__Host-evently_session" not in left, (gone, left))
    expect("the mark of a known device was there and stays", "__Host-evently_device" in left and
           "__Host-evently_device" in kept, (list(kept), left))
    expect("and the account is closed", who(page) == 401)


def attack(page, event):
    """Everything a page can send to another origin without its leave."""
    wish = f'{{"event_id":"{event}","quantity":1}}'
    seen = {}
    for path in ("/api/v1/bookings", "/api/v1/auth/logout", "/api/v1/auth/login"):
        page.run(f"await fetch('{base}{path}', {{method: 'POST', mode: 'no-cors', credentials: 'include', "
                 f"headers: {{'Content-Type': 'text/plain'}}, body: '{wish}'}}).catch(() => {{}});")
        request = page.request_to(base + path)
        seen[path] = page.status_of(request)
        sent = page.cookies_of(request)
        page.run(f"""const add = (to, tag, more) => to.appendChild(Object.assign(document.createElement(tag), more));
          add(document.body, 'iframe', {{name: '{path}'}});
          const form = add(document.body, 'form',
                           {{action: '{base}{path}', method: 'POST', enctype: 'text/plain', target: '{path}'}});
          add(form, 'input', {{name: '{wish[:-1]},"x":"', value: '"}}'}});
          form.submit();""")
        page.browser.event(lambda method, p, path=path: method == "Network.requestWillBeSent" and
                           p["request"]["url"] == base + path and p["type"] == "Document")
        seen["form " + path] = page.status_of(page.request_to(base + path))
    expect("what it can send is refused", all(s in (401, 403, 415) for s in seen.values()), seen)
    for call in (f"fetch('{base}/api/v1/bookings', {{method: 'POST', credentials: 'include', body: '{wish}', "
                 "headers: {'Content-Type': 'application/json'}})",
                 f"fetch('{base}/api/v1/me', {{credentials: 'include'}})"):
        blocked = page.run(f"try {{ await {call}; return false; }} catch (e) {{ return e instanceof TypeError; }}")
        expect("JSON is not sent, an answer is not read", blocked)
    return sent


def forgery(browser):
    """Pages of another site, and of another port of our host, act for nobody."""
    ours = Page(browser)
    sign_in(ours)
    event = ours.run("return (await (await fetch('/api/v1/events?limit=1')).json()).items[0].id")
    with other_site(secure=False) as far, other_site(secure=True) as near:
        for address, is_sent in ((f"http://evil.test:{far}/", False), (f"https://localhost:{near}/", True)):
            print("from", address)
            theirs = Page(browser)
            theirs.open(address)
            reasons = attack(theirs, event).get("__Host-evently_session")
            expect("the strict cookie goes with it only from the same site", (reasons == []) == is_sent, reasons)
    expect("she is still signed in", who(ours) == 200)
    count = ours.run("return (await (await fetch('/api/v1/bookings')).json()).items.length")
    expect("nothing was booked", count == 0, count)
    mine = ours.run(POST + f"return (await post('/api/v1/bookings', {{event_id: '{event}', quantity: 1}})).status")
    expect("the same from our own page is booked", mine == 201, mine)


def policy(browser):
    """/docs works under its policy, and what is smuggled into it does not run."""
    page = Page(browser)
    page.call("Page.addScriptToEvaluateOnNewDocument", source="""window.stopped = [];
      document.addEventListener('securitypolicyviolation', e => stopped.push(e.effectiveDirective));""")
    page.open(base + "/docs")
    page.until("document.querySelectorAll('article.operation').length > 20")
    expect("the page is styled", page.run("return document.styleSheets[0].cssRules.length") > 5)
    expect("nothing of it was stopped", page.run("return stopped") == [], page.run("return stopped"))
    with other_site(secure=True) as port:
        page.run(f"""
          const add = (tag, more) => document.body.append(Object.assign(document.createElement(tag), more));
          add('script', {{textContent: 'window.ran = "inline"'}});
          add('script', {{src: 'https://localhost:{port}/evil.js'}});
          document.body.insertAdjacentHTML('beforeend', '<b id=hot onclick="window.ran = 1">x</b>');
          document.getElementById('hot').click();
          add('iframe', {{src: 'https://localhost:{port}/'}});
          try {{ await fetch('https://localhost:{port}/leak'); window.ran = 'leak'; }} catch (e) {{ }}""")
        wanted = {"script-src-elem", "script-src-attr", "frame-src", "connect-src"}
        page.until("stopped.length >= 5")
    expect("all five were stopped", set(page.run("return stopped")) == wanted, page.run("return stopped"))
    expect("none has run", page.run("return window.ran === undefined"))


signal.signal(signal.SIGTERM, lambda *_: sys.exit("out of time"))
with Chromium(pinned()) as chromium:
    {"cookies": cookies, "forgery": forgery, "policy": policy}[scenario](chromium)
