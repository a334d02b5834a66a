import dataclasses
from pathlib import Path

import pytest

from mechtui import config, config_file
from mechtui.config import (
    DEFAULT_PLANS,
    ConfigError,
    PlanSetting,
    Rules,
    client_settings,
    default_database,
    server_settings,
    sqlite_path,
)
from mechtui.models import SessionType


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without settings; his configuration folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    folder = tmp_path / "xdg_config_home" / "mechtui"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text)
    file.chmod(0o600)
    return file


def secret(folder: Path, text: str = "mtm_file\n") -> Path:
    file = folder / "token"
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_without_any_setting_the_backend_is_this_machine(folder: Path) -> None:
    settings = client_settings(environ={})
    assert (settings.server, settings.token, settings.token_source) == ("http://127.0.0.1:8420", "", "nowhere")
    server = server_settings(environ={})
    assert (server.host, server.port, server.public_url, server.rules) == ("127.0.0.1", 8420, None, Rules())
    assert server.database == default_database()
    assert sqlite_path(server.database).name == "mechtui.db"
    assert settings.journal.is_relative_to(folder.parent.parent)


def test_the_strongest_source_of_the_address_wins(folder: Path) -> None:
    write(folder, '[client]\nserver = "http://file:1"')
    environ = {"MECHTUI_SERVER": "http://environment:1/"}
    assert client_settings(environ={}).server == "http://file:1"
    assert client_settings(environ=environ).server == "http://environment:1"
    assert client_settings(server="https://option:1", environ=environ).server == "https://option:1"


def test_the_strongest_source_of_the_token_wins(folder: Path) -> None:
    file = write(folder, 'client = {token_file = "token"}')
    secret(folder)
    other = folder / "other"
    other.write_text(" mtm_option \n")
    other.chmod(0o600)
    environ = {"MECHTUI_TOKEN": "mtm_environment"}
    assert client_settings(environ={}).token == "mtm_file"
    write(folder, '[client]\ntoken = "mtm_config"\ntoken_file = "token"')
    from_config = client_settings(environ={})
    assert (from_config.token, from_config.token_source) == ("mtm_config", f"[client] token in {file}")
    assert client_settings(environ=environ).token == "mtm_environment"
    from_option = client_settings(token_file=other, environ=environ)
    assert (from_option.token, from_option.token_source) == ("mtm_option", str(other))


def test_the_strongest_source_of_each_server_setting_wins(folder: Path) -> None:
    write(
        folder,
        '[server]\ndatabase = "sqlite:////f"\nhost = "f"\nport = 1\npublic_url = "http://f"\ncompleted_seconds = 3\n',
    )
    environ = {
        "MECHTUI_DATABASE": "sqlite:////e",
        "MECHTUI_HOST": "e",
        "MECHTUI_PORT": "2",
        "MECHTUI_PUBLIC_URL": "http://e/",
    }
    file = server_settings(environ={})
    assert (file.database, file.host, file.port, file.public_url) == ("sqlite:////f", "f", 1, "http://f")
    assert file.rules == Rules(completed_seconds=3)
    named = server_settings(environ=environ)
    assert (named.database, named.host, named.port, named.public_url) == ("sqlite:////e", "e", 2, "http://e")
    option = server_settings(database="sqlite:////o", host="o", port=0, public_url="http://o", environ=environ)
    assert (option.database, option.host, option.port, option.public_url) == ("sqlite:////o", "o", 0, "http://o")


def test_another_file_can_be_named_and_must_be_there(folder: Path, tmp_path: Path) -> None:
    write(folder, '[client]\nserver = "http://usual:1"')
    other = tmp_path / "other.toml"
    with pytest.raises(ConfigError, match=r"other\.toml cannot be read: No such file"):
        client_settings(environ={"MECHTUI_CONFIG": str(other)})
    other.write_text('[client]\nserver = "http://other:1"')
    assert client_settings(environ={"MECHTUI_CONFIG": str(other)}).server == "http://other:1"


PLANS = """
[[server.plans]]
code = "c"
type = "chat"
name = "Chat"
minutes = 10
price_cents = 500
standard = true
[[server.plans]]
code = "v"
type = "video"
name = "Video"
minutes = 20
price_cents = 900
mechanic_share_bp = 6500
standard = true
[[server.plans]]
code = "d"
type = "diagnostic"
name = "Look"
minutes = 30
price_cents = 900
standard = true
"""


