"""A running backend to knock at; on SQLite, where the engine makes no difference."""

import datetime
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.server.live import Shop, open_shop
from tests.server.support import database_url


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The address of a database that is a file."""
    return database_url(tmp_path / "shop.db")


@pytest.fixture
async def shop(file: str) -> AsyncIterator[Shop]:
    async with open_shop(file) as opened:
        yield opened


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A certificate for this machine, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a shop")])
    day, now = datetime.timedelta(days=1), datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = tmp_path / "shop.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path
