"""What can be set, and where it comes from.

Strongest first: an option of the command line, the environment, `config.toml`, the default. The file is
`config.toml` in the user's configuration folder, or the one named by `MECHTUI_CONFIG`:

    [client]
    server = "https://help.example.com"         # or MECHTUI_SERVER, or --server
    token_file = "/home/sam/.mechtui-token"     # or MECHTUI_TOKEN, or --token-file, or token = "…" here
    downloads = "/home/sam/reports"             # where what one saves is put

    [filters]                                   # what f offers besides the filters there are by default
    "My Fords" = "make:ford -type:chat"         # see docs/search.md; an empty query takes one of those away

    [server]
    database = "sqlite:////var/lib/mechtui.db"  # or MECHTUI_DATABASE, or --database
    host = "127.0.0.1"                          # or MECHTUI_HOST, or --host
    port = 8420                                 # or MECHTUI_PORT, or --port
    tls_cert = "/etc/mechtui/shop.pem"          # or MECHTUI_TLS_CERT, or --tls-cert: https instead of http
    tls_key = "/etc/mechtui/shop.key"           # or MECHTUI_TLS_KEY, or --tls-key; not needed if the other file has it
    public_url = "https://help.example.com"     # or MECHTUI_PUBLIC_URL, or --public-url
    hosts = ["bay3.shop"]                       # further names under which it may be asked
    shop_name = "Main Street Garage"            # at the top of each customer's report
    metrics = true                              # figures for Prometheus at /metrics
    log = "json"                                # what happens, as lines on standard error
    forget_after = "730 days"                   # customers' data is removed from sessions that ended longer ago
    request_seconds = 900                       # and every other field of `Rules`

    [ssh]
    host = "0.0.0.0"                            # or --host; this, and all else for `mechtui ssh`: `mechtui.config_ssh`

    [[server.plans]]                            # takes the place of all plans there are by default
    code = "chat30"                             # and every other field of `PlanSetting`
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import platformdirs

from mechtui import config_file
from mechtui.config_file import ConfigError
from mechtui.credentials import checked_server, checked_token
from mechtui.token_source import found_token

__all__ = [
    "DEFAULT_PLANS",
    "ClientSettings",
    "ConfigError",
    "PlanSetting",
    "Rules",
    "ServerSettings",
    "client_settings",
    "default_database",
    "is_postgres",
    "server_settings",
    "sqlite_path",
]

APP = "mechtui"
DEFAULT_SERVER = "http://127.0.0.1:8420"
SQLITE_SCHEME = "sqlite:///"
POSTGRES_SCHEMES = ("postgresql://", "postgres://")
SESSION_TYPES = ("chat", "video", "diagnostic")
"""As in `mechtui.models`, which takes too long to import for `--help`."""


@dataclass(frozen=True)
class PlanSetting:
    """A plan that can be booked: `minutes` of a session of `type` for `price_cents`.

    `mechanic_share_bp` is the mechanic's part of the price in hundredths of a percent. The `standard` plan of a type
    is taken when a submit names none.
    """

    code: str
    type: str
    name: str
    minutes: int
    price_cents: int
    mechanic_share_bp: int = 7000
    standard: bool = False


DEFAULT_PLANS = (
    PlanSetting("chat30", "chat", "Chat", minutes=30, price_cents=999, standard=True),
    PlanSetting("video45", "video", "Video", minutes=45, price_cents=2999, standard=True),
    PlanSetting("diagnostic60", "diagnostic", "Diagnostic", minutes=60, price_cents=4999, standard=True),
    PlanSetting("chat5free", "chat", "Free chat", minutes=5, price_cents=0),
)


@dataclass(frozen=True)
class Rules:
    """The limits in the rules of a session, in seconds."""

    request_seconds: int = 900
    """A request nobody took for this long expires."""
    join_seconds: int = 600
    """A session accepted for this long without both having joined is flagged; nothing ends it."""
    release_floor_seconds: int = 300
    """A request given back to the queue stays open at least this long."""
    completed_seconds: int = 60
    """The shortest session that counts as completed; a shorter one is cancelled."""
    plans: tuple[PlanSetting, ...] = DEFAULT_PLANS


@dataclass(frozen=True)
class ServerSettings:
    """What the backend needs to run. `public_url` is where the session pages are, when not at host and port."""

    database: str
    host: str = "127.0.0.1"
    port: int = 8420
    public_url: str | None = None
    rules: Rules = Rules()
    hosts: tuple[str, ...] = ()
    """Names under which it may be asked besides that in `public_url`, its machine's, and any address."""
    shop_name: str = ""
    """Stands at the top of each customer's report."""
    metrics: bool = False
    """Figures for Prometheus at `/metrics`, for whoever reaches the port; there are no names in them."""
    log: str = ""
    """`json`: what the backend does, as lines of JSON on standard error, without a word that anybody wrote."""
    tls_cert: Path | None = None
    """The certificate, with those of its authorities; then this backend speaks https and wss, and nothing else."""
    tls_key: Path | None = None
    """Its key, where that is in a file of its own."""
    forget_after: int | None = None
    """Customers' personal data is removed from sessions that ended longer ago, in days; never, unless set."""

    @property
    def address(self) -> str:
        """Where it is, as seen from its own machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.tls_cert else ''}://{host}:{self.port}"

    @property
    def pages(self) -> str:
        """Where the session pages are, as mechanics reach them."""
        return self.public_url or self.address


@dataclass(frozen=True)
class ClientSettings:
    """Where the backend is and who asks.

    `token` is empty when none was given; `token_source` says in words where it came from. `journal` is the file in
    which writes are noted before they are sent, `config` the one that filters are saved in. What one saves is put into
    `downloads`. `warnings` are for people, to be shown once. `keys` are those chosen for actions of the dashboard.
    """

    server: str
    token: str
    token_source: str
    journal: Path
    config: Path | None = None
    downloads: Path = field(default_factory=platformdirs.user_downloads_path)
    warnings: tuple[str, ...] = ()
    keys: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def client_settings(
    *, server: str | None = None, token_file: Path | None = None, environ: Mapping[str, str] = os.environ
) -> ClientSettings:
    """The settings of a client; the arguments are the options given. Raises `ConfigError`."""
    path, tables = file_tables(environ)
    table = tables["client"]
    address, source = next(
        (value, source)
        for value, source in (
            (server, "--server"),
            (environ.get("MECHTUI_SERVER"), "MECHTUI_SERVER"),
            (table.get("server"), f"[client] server in {path}"),
            (DEFAULT_SERVER, ""),
        )
        if value
    )
    token, token_source, warnings = found_token(token_file, environ, table, path)
    return ClientSettings(
        server=_checked(checked_server, address, source, f"A right one: {DEFAULT_SERVER}"),
        token=_checked(checked_token, token, token_source, "It is one line, as it was printed.") if token else "",
        token_source=token_source,
        journal=platformdirs.user_state_path(APP) / "journal.jsonl",
        config=path,
        downloads=beside(path, table.get("downloads")) or platformdirs.user_downloads_path(),
        warnings=warnings,
        keys=tables["keys"],
    )


def server_settings(
    *,
    database: str | None = None,
    host: str | None = None,
    port: int | None = None,
    public_url: str | None = None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> ServerSettings:
    """The settings of the backend; the arguments are the options given. Raises `ConfigError`."""
    path, tables = file_tables(environ)
    table = tables["server"]
    return ServerSettings(
        database=_database(database or environ.get("MECHTUI_DATABASE") or table.get("database") or default_database()),
        host=host or environ.get("MECHTUI_HOST") or table.get("host", "127.0.0.1"),
        port=checked_port(port if port is not None else environ.get("MECHTUI_PORT") or table.get("port", 8420)),
        public_url=_public_url(public_url or environ.get("MECHTUI_PUBLIC_URL") or table.get("public_url")),
        hosts=_hosts(table.get("hosts", []), path),
        rules=_rules(table, path),
        shop_name=table.get("shop_name", ""),
        metrics=table.get("metrics", False),
        log=_log(table.get("log", ""), path),
        forget_after=_days(table.get("forget_after"), path),
        tls_cert=tls_cert or beside(path, environ.get("MECHTUI_TLS_CERT") or table.get("tls_cert")),
        tls_key=tls_key or beside(path, environ.get("MECHTUI_TLS_KEY") or table.get("tls_key")),
    )


def default_database() -> str:
    """The SQLite file in the user's data folder."""
    return f"{SQLITE_SCHEME}{quote(str(platformdirs.user_data_path(APP) / 'mechtui.db'))}"


