"""Where a token is looked for: a file named on the command line, the environment, the configuration file."""

from collections.abc import Mapping
from pathlib import Path

from mechtui.config_file import ConfigError, Table


def found_token(
    option: Path | None, environ: Mapping[str, str], table: Table, path: Path
) -> tuple[str, str, tuple[str, ...]]:
    """The token, where it came from, and what is wrong with that place."""
    if option is not None:
        return _token_from(option)
    if token := environ.get("MECHTUI_TOKEN"):
        return token.strip(), "MECHTUI_TOKEN", ()
    if token := table.get("token"):
        return token, f"[client] token in {path}", _open_to_others(path)
    if named := table.get("token_file"):
        return _token_from(path.parent / Path(named).expanduser())
    return "", "nowhere", ()


def _token_from(file: Path) -> tuple[str, str, tuple[str, ...]]:
    try:
        token = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"the token file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the token file {file} holds something that is no token") from error
    if not token:
        raise ConfigError(f"the token file {file} is empty; it holds the token and nothing else")
    return token, str(file), _open_to_others(file)


def _open_to_others(file: Path) -> tuple[str, ...]:
    if file.stat().st_mode & 0o077 == 0:
        return ()
    return (f"others on this machine can read the token in {file}; put that right with: chmod 600 {file}",)
