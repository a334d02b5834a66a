"""Whose certificates count, on HTTP and on the feed alike."""

import os
import ssl
from functools import cache

import certifi

_WHERE = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def trusted(server: str) -> ssl.SSLContext:
    """What an https backend has to show: a certificate by an authority of this machine, of `SSL_CERT_FILE`, or by a
    public one. For plain HTTP none is asked for, and none is read, which saves a start 15 ms.
    """
    return _context(server.startswith("https:"), *map(os.environ.get, _WHERE))


@cache
def _context(tls: bool, *_where: str | None) -> ssl.SSLContext:
    """Read once in a process, and for logins over SSH in their fork server: the authorities take a megabyte."""
    context = ssl.create_default_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if tls:
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])  # httpx says so, too: the feed is to be the same before and after it
    return context