def sqlite_path(url: str) -> Path:
    """The file a `sqlite:////absolute/path` address names. Raises `ConfigError` for any other address."""
    path = unquote(url.removeprefix(SQLITE_SCHEME))
    if not url.startswith(SQLITE_SCHEME) or not path.startswith("/") or path.endswith("/") or "\0" in path:
        raise ConfigError(
            f"{url!r} is no database mechtui can use; name a file, like sqlite:////var/lib/mechtui.db, "
            "or one on a PostgreSQL server, like postgresql://mechtui:PASSWORD@db.shop/mechtui"
        )
    return Path(path)


def is_postgres(url: str) -> bool:
    """Whether a database address names one on a PostgreSQL server."""
    return url.startswith(POSTGRES_SCHEMES)


def file_tables(environ: Mapping[str, str]) -> tuple[Path, dict[str, config_file.Table]]:
    """Where the file is, and what it says; a file nobody named need not be there."""
    named = environ.get("MECHTUI_CONFIG")
    path = Path(named) if named else platformdirs.user_config_path(APP) / "config.toml"
    if not named and not path.exists():
        return path, {name: {} for name in config_file.TABLES}
    return path, config_file.read(path)


def beside(file: Path, named: str | None) -> Path | None:
    """A path that the configuration file names, as seen from its folder; nothing when it names none."""
    return file.parent / Path(named).expanduser() if named else None


