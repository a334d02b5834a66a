"""Reading `config.toml`: every key is known, of the right kind, and refused with a right example otherwise."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ConfigError(Exception):
    """A setting cannot be used; the text names it, says where it stands, and shows a right one."""


@dataclass(frozen=True)
class Key:
    """A key of the file: what its value is, an example, and the range of a number."""

    kind: type
    example: str
    at_least: int = 0
    at_most: int = 10**9


_SECONDS = {"at_least": 1}
CLIENT = {
    "server": Key(str, '"http://127.0.0.1:8420"'),
    "token": Key(str, '"mtm_…"'),
    "token_file": Key(str, '"/home/sam/.config/mechtui/token"'),
    "downloads": Key(str, '"/home/sam/reports"'),
}
SERVER = {
    "database": Key(str, '"sqlite:////var/lib/mechtui/mechtui.db"'),
    "host": Key(str, '"127.0.0.1"'),
    "port": Key(int, "8420", at_most=65535),
    "tls_cert": Key(str, '"/etc/mechtui/shop.pem"'),
    "tls_key": Key(str, '"/etc/mechtui/shop.key"'),
    "public_url": Key(str, '"https://help.example.com"'),
    "hosts": Key(list, '["bay3.shop"]'),
    "shop_name": Key(str, '"Main Street Garage"'),
    "metrics": Key(bool, "true"),
    "log": Key(str, '"json"'),
    "forget_after": Key(str, '"730 days"'),
    "request_seconds": Key(int, "900", **_SECONDS),
    "join_seconds": Key(int, "600", **_SECONDS),
    "release_floor_seconds": Key(int, "300", **_SECONDS),
    "completed_seconds": Key(int, "60", **_SECONDS),
    "plans": Key(list, '[{code = "chat30", type = "chat", name = "Chat", minutes = 30, price_cents = 999}]'),
}
SSH = {
    "host": Key(str, '"0.0.0.0"'),
    "port": Key(int, "8422", at_most=65535),
    "keys": Key(str, '"/var/lib/mechtui/ssh_host_ed25519_key"'),
    "logins": Key(int, "100", at_least=1, at_most=10_000),
    "logins_each": Key(int, "4", at_least=1, at_most=10_000),
    "idle_minutes": Key(int, "720", at_least=1),
}
PLAN = {
    "code": Key(str, '"chat30"'),
    "type": Key(str, '"chat"'),
    "name": Key(str, '"Chat"'),
    "minutes": Key(int, "30", at_least=1),
    "price_cents": Key(int, "999"),
    "mechanic_share_bp": Key(int, "7000", at_most=10_000),
    "standard": Key(bool, "true"),
}
FILTERS = "filters"
"""The table of saved filters: each key is a name, each value a query."""
KEYS = '["a", "+"]'
"""An example of the keys of an action; which actions there are only the dashboard knows."""
TABLES = ("client", "server", "ssh", "keys", FILTERS)
_CHECKED = {"client": CLIENT, "server": SERVER, "ssh": SSH}
_KINDS = {str: "a text in quotes", int: "a whole number", bool: "true or false", list: "a list"}

Table = dict[str, Any]


def read(path: Path) -> dict[str, Table]:
    """The tables of the file, each key checked. Raises `ConfigError`."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}. A right line: server = {CLIENT['server'].example}") from error
    for name, table in document.items():
        if name not in TABLES or not isinstance(table, dict):
            raise ConfigError(
                f"{path}: {name} is no table of this file; there are [client], [server], [ssh], [keys] and [{FILTERS}]"
            )
        if name in _CHECKED:
            _check(path, f"[{name}]", table, _CHECKED[name])
    _check_filters(path, document.get(FILTERS, {}))
    for action, keys in document.get("keys", {}).items():
        _check_keys(path, action, keys)
    for plan in document.get("server", {}).get("plans", ()):
        _check_plan(path, plan)
    return {name: document.get(name, {}) for name in TABLES}


def _check_filters(path: Path, filters: Mapping[str, object]) -> None:
    if not all(isinstance(query, str) for query in filters.values()):
        raise ConfigError(
            f'{path}: [{FILTERS}] holds names and queries only. A right line: "Low ratings" = "rating:<=2"'
        )


def _check_keys(path: Path, action: str, keys: object) -> None:
    several = keys if isinstance(keys, list) else [keys]
    if not several or not all(isinstance(key, str) for key in several):
        raise ConfigError(f"{path}: [keys] {action} is no key, nor a list of keys. A right line: {action} = {KEYS}")


def _check_plan(path: Path, plan: object) -> None:
    where = "[[server.plans]]"
    if not isinstance(plan, dict):
        raise ConfigError(f"{path}: {where} holds something that is no table. A right one: {SERVER['plans'].example}")
    _check(path, where, plan, PLAN)
    for name in ("code", "type", "name", "minutes", "price_cents"):
        if name not in plan:
            raise ConfigError(f"{path}: a plan in {where} has no {name}. A right line: {name} = {PLAN[name].example}")


def _check(path: Path, where: str, table: Mapping[str, object], keys: Mapping[str, Key]) -> None:
    for name, value in table.items():
        key = keys.get(name)
        if key is None:
            raise ConfigError(f"{path}: {where} knows no {name}; it knows {', '.join(keys)}")
        example = f"A right line: {name} = {key.example}"
        if not isinstance(value, key.kind) or (key.kind is int and isinstance(value, bool)):
            raise ConfigError(f"{path}: {where} {name} is not {_KINDS[key.kind]}. {example}")
        if isinstance(value, int) and not key.at_least <= value <= key.at_most:
            raise ConfigError(f"{path}: {where} {name} is not from {key.at_least} to {key.at_most}. {example}")
