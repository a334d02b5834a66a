"""The backend of the server's tests."""

from tests.server.conftest import shop

__all__ = ["shop"]
