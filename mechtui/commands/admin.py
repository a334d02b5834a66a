"""Commands that work on the database itself, on the backend's machine: accounts, copies, and the backend."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mechtui.commands import everything, forget
from mechtui.commands.output import Column, print_block, print_json, print_table, progress
from mechtui.config import ConfigError, ServerSettings, server_settings
from mechtui.exits import CommandError, Exit
from mechtui.server import accounts, logins, public_key
from mechtui.server.accounts import AccountError, NewAccount
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.rows import Shop
from mechtui.server.public_key import PublicKey, PublicKeyError
from mechtui.text import SafeText


def run(options: argparse.Namespace) -> int:
    """Carry out one command on the database its options or settings name."""
    database = _settings(options).database
    try:
        _ACTIONS[options.action](database, options)
    except (AccountError, DatabaseError) as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    return Exit.DONE


def serve(options: argparse.Namespace) -> int:
    """Run the backend until it is told to stop."""
    from mechtui.server.serve import run_server

    given = ("host", "port", "public_url", "tls_cert", "tls_key")
    return run_server(_settings(options, **{name: getattr(options, name) for name in given}))


def _settings(options: argparse.Namespace, **given: Any) -> ServerSettings:
    try:
        return server_settings(database=options.database, **given)
    except ConfigError as error:
        raise CommandError(str(error), Exit.WRONG_USE) from error


def _mechanic_add(database: str, options: argparse.Namespace) -> None:
    key = None if options.key is None else _public_key(options.key)
    if options.types is None:
        account = accounts.add_mechanic(database, options.name)
    else:
        types = tuple(word.strip() for word in options.types.split(",") if word.strip())
        account = accounts.add_mechanic(database, options.name, types)
    if key is not None:
        logins.add_key(database, account.id, key)
    _print_account("mechanic", account, as_json=options.json)


def _mechanic_key(database: str, options: argparse.Namespace) -> None:
    """What is removed and what is there are told; so is what was added, as the one it is."""
    if options.file is not None:
        logins.add_key(database, options.id, _public_key(options.file))
    elif options.remove is not None:
        logins.remove_key(database, options.id, options.remove)
    keys = logins.keys_of(database, options.id)
    if options.json:
        for fingerprint in keys:
            print_json({"mechanic": options.id, "fingerprint": fingerprint})
    else:
        print("\n".join(keys) or "No keys. Add one with: mechtui mechanic key ID FILE.pub")


def _public_key(file: Path) -> PublicKey:
    try:
        return public_key.read(file.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise AccountError(f"{file} cannot be read: {error.strerror}") from error
    except PublicKeyError as error:
        raise AccountError(f"{file} cannot be taken as a key: {error}") from error


def _desk_add(database: str, options: argparse.Namespace) -> None:
    _print_account("desk", accounts.add_desk(database, options.name), as_json=options.json)


def _mechanic_list(database: str, options: argparse.Namespace) -> None:
    mechanics = accounts.list_mechanics(database)
    if options.json:
        for mechanic in mechanics:
            print_json(asdict(mechanic))
    elif mechanics:
        columns = [Column(title) for title in ("ID", "NAME", "TYPES", "MADE", "STATE")]
        print_table(
            columns,
            (
                [SafeText(text) for text in (m.id, m.name, ", ".join(m.types), m.created_at, _state(revoked=m.revoked))]
                for m in mechanics
            ),
        )
    else:
        print("No mechanics yet. Make one with: mechtui mechanic add NAME")


def _state(*, revoked: bool) -> str:
    return "revoked" if revoked else "active"


def _mechanic_revoke(database: str, options: argparse.Namespace) -> None:
    accounts.revoke_mechanic(database, options.id)
    print(f"The token of mechanic {SafeText(options.id)} opens nothing any more.")


def _mechanic_token(database: str, options: argparse.Namespace) -> None:
    _print_account("mechanic", accounts.renew_mechanic(database, options.id), as_json=options.json)


def _print_account(kind: str, account: NewAccount, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(account))
        return
    print_block([(kind, SafeText(account.name)), ("id", SafeText(account.id)), ("token", SafeText(account.token))])
    print(
        "\nThe token is shown only this once. Put it into MECHTUI_TOKEN, or into a file (chmod 600) for --token-file."
    )


def _db_upgrade(database: str, options: argparse.Namespace) -> None:
    print(engine_of(database).upgrade())


def _db_backup(database: str, options: argparse.Namespace) -> None:
    print(engine_of(database).backup(options.file, progress))


def _db_restore(database: str, options: argparse.Namespace) -> None:
    print(engine_of(database).restore(options.file, progress))


def _db_export(database: str, options: argparse.Namespace) -> None:
    settings = _settings(options)
    everything.run(database, Shop(settings.rules, settings.pages), options)


def _db_forget(database: str, options: argparse.Namespace) -> None:
    forget.run(database, options)


_ACTIONS: dict[str, Callable[[str, argparse.Namespace], None]] = {
    "mechanic_add": _mechanic_add,
    "mechanic_key": _mechanic_key,
    "mechanic_list": _mechanic_list,
    "mechanic_revoke": _mechanic_revoke,
    "mechanic_token": _mechanic_token,
    "desk_add": _desk_add,
    "db_upgrade": _db_upgrade,
    "db_backup": _db_backup,
    "db_restore": _db_restore,
    "db_forget": _db_forget,
    "db_export": _db_export,
}
