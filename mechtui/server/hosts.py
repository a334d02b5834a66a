"""Under which names a request may come. The defence against pages that have a browser ask a backend near it.

A page of `evil.example` may have its name lead to 127.0.0.1 once it is loaded (DNS rebinding); its requests then
reach a backend there, but bear `Host: evil.example`. An address is no name anybody could lead elsewhere, so any is
taken, and a balancer may ask for health by it. Where this backend speaks TLS itself the browser has checked the name
already, against the certificate.
"""

import re
import socket
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from mechtui.config import ServerSettings
from mechtui.models import Code
from mechtui.server.asgi import Scope
from mechtui.server.refusal import Refusal

_HOST = re.compile(rb"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{0,5})?")
"""A name or an address, and a port (RFC 3986 §3.2.2, without what no backend is reached by)."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_KEPT = 256


class Hosts:
    """The names of the backend with these settings."""

    def __init__(self, settings: ServerSettings) -> None:
        self._sites = {name.lower() for name in (*settings.hosts, urlsplit(settings.public_url or "").hostname or "")}
        self._names = self._sites | {"localhost", settings.host.lower(), socket.gethostname().lower()}
        self._checks = settings.tls_cert is None
        self._is_ours = lru_cache(_KEPT)(self._look_up)

    def check(self, scope: Scope) -> None:
        """Raises the 400 or 421 `Refusal` of a request that is not meant for this backend."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) == 1 and self._is_ours(named[0]):
            return
        if not named and scope.get("http_version") == "1.0":
            return  # older than the header: some balancers ask so
        if len(named) != 1 or _HOST.fullmatch(named[0]) is None:
            raise Refusal(400, Code.INVALID, "A request needs one Host header, with a name or an address in it.")
        raise _misdirected(named[0].decode("ascii"))

    def check_origin(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        """Raises the 403 `Refusal` of a write that a page sent which is not of this shop."""
        origin = headers.get(b"origin")
        if origin is not None and scope["method"] not in _READS and _site(origin) not in self._sites:
            raise Refusal(403, Code.FORBIDDEN, "Pages of other sites may not write here.")

    def _look_up(self, named: bytes) -> bool:
        found = _HOST.fullmatch(named)
        if found is None or not self._checks:
            return found is not None
        name = (found[1] or found[2]).decode("ascii").lower().removesuffix(".")
        return name in self._names or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _site(origin: bytes) -> str | None:
    try:
        return urlsplit(origin.decode("latin-1")).hostname
    except ValueError:
        return None


def _misdirected(host: str) -> Refusal:
    name = host.partition(":")[0]
    return Refusal(
        421,
        Code.MISDIRECTED,
        f"This backend is not known as {name}: ask it by its address, or add the name to its config.toml, "
        f'as in [server] hosts = ["{name}"].',
    )
