"""A mail server for tests: keeps every message it takes as N.eml beside N.rcpt (its recipients, one a line).

    python3 smtp_sink.py PORT FOLDER plain|starttls|tls [CERTIFICATE KEY USER PASSWORD]

With a certificate it asks for TLS, by STARTTLS or from the start, and for a login within it. 127.0.0.2 stands for a
server elsewhere.
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = os.path.join(self.folder, str(self.count))
        with open(name + ".rcpt", "w", encoding="utf-8") as file:
            file.write("\n".join(envelope.rcpt_tos))
        with open(name + ".part", "wb") as file:
            file.write(envelope.content)
        os.rename(name + ".part", name + ".eml")
        return "250 kept"


def knows(user, password):
    def authenticate(server, session, envelope, mechanism, given):
        right = (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False)

    return authenticate


def options(mode, arguments):
    if mode == "plain":
        return {}, None
    certificate, key, user, password = arguments
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    secret = {"authenticator": knows(user, password), "auth_required": True}
    if mode == "starttls":
        return {**secret, "tls_context": context, "require_starttls": True}, None
    return {**secret, "auth_require_tls": False}, context  # it is under TLS from the first byte


async def main():
    port, folder, mode, *rest = sys.argv[1:]
    keeper = Keeper(folder)
    settings, context = options(mode, rest)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, **settings), ["127.0.0.1", "127.0.0.2"], int(port), ssl=context)
    await server.serve_forever()


asyncio.run(main())
