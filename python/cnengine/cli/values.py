"""Values of command lines, checked where they are read."""

from __future__ import annotations

import argparse

from cnengine.errors import ArgumentError


def positive(text: str) -> int:
    """A whole number from 1 on."""
    return _at_least(text, 1)


def natural(text: str) -> int:
    """A whole number from 0 on."""
    return _at_least(text, 0)


def port(text: str) -> int:
    """A port; 0 lets the system choose one."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text}")
    return int(text)


def settings(texts: list[str], what: str) -> dict[str, str]:
    """Settings of `name=value` texts. ArgumentError, which begins with `what`, for others."""
    out = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ArgumentError(f"{what} name=value, got {text!r}")
        out[name.strip()] = value
    return out


def _at_least(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is None or value < least:
        raise argparse.ArgumentTypeError(f"expected a number from {least} on, got {text}")
    return value
