"""The running platform for the tests of the command line."""

from tests.embedded import embedded, folder

__all__ = ["embedded", "folder"]
