"""The running platform for the tests of the command line."""

from tests.embedded import embedded

__all__ = ["embedded"]
