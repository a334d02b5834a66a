"""Commands that ask the backend: they see what the dashboard sees, and say it in text or JSON."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mechtui.api_client import (
    ApiError,
    DeskClient,
    Filters,
    MechanicClient,
    NoPage,
    Refused,
    SignedOut,
    page_url,
)
from mechtui.clock import Clock
from mechtui.commands.export import export_list
from mechtui.commands.following import next_request, watch
from mechtui.commands.output import print_json
from mechtui.commands.report import report
from mechtui.commands.sent import FeedText, LastAnswer
from mechtui.commands.settings import settings_of
from mechtui.commands.stats import stats
from mechtui.commands.tables import print_rows, print_session, print_state
from mechtui.config import ClientSettings
from mechtui.exits import CommandError, Exit, say
from mechtui.filters import filters_of
from mechtui.journal import Journal
from mechtui.models import Accepted, Changed, Page, Session, SubmitRequest
from mechtui.search.days import Today
from mechtui.search.syntax import Query, parse
from mechtui.search.trouble import told

PAGE_ROWS = 100
"""The most rows the backend gives at once."""

NO_TOKEN = (
    "no token was given. Make one on the backend's machine with `mechtui mechanic add NAME`, "
    "then put it into MECHTUI_TOKEN or name a file with --token-file."
)


def run(options: argparse.Namespace) -> int:
    """Carry out one command against the backend."""
    settings = settings_of(options)
    if not settings.token:
        raise CommandError(NO_TOKEN, Exit.SIGNED_OUT)
    try:
        return asyncio.run(_COMMANDS[options.wish](settings, options))
    except SignedOut as error:
        raise CommandError(f"{error} The token came from: {settings.token_source}.", Exit.SIGNED_OUT) from error
    except Refused as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    except ApiError as error:
        raise CommandError(str(error), Exit.NOT_REACHED) from error


def _mechanic(settings: ClientSettings, sent: LastAnswer | FeedText) -> MechanicClient:
    return MechanicClient(settings.server, settings.token, journal=Journal(settings.journal), heard=sent.hear)


async def _settle(client: MechanicClient | DeskClient) -> None:
    """What was left open by an earlier command comes first."""
    for settled in await client.settle():
        say(str(settled))


# --- reads ----------------------------------------------------------------------------------------------------


async def _list(settings: ClientSettings, options: argparse.Namespace) -> int:
    sent = LastAnswer()
    query = parse(" ".join(options.query), Today(datetime.now(UTC), Clock().zone))
    if words := told(query.problems):
        say(words)
    async with _mechanic(settings, sent) as client:
        page, as_sent = await _rows(client, sent, options.which, query, options.limit)
    if options.json:
        for row in as_sent:
            print_json(row)
        return Exit.DONE
    print_rows(options.which, page)
    if page.next_cursor is not None:
        say(f"these are the first {len(page.items)}; see more with --limit")
    return Exit.DONE


async def _rows(
    client: MechanicClient, sent: LastAnswer, which: str, query: Query, limit: int
) -> tuple[Page[Session], list[Any]]:
    """Up to `limit` rows of a list, fetched page by page: as one page, and as they were sent."""
    filters = filters_of(query)
    rows: list[Session] = []
    as_sent: list[Any] = []
    while True:
        filters["limit"] = min(PAGE_ROWS, limit - len(rows))
        page = await _page(client, which, filters)
        rows += page.items
        as_sent += sent.read()["items"]
        if page.next_cursor is None or len(rows) >= limit:
            return page.model_copy(update={"items": tuple(rows)}), as_sent
        filters["cursor"] = page.next_cursor


async def _page(client: MechanicClient, which: str, filters: Filters) -> Page[Session]:
    match which:
        case "incoming":
            return await client.incoming(**filters)
        case "active":
            return await client.active(**filters)
        case "completed":
            return await client.completed(**filters)
        case _:
            page = await client.history(**filters)
            return Page[Session].model_construct(**dict(page))


async def _show(settings: ClientSettings, options: argparse.Namespace) -> int:
    sent = LastAnswer()
    async with _mechanic(settings, sent) as client:
        detail = await client.session(options.id)
        if options.json:
            print_json(sent.read())
        else:
            print_session(detail, await client.intake(options.id))
    return Exit.DONE


async def _report(settings: ClientSettings, options: argparse.Namespace) -> int:
    async with _mechanic(settings, LastAnswer()) as client:
        return await report(client, options)


async def _export(settings: ClientSettings, options: argparse.Namespace) -> int:
    async with _mechanic(settings, LastAnswer()) as client:
        return await export_list(partial(_page, client, options.which), options)


async def _stats(settings: ClientSettings, options: argparse.Namespace) -> int:
    sent = LastAnswer()
    async with _mechanic(settings, sent) as client:
        return await stats(client, sent, options)


async def _watch(settings: ClientSettings, options: argparse.Namespace) -> int:
    sent = FeedText()
    async with _mechanic(settings, sent) as client:
        return await watch(settings, client, sent)


# --- writes ---------------------------------------------------------------------------------------------------


async def _next(settings: ClientSettings, options: argparse.Namespace) -> int:
    sent = LastAnswer()
    async with _mechanic(settings, sent) as client:
        await _settle(client)
        accepted = await next_request(settings, client, wait=options.wait)
    return _print_changed(accepted, sent, as_json=options.json)


async def _accept(client: MechanicClient, options: argparse.Namespace) -> Accepted:
    return await client.accept(options.id)


async def _join(client: MechanicClient, options: argparse.Namespace) -> Changed:
    return await client.join(options.id)


async def _release(client: MechanicClient, options: argparse.Namespace) -> Changed:
    return await client.release(options.id, options.reason)


async def _end(client: MechanicClient, options: argparse.Namespace) -> Changed:
    return await client.end(options.id, options.reason)


Write = Callable[[MechanicClient, argparse.Namespace], Awaitable[Accepted | Changed]]
Command = Callable[[ClientSettings, argparse.Namespace], Coroutine[Any, Any, int]]


def _writing(write: Write) -> Command:
    async def command(settings: ClientSettings, options: argparse.Namespace) -> int:
        sent = LastAnswer()
        async with _mechanic(settings, sent) as client:
            await _settle(client)
            return _print_changed(await write(client, options), sent, as_json=options.json)

    return command


def _print_changed(changed: Accepted | Changed, sent: LastAnswer, *, as_json: bool) -> int:
    """The session as it is now, and where its page is. A page that may not be opened undoes nothing."""
    if as_json:
        print_json(sent.read())
        return Exit.DONE
    print_state(changed.session)
    if changed.session.url is not None:
        try:
            print(page_url(changed.session))
        except NoPage as error:
            say(str(error))
    return Exit.DONE


async def _submit(settings: ClientSettings, options: argparse.Namespace) -> int:
    requests = _requests(_text_of(options.file), options.file)
    code = Exit.DONE
    sent = LastAnswer()
    journal = Journal(settings.journal)
    async with DeskClient(settings.server, settings.token, journal=journal, heard=sent.hear) as desk:
        await _settle(desk)
        for where, value in requests:
            try:
                await desk.submit(SubmitRequest.model_validate(value))
                answer = sent.read()
                print_json(answer["session"] | {"customer_token": answer["customer_token"]})
            except ValidationError as error:
                say(f"{where}: {_misfit(error)}")
                code = Exit.REFUSED
            except Refused as error:
                say(f"{where}: {error}")
                code = Exit.REFUSED
    return code


def _text_of(file: str) -> str:
    try:
        return sys.stdin.buffer.read().decode() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", Exit.WRONG_USE) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8 text", Exit.WRONG_USE) from error


def _requests(text: str, file: str) -> list[tuple[str, object]]:
    """What is to be submitted, each with where it stands: one JSON object, or one on each line."""
    whole = _json(text)
    if isinstance(whole, dict):
        return [(file, whole)]
    numbered = [(f"{file}, line {n}", line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    requests = [(where, _json(line)) for where, line in numbered]
    for where, value in requests:
        if not isinstance(value, dict):
            raise CommandError(f"{where} is no JSON object; nothing was submitted", Exit.WRONG_USE)
    if not requests:
        raise CommandError(f"{file} is empty", Exit.WRONG_USE)
    return requests


def _json(text: str) -> object:
    """The value of a JSON text, or nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _misfit(error: ValidationError) -> str:
    """What is wrong with a request, one part a field; what was filled in is not repeated."""
    return "; ".join(f"{'.'.join(map(str, part['loc'])) or 'request'}: {part['msg']}" for part in error.errors())


_COMMANDS: dict[str, Command] = {
    "list": _list,
    "show": _show,
    "report": _report,
    "stats": _stats,
    "export": _export,
    "watch": _watch,
    "next": _next,
    "submit": _submit,
    "accept": _writing(_accept),
    "join": _writing(_join),
    "release": _writing(_release),
    "end": _writing(_end),
}