def _checked(check: Callable[[str], str], value: str, source: str, advice: str) -> str:
    try:
        return check(value)
    except ValueError as error:
        raise ConfigError(f"{source}: {error}. {advice}") from error


def _database(url: str) -> str:
    if is_postgres(url):
        _check_postgres(url)
    else:
        sqlite_path(url)
    return url


def _check_postgres(url: str) -> None:
    try:
        parts = urlsplit(url)
        named = parts.port != 0 and parts.path.strip("/")
    except ValueError:
        named = False
    if not named:
        raise ConfigError("this address names no database; a right one: postgresql://mechtui:PASSWORD@db.shop/mechtui")


def checked_port(port: str | int) -> int:
    """A port. Raises `ConfigError` for anything else."""
    number = int(port) if str(port).isascii() and str(port).isdigit() else -1
    if not 0 <= number <= 65535:
        raise ConfigError(f"{port!r} is no port; one is from 0 to 65535, like 8420")
    return number


def _public_url(url: str | None) -> str | None:
    return None if not url else _checked(checked_server, url, "public URL", "A right one: https://help.example.com")


def _hosts(names: list[object], path: Path) -> tuple[str, ...]:
    for name in names:
        if not isinstance(name, str) or re.fullmatch(r"[A-Za-z0-9._-]+", name) is None:
            raise ConfigError(
                f"{path}: [server] hosts holds {name!r}, which is no name of a host: it has no scheme and no port. "
                f'A right line: hosts = ["help.example.com"]'
            )
    return tuple(map(str, names))


def _log(form: str, path: Path) -> str:
    if form not in {"", "json"}:
        raise ConfigError(f'{path}: [server] log = {form!r} is none there is; a right line: log = "json"')
    return form


def _days(age: str | None, path: Path) -> int | None:
    found = re.fullmatch(r"([1-9][0-9]{0,4}) days?", (age or "").strip())
    if age is not None and found is None:
        raise ConfigError(f'{path}: [server] forget_after = {age!r} is no age; a right line: forget_after = "730 days"')
    return int(found[1]) if found else None


def _rules(table: config_file.Table, path: Path) -> Rules:
    limits = {name: value for name, value in table.items() if name.endswith("_seconds")}
    if "plans" not in table:
        return Rules(**limits)
    plans = tuple(PlanSetting(**plan) for plan in table["plans"])
    _check_plans(plans, f"{path}: [[server.plans]]")
    return Rules(**limits, plans=plans)


def _check_plans(plans: tuple[PlanSetting, ...], where: str) -> None:
    for plan in plans:
        if plan.type not in SESSION_TYPES:
            raise ConfigError(
                f"{where} {plan.code} has the type {plan.type!r}; it is one of {', '.join(SESSION_TYPES)}"
            )
    if len({plan.code for plan in plans}) < len(plans):
        raise ConfigError(f"{where} has a code twice; each plan has its own")
    for kind in SESSION_TYPES:
        if sum(plan.standard for plan in plans if plan.type == kind) != 1:
            raise ConfigError(f"{where} needs exactly one plan for {kind} with standard = true")
