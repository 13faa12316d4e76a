"""What must happen before there are threads."""

from __future__ import annotations

import ctypes
import resource
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import msgspec

import gbook

__all__ = ["allow_connections", "give_memory_back", "import_all", "prepare_models"]

# Calendars, locks, databases and programs.
SPARE_FILES = 500
# M_MMAP_THRESHOLD of glibc's mallopt, and the size of blocks that go back to the system at once.
_THRESHOLD, LARGE_BLOCK = -3, 1 << 20
# The parts that a server never uses.
_OTHERS = ("gbook.__main__", "gbook.cli")


def allow_connections(count: int) -> None:
    """Raise the limit of open files for this many connections and some files, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def give_memory_back() -> None:
    """Let large blocks of memory go back to the system when they are free.

    By default, glibc keeps some for each thread that has had a long request: hundreds of megabytes in all.
    Other libraries have no such setting, and need none.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_THRESHOLD, LARGE_BLOCK)


def import_all() -> None:
    """Import every module that a request may need, so that none waits for it."""
    for module in walk_packages(gbook.__path__, "gbook."):
        if not module.name.startswith(_OTHERS):
            import_module(module.name)


def prepare_models() -> None:
    """Let msgspec look at the fields of every model.

    It does so at the first use of a model, and crashes if two threads use it first at the same time.
    """
    for model in _models(msgspec.Struct):
        # Those that are only passed around inside the program have fields that cannot be decoded.
        with suppress(TypeError, NameError):
            msgspec.msgpack.Decoder(model)


def _models(base: type[Any]) -> Iterator[type[Any]]:
    for model in base.__subclasses__():
        if model.__module__.startswith("gbook."):
            yield model
        yield from _models(model)
