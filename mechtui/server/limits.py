"""How much one token or one address may ask. Generous: whoever works with a terminal or a web site never meets it.

What is kept of each is one number, the moment at which all that was asked would be worked off at the allowed rate
(the generic cell rate algorithm, ITU-T I.371). Kept in memory, by each backend for itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from mechtui.models import FILE_BYTES_LIMIT, Code
from mechtui.server.auth import Principal, identified
from mechtui.server.db.store import Store
from mechtui.server.refusal import Refusal

Client = tuple[str, int] | None
"""The peer of a connection, address and port, where it has one."""

KEPT = 10_000
"""So many are remembered at least, and twice as many at most."""
BODY_LIMIT = 4 * FILE_BYTES_LIMIT
"""Longest body taken, in bytes."""
FEEDS_EACH = 32
"""Feeds a mechanic may have open at a backend: a terminal in each bay, and some."""
SIGNED_OUT = "address"
FRAMES = "frames"


@dataclass(frozen=True)
class Limit:
    """So many requests a second, after `burst` at once."""

    rate: float
    burst: int


LIMITS = {
    "mechanic": Limit(500, 5_000),
    "desk": Limit(1_000, 20_000),
    "customer": Limit(50, 500),
    SIGNED_OUT: Limit(50, 2_000),
    FRAMES: Limit(100, 2_000),
}
"""By the kind of token, which each have for themselves; for requests of an address without a good one; and for what a
mechanic's terminals say on the feed, where each of them acknowledges a heartbeat every five seconds.

A burst lets a whole shop's terminals come back at once, all from one address and all signed out meanwhile.
"""


class Limits:
    """Who has asked how much. `steady` is a time in seconds that never goes back."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    async def identified(self, store: Store, authorization: str, client: Client) -> Principal:
        """Whose request this is, from the peer `client`. Raises the 401 `Refusal`, or the 429 for one too many.

        A good token is never refused for what others ask from the same address, which may be a proxy's.
        """
        try:
            return await identified(store, authorization)
        except Refusal as refusal:
            if refusal.status == 401:
                self.ask_signed_out(client)
            raise

    def ask(self, principal: Principal) -> None:
        """Count a request of his. Raises the 429 `Refusal` for one too many: it is not to be carried out."""
        self._take(principal.key, LIMITS[principal.kind], "with this token")

    def ask_signed_out(self, client: Client) -> None:
        """Count a request without a good token. Raises the 429 `Refusal` for one too many from that address."""
        self._take(f"{SIGNED_OUT}:{_network(client)}", LIMITS[SIGNED_OUT], "from this address without a good token")

    def ask_frame(self, mechanic_id: str) -> None:
        """Count a frame of one of a mechanic's terminals. Raises the 429 `Refusal` for one too many."""
        self._take(f"{FRAMES}:{mechanic_id}", LIMITS[FRAMES], "on the feed")

    def _take(self, who: str, limit: Limit, words: str) -> None:
        now = self._steady()
        done_at = max(now, self._done_at(who))
        wait = done_at - now - (limit.burst - 1) / limit.rate
        self._young[who] = done_at + (0 if wait > 0 else 1 / limit.rate)
        if len(self._young) >= KEPT:
            self._young, self._old = {}, self._young
        if wait > 0:
            raise too_many(f"Too many requests {words}", wait)

    def _done_at(self, who: str) -> float:
        """When all that was asked is worked off. Whoever was not heard of while `KEPT` others were begins anew."""
        known = self._young.get(who)
        return known if known is not None else self._old.get(who, 0.0)

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._young) + len(self._old)


def too_many(why: str, wait: float) -> Refusal:
    """The 429 that asks to wait so many seconds."""
    seconds = max(1, math.ceil(wait))
    words = f"{why}: nothing was done. Wait {seconds} s, then ask again."
    return Refusal(429, Code.TOO_MANY, words, retry_after=seconds)


def _network(client: Client) -> str:
    """An address, or the network that a customer of a provider has for himself, where that is larger."""
    host = client[0] if client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return address.exploded[:19]
    return host
