"""A plain TCP balancer before several backends: each connection goes to the next one that takes it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_CHUNK_BYTES = 1 << 16


@dataclass
class Balancer:
    """Relays to the backends at these ports of this machine, in turn. One that refuses is passed over."""

    ports: Sequence[int]
    url: str = ""
    _turn: int = 0
    _lines: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody has come."""
        line = asyncio.create_task(self._relay(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def cut_all(self) -> None:
        """End every line there is, all at once."""
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await self._backend()
            pumps = [asyncio.create_task(_pump(*ends)) for ends in ((reader, far), (far_reader, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass  # no backend at all: whoever came is sent away, and comes again
        finally:
            writer.transport.abort()
            if far is not None:
                far.transport.abort()

    async def _backend(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self.ports:
            self._turn += 1
            try:
                return await asyncio.open_connection("127.0.0.1", self.ports[self._turn % len(self.ports)])
            except OSError:
                continue
        raise ConnectionRefusedError("no backend can be had")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()


@asynccontextmanager
async def balancer(ports: Sequence[int]) -> AsyncIterator[Balancer]:
    """A balancer before the backends at these ports, until the block ends."""
    balancing = Balancer(ports)
    server = await asyncio.start_server(balancing.accept, "127.0.0.1", 0, backlog=1024)
    balancing.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield balancing
    finally:
        server.close()
        await balancing.cut_all()
        await server.wait_closed()
