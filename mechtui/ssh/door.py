"""The door: who is let in. A key a mechanic has given, and that alone; whatever name the client says."""

import asyncio
from typing import Any

import asyncssh

from mechtui.server.db.errors import DatabaseError
from mechtui.server.logins import KnownMechanic
from mechtui.ssh.house import House
from mechtui.ssh.login import Login

MOST_KEYS = 20
"""An agent may hold many; more are guesses."""
UNKNOWN = """\
Nobody here is known by the key you came with: {}
Have it added where the shop's backend runs:  mechtui mechanic key ID FILE.pub
"""
NO_KEY = """\
Here one logs in with a key, and your client offered none. Make one with:  ssh-keygen -t ed25519
Then have its .pub added where the shop's backend runs:  mechtui mechanic key ID FILE.pub
"""
CROWDED = "too many are at the door; try again later"

Lines = dict[asyncssh.SSHServerConnection, "Door"]
"""Every line there is, the oldest first."""


class Door(asyncssh.SSHServer):
    """One line from its opening: the keys it offers, then the logins over it.

    When there are too many lines, the one that has stood at the door the longest without being let in is ended: who has
    a key needs a moment, so it is not him who is turned away for a crowd that only stands there.
    """

    def __init__(self, house: House, lines: Lines, most_lines: int) -> None:
        self._house = house
        self._lines = lines
        self._most_lines = most_lines
        self._line: asyncssh.SSHServerConnection
        self._offered: list[str] = []
        self._mechanic: KnownMechanic | None = None
        self.is_in = False
        """Whether he has proved a key that is known."""
        self._told = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody is at the door."""
        self._line = conn
        self._lines[conn] = self
        if len(self._lines) > self._most_lines:
            outside = next(line for line, door in self._lines.items() if not door.is_in)
            self._lines.pop(outside)
            outside.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, CROWDED)

    def connection_lost(self, exc: Exception | None) -> None:
        """He is gone."""
        self._lines.pop(self._line, None)

    def begin_auth(self, username: str) -> bool:
        """Everybody has to show a key."""
        return True

    def public_key_auth_supported(self) -> bool:
        """A key it is."""
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether this key is a mechanic's. That it is his who shows it is proved after this, before he is in.

        A client may ask for one key and prove another: the last that was asked for is the one that is proved.
        """
        self._mechanic = None
        fingerprint = key.get_fingerprint()
        if fingerprint not in self._offered:
            self._offered.append(fingerprint)
        if len(self._offered) > MOST_KEYS:
            return False
        try:
            self._mechanic = await self._house.owner_of(fingerprint)
        except DatabaseError as error:
            self._house.tell(f"keys cannot be looked up: {error}")
        return self._mechanic is not None

    def kbdint_auth_supported(self) -> bool:
        """A client that is out of keys asks for this last: the time to tell it why, once. Nobody gets in by it."""
        return not self._told

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> bool:
        """Tell which keys are not known, and ask nothing."""
        self._told = True
        self._house.tell(f"nobody known, from {self._line.get_extra_info('peername')[0]}: {', '.join(self._offered)}")
        self._line.send_auth_banner(UNKNOWN.format(", ".join(self._offered)) if self._offered else NO_KEY)
        return False

    def auth_completed(self) -> None:
        """His key is his: he is who he says."""
        self.is_in = True

    def session_requested(self) -> Any:
        """He wants something; nobody without a key comes so far."""
        if not self.is_in or self._mechanic is None:
            return False
        peer, own = (self._line.get_extra_info(name) for name in ("peername", "sockname"))
        return Login(self._house, self._mechanic, (peer[0], str(peer[1]), own[0], str(own[1])))


async def listen(house: House, key: asyncssh.SSHKey, lines: Lines) -> asyncssh.SSHAcceptor:
    """Open the door at the house's address. Raises `OSError`."""
    settings = house.settings
    most = settings.logins + MOST_KEYS
    return await asyncssh.create_server(
        lambda: Door(house, lines, most),
        settings.host,
        settings.port,
        server_host_keys=[key],
        server_version="mechtui",
        encoding=None,
        line_editor=False,
        allow_scp=False,
        agent_forwarding=False,
        x11_forwarding=False,
        gss_host=None,
        compression_algs=["zlib@openssh.com"],
        kex_algs="^curve25519-sha256",
        login_timeout=20,
        keepalive_interval=30,
        keepalive_count_max=3,
    )


async def close(lines: Lines) -> None:
    """End all lines."""
    going = list(lines)
    for line in going:
        line.disconnect(asyncssh.DISC_BY_APPLICATION, "goodbye")
    await asyncio.gather(*(line.wait_closed() for line in going))
