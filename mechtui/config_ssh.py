"""The settings of `mechtui ssh`: the table `[ssh]` of `config.toml`, besides where database and backend are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from mechtui.config import APP, beside, checked_port, client_settings, file_tables, server_settings

HOST_KEY = "ssh_host_ed25519_key"


@dataclass(frozen=True)
class SshSettings:
    """What the front needs to run. `database` says whose key is whose; what mechanics wish goes to `server`."""

    database: str
    server: str
    host_key: Path
    homes: Path
    """Each mechanic has a folder of his own in it: drafts, saved filters, what he saves."""
    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for every one this machine has."""
    port: int = 8422
    """The port to listen on."""
    logins: int = 100
    """How many may be logged in at once."""
    logins_each: int = 4
    """How many of them with keys of the same mechanic."""
    idle_minutes: int = 720
    """Who presses no key for so long is logged off."""


def ssh_settings(
    *,
    database: str | None = None,
    server: str | None = None,
    host: str | None = None,
    port: int | None = None,
    keys: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> SshSettings:
    """The settings of the front; the arguments are the options given. Raises `ConfigError`.

    `keys` is the file of the host key, or a folder to have it in.
    """
    path, tables = file_tables(environ)
    table = tables["ssh"]
    folder = platformdirs.user_data_path(APP) / "ssh"
    named = keys or beside(path, table.get("keys")) or folder
    return SshSettings(
        database=server_settings(database=database, environ=environ).database,
        server=client_settings(server=server, environ=environ).server,
        host_key=named / HOST_KEY if named == folder or named.is_dir() else named,
        homes=folder / "homes",
        host=host or table.get("host", SshSettings.host),
        port=checked_port(port if port is not None else table.get("port", SshSettings.port)),
        logins=table.get("logins", SshSettings.logins),
        logins_each=table.get("logins_each", SshSettings.logins_each),
        idle_minutes=table.get("idle_minutes", SshSettings.idle_minutes),
    )