def test_plans_of_the_file_take_the_place_of_all_others(folder: Path) -> None:
    write(folder, PLANS)
    plans = server_settings(environ={}).rules.plans
    assert plans[0] == PlanSetting("c", "chat", "Chat", 10, 500, standard=True)
    assert [plan.mechanic_share_bp for plan in plans] == [7000, 6500, 7000]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[client\n", "is not TOML"),
        ('server = "http://a"', "server is no table"),
        ("[clent]", "clent is no table"),
        ('[client]\nsever = "http://a"', r"\[client\] knows no sever; it knows server"),
        ("[client]\nserver = 5", r"server is not a text in quotes. A right line: server = "),
        ('[server]\nport = "8420"', r"\[server\] port is not a whole number. A right line: port = 8420"),
        ("[keys]\naccept = 5", r"\[keys\] accept is no key, nor a list of keys. A right line: accept = "),
        ("[keys]\naccept = []", "accept is no key"),
        ("[server]\nport = true", "port is not a whole number"),
        ("[server]\nport = 70000", "port is not from 0 to 65535"),
        ("[server]\nrequest_seconds = 0", "request_seconds is not from 1"),
        ("[server]\nplans = [5]", "something that is no table"),
        ('[[server.plans]]\ncode = "x"', "has no type. A right line: type = "),
        ("[[server.plans]]\nminutes = 0", "minutes is not from 1"),
        (PLANS.replace('"c"', '"v"'), "has a code twice"),
        (PLANS.replace("standard = true", "standard = false", 1), "exactly one plan for chat"),
        (PLANS.replace('"chat"', '"call"'), "has the type 'call'; it is one of chat, video, diagnostic"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_the_file_and_a_right_example(
    folder: Path, text: str, words: str
) -> None:
    file = write(folder, text)
    with pytest.raises(ConfigError, match=words) as caught:
        server_settings(environ={})
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("environ", [{"MECHTUI_SERVER": "localhost"}, {"MECHTUI_TOKEN": "two words"}])
def test_what_is_wrong_in_the_environment_is_told_with_its_name(folder: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(environ))) as caught:
        client_settings(environ=environ)
    assert "two words" not in str(caught.value)


def test_a_wrong_port_or_public_url_is_told(folder: Path) -> None:
    with pytest.raises(ConfigError, match="'http' is no port"):
        server_settings(environ={"MECHTUI_PORT": "http"})
    with pytest.raises(ConfigError, match="public URL"):
        server_settings(public_url="example.com", environ={})


@pytest.mark.parametrize(
    "url",
    ["postgresql://a", "sqlite://a", "sqlite:///relative.db", "sqlite:////folder/", "sqlite:////a%00b", "", "/a"],
)
def test_any_other_database_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ConfigError, match="name a file, like sqlite:///"):
        sqlite_path(url)


def test_a_path_survives_the_way_through_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data/50% off/ü#?")
    assert sqlite_path(default_database()) == Path("/data/50% off/ü#?/mechtui/mechtui.db")


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_token_others_can_read_is_warned_of(folder: Path, mode: int, warned: bool) -> None:
    file = secret(folder)
    file.chmod(mode)
    settings = client_settings(token_file=file, environ={})
    assert settings.token == "mtm_file"
    assert bool(settings.warnings) is warned
    assert all(f"chmod 600 {file}" in warning for warning in settings.warnings)


def test_a_token_file_that_is_none_is_told(folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        client_settings(token_file=folder / "nowhere", environ={})
    with pytest.raises(ConfigError, match="is empty"):
        client_settings(token_file=secret(folder, "\n"), environ={})
    with pytest.raises(ConfigError, match="no token"):
        client_settings(token_file=secret(folder, "schlüssel"), environ={})


@pytest.mark.parametrize(("age", "days"), [("730 days", 730), ("1 day", 1)])
def test_an_age_is_told_in_days(folder: Path, age: str, days: int) -> None:
    (folder / "config.toml").write_text(f'[server]\nforget_after = "{age}"')
    assert server_settings(environ={"MECHTUI_CONFIG": str(folder / "config.toml")}).forget_after == days


@pytest.mark.parametrize("age", ["", "two years", "0 days", "-3 days", "730", "1 year"])
def test_an_age_that_is_none_is_refused(folder: Path, age: str) -> None:
    (folder / "config.toml").write_text(f'[server]\nforget_after = "{age}"')
    with pytest.raises(ConfigError, match='forget_after = "730 days"'):
        server_settings(environ={"MECHTUI_CONFIG": str(folder / "config.toml")})


def test_nobody_is_forgotten_unless_it_is_set() -> None:
    assert server_settings(environ={}).forget_after is None


def test_the_types_are_those_of_the_models() -> None:
    assert tuple(SessionType) == config.SESSION_TYPES


def test_every_type_has_one_standard_plan() -> None:
    standard = [plan.type for plan in DEFAULT_PLANS if plan.standard]
    assert sorted(standard) == sorted(SessionType)


def test_every_setting_of_the_rules_is_a_key_of_the_file() -> None:
    assert {field.name for field in dataclasses.fields(Rules)} <= set(config_file.SERVER)
    assert {field.name for field in dataclasses.fields(PlanSetting)} == set(config_file.PLAN)
