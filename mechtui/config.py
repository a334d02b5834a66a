"""What can be set, and where it comes from.

Strongest first: an option of the command line, the environment, `config.toml`, the default. The file is
`config.toml` in the user's configuration folder, or the one named by `MECHTUI_CONFIG`.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import platformdirs

APP = "mechtui"
DEFAULT_SERVER = "http://127.0.0.1:8420"
SQLITE_SCHEME = "sqlite:///"


class ConfigError(Exception):
    """A setting cannot be used; the text names it, says where it stands, and shows a right one."""


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


@dataclass(frozen=True)
class ClientSettings:
    """Where the backend is and who asks. `token_source` says in words where the token came from, never the token."""

    server: str
    token: str
    token_source: str
    journal: Path


def default_database() -> str:
    """The SQLite file in the user's data folder."""
    return f"sqlite:///{platformdirs.user_data_path(APP) / 'mechtui.db'}"


def sqlite_path(url: str) -> Path:
    """The file a `sqlite:////absolute/path` address names. Raises `ConfigError` for any other address."""
    path = unquote(url.removeprefix(SQLITE_SCHEME))
    if not url.startswith(SQLITE_SCHEME) or not path.startswith("/") or path.endswith("/"):
        raise ConfigError(
            f"{url!r} is no database this version can use; name a file, like sqlite:////var/lib/mechtui.db"
        )
    return Path(path)
