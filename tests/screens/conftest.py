"""A real project for what keys do."""

from tests.controller.conftest import begin, lab

__all__ = ["begin", "lab"]
