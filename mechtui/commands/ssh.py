"""`mechtui ssh`, and the same before the demo's shop."""

import argparse
from collections.abc import Callable
from pathlib import Path

from mechtui.config import ConfigError
from mechtui.config_ssh import SshSettings, ssh_settings
from mechtui.exits import CommandError, Exit
from mechtui.server.accounts import list_mechanics
from mechtui.server.db.errors import DatabaseError
from mechtui.server.demo import visit
from mechtui.server.demo.shop import DANA
from mechtui.server.demo.shopfront import OpenShop, Order
from mechtui.server.logins import add_key
from mechtui.server.public_key import read
from mechtui.ssh.front import Address, run_front
from mechtui.ssh.host_key import HostKey, make_client_key


def run_ssh(options: argparse.Namespace) -> int:
    """Keep the front door open until told to stop."""
    try:
        settings = ssh_settings(
            database=options.database,
            server=options.server,
            host=options.ssh_host,
            port=options.ssh_port,
            keys=options.keys,
        )
    except ConfigError as error:
        raise CommandError(str(error), Exit.WRONG_USE) from error
    return _run(settings, lambda address, key: _opened(settings, address, key))


def _opened(settings: SshSettings, address: Address, key: HostKey) -> None:
    print(f"mechtui: SSH at {address.host} port {address.port}, for the backend at {settings.server}", flush=True)
    print(f"mechtui: host key {key.fingerprint} ({settings.host_key})", flush=True)


def _run(settings: SshSettings, opened: Callable[[Address, HostKey], None]) -> int:
    try:
        return run_front(settings, opened)
    except ConfigError as error:
        raise CommandError(str(error), Exit.WRONG_USE) from error
    except DatabaseError as error:
        raise CommandError(str(error), Exit.NOT_REACHED) from error
    except OSError as error:
        words = f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); name another with --port"
        raise CommandError(words, Exit.NOT_REACHED) from error


# --- the demo -------------------------------------------------------------------------------------------------


def run_demo_ssh(options: argparse.Namespace) -> int:
    """Open the demo's shop with a front door, and say how to come in."""
    return visit(Order(options.seed, options.speed, options.keep, people=True, postgres=options.postgres), _demo_front)


def _demo_front(shop: OpenShop) -> int:
    """The front on a free port, and a key of Dana's that is thrown away with the shop."""
    folder = Path(shop.folder) / "ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        dana = next(one.id for one in list_mechanics(shop.database) if one.name == DANA)
        add_key(shop.database, dana, read(make_client_key(key)))
    settings = SshSettings(shop.database, shop.server, folder / "host_key", folder / "homes", port=0)
    return _run(settings, lambda address, host_key: _say_how(folder, address, host_key))


def _say_how(folder: Path, address: Address, host_key: HostKey) -> None:
    known = folder / "known_hosts"
    public = host_key.key.export_public_key().decode().strip()
    known.write_text(f"[{address.host}]:{address.port} {public}\n")
    print("The shop is open until Ctrl+C. Come in from another terminal:\n", flush=True)
    options = f"-o IdentitiesOnly=yes -o UserKnownHostsFile={known}"
    print(f"ssh -p {address.port} -i {folder / 'key'} {options} dana@{address.host}\n", flush=True)
