"""Whose certificates count, on HTTP and on the feed alike."""

import ssl

import certifi


def trusted(server: str) -> ssl.SSLContext:
    """What an https backend has to show: a certificate by an authority of this machine, of `SSL_CERT_FILE`, or by a
    public one. For plain HTTP none is asked for, and none is read, which saves a start 15 ms.
    """
    if not server.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
