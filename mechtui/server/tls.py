"""What a backend shows to whoever connects over a network."""

import ssl
from ipaddress import ip_address
from pathlib import Path


class CertificateError(Exception):
    """A certificate cannot be used; the message says why."""


def certificate(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """To speak TLS with, 1.2 or newer; nothing when there is no certificate. Raises `CertificateError`."""
    if cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key)
    except OSError as error:
        why = "they do not go together" if isinstance(error, ssl.SSLError) else error.strerror
        raise CertificateError(
            f"{cert} and {key or 'the key in it'} cannot be used ({why}); they are a certificate in PEM and its key"
        ) from error
    return context


def is_near(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
