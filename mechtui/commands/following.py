"""Commands that follow the feed: `watch`, and `next`, which may have to wait for a request to come."""

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from math import ceil

from mechtui.api_client import AlreadyTaken, MechanicClient, NotEligible, NotFound, RequestGone, TooMany, Unreachable
from mechtui.commands.output import print_json
from mechtui.commands.sent import FeedText
from mechtui.config import ClientSettings
from mechtui.exits import CommandError, Exit, say
from mechtui.feed import Feed
from mechtui.models import Accepted, Session, Status
from mechtui.replica import EventApplied, LinkChanged, LinkState, Replica, SnapshotApplied, Update

_ENDS = {LinkState.SIGNED_OUT: Exit.SIGNED_OUT, LinkState.TOO_OLD: Exit.NOT_REACHED}


async def watch(settings: ClientSettings, client: MechanicClient, sent: FeedText) -> int:
    """Print the feed as JSON lines until interrupted; what happens to the line is told on standard error.

    `sent` has heard what the client was answered. A snapshot that says nothing new, as while polling, is not
    printed again.
    """
    replica = Replica()
    printed = (-1, "")
    async with _feed(settings, client, replica, sent) as updates:
        async for update in updates:
            match update:
                case EventApplied(event):
                    print_json(sent.event(event.seq))
                case SnapshotApplied() if (update.seq, replica.digest) != printed:
                    printed = (update.seq, replica.digest)
                    rows = [sent.row(session.id) for session in update.sessions]
                    print_json({"kind": "snapshot", "seq": update.seq, "sessions": rows})
                case LinkChanged():
                    _tell(update)
    return Exit.DONE


async def next_request(settings: ClientSettings, client: MechanicClient, *, wait: bool) -> Accepted:
    """Take the first request of the queue that nobody takes first. Raises `CommandError` when there is none."""
    if wait:
        return await _next_to_come(settings, client)
    accepted = await _take_first(client, (await client.incoming(limit=100)).items, set())
    if accepted is None:
        raise CommandError("there is no open request; to wait for one: mechtui next --wait", Exit.REFUSED)
    return accepted


async def _next_to_come(settings: ClientSettings, client: MechanicClient) -> Accepted:
    replica = Replica()
    missed: set[tuple[str, int]] = set()
    async with _feed(settings, client, replica, FeedText()) as updates:
        async for update in updates:
            if isinstance(update, LinkChanged):
                _tell(update)
            if isinstance(update, SnapshotApplied | EventApplied):
                accepted = await _take_first(client, _queue(replica.rows.values()), missed)
                if accepted is not None:
                    return accepted
    raise CommandError("the feed ended", Exit.NOT_REACHED)


def _queue(rows: Iterable[Session]) -> list[Session]:
    """The open requests in the order they are to be taken: urgent first, then oldest first."""
    pending = [row for row in rows if row.status == Status.PENDING]
    return sorted(pending, key=lambda row: (not row.urgent, row.created_at, row.id))


async def _take_first(
    client: MechanicClient, queue: Iterable[Session], missed: set[tuple[str, int]]
) -> Accepted | None:
    """Accept the first that is still to be had; `missed` keeps those that were not, as the rows they were then."""
    for row in queue:
        if (row.id, row.version) in missed:
            continue
        try:
            return await client.accept(row.id)
        except (AlreadyTaken, RequestGone, NotFound, NotEligible) as error:
            missed.add((row.id, row.version))
            say(f"{row.id}: {error}")
        except (TooMany, Unreachable) as error:
            say(str(error))
            return None
    return None


@asynccontextmanager
async def _feed(
    settings: ClientSettings, client: MechanicClient, replica: Replica, sent: FeedText
) -> AsyncIterator[AsyncIterator[Update]]:
    feed = Feed(settings.server, settings.token, replica, client.snapshot, heard=sent.hear)
    async with aclosing(feed.updates()) as updates:
        yield updates


def _tell(link: LinkChanged) -> None:
    """The state of the line in words. Raises `CommandError` when it is the last one."""
    why = f": {link.why}" if link.why else ""
    again = f", next try in {ceil(link.retry_in)} s" if link.retry_in else ""
    if link.state in _ENDS:
        raise CommandError(f"{link.state}{why}", _ENDS[link.state])
    say(f"{link.state}{why}{again}")
