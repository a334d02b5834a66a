"""The settings a client runs under; for the dashboard, which needs nothing else of the commands."""

import argparse

from mechtui.config import ClientSettings, ConfigError, client_settings
from mechtui.exits import CommandError, Exit, say


def settings_of(options: argparse.Namespace) -> ClientSettings:
    """The client's settings under these options, their warnings told. Raises `CommandError`."""
    try:
        settings = client_settings(server=options.server, token_file=options.token_file)
    except ConfigError as error:
        raise CommandError(str(error), Exit.WRONG_USE) from error
    for warning in settings.warnings:
        say(warning)
    return settings
