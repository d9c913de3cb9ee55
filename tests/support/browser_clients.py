"""A person at a browser: signs up, signs in, opens the links in their e-mails."""

import base64
import hashlib
import hmac
import re
import struct
import time

from django.core import mail
from django.test import Client
from django.urls import reverse

PASSWORD = "a long pass phrase"
LINK = re.compile(r"http://[^/\s]+(/\S+)")


class BrowserPerson:
    """One browser of one person."""

    def __init__(self, email="alice@example.com", password=PASSWORD, browser="Firefox"):
        self.email = email
        self.password = password
        self.client = Client(HTTP_USER_AGENT=browser, HTTP_HOST="localhost")

    def get(self, page, *args):
        return self.client.get(reverse(page, args=args), follow=True)

    def post(self, page, *args, **fields):
        return self.client.post(reverse(page, args=args), fields, follow=True)

    def sign_up(self):
        return self.post("account_signup", email=self.email, password1=self.password)

    def sign_in(self, **changed):
        fields = {"login": self.email, "password": self.password, **changed}
        return self.post("account_login", **fields)

    def sign_out(self):
        return self.post("account_logout")

    def confirm(self):
        """Open the link of the latest e-mail and press its button."""
        return self.client.post(latest_link(), follow=True)

    @property
    def is_signed_in(self):
        return "_auth_user_id" in self.client.session


def latest_link():
    """The path of the link in the e-mail that came last."""
    return LINK.search(mail.outbox[-1].body)[1]


def totp_code(secret, timestamp=None):
    """The six digits that an authenticator app shows (RFC 6238)."""
    counter = int((timestamp or time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
