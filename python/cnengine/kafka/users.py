"""Users of a broker: their names, and what checks their passwords (SCRAM)."""

from __future__ import annotations

import stringprep
import unicodedata
from typing import Any

from cnengine import log as _log_module
from cnengine._core import kafka as _kafka
from cnengine.errors import ArgumentError

__all__ = ["MECHANISMS", "Users", "check_password"]

MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512")


class Users:
    """The users who may log in to a broker; changes are durable when a method returns.

    `Broker.users` has those of a running broker. While none runs, they can be changed on its log.

    Parameters
    ----------
    log
        An open `cnengine.log.Log` that no broker serves.

    Examples
    --------
    >>> import tempfile, cnengine.kafka, cnengine.log
    >>> with cnengine.log.open(tempfile.mkdtemp()) as log:
    ...     users = cnengine.kafka.Users(log)
    ...     users.set("alice", "secret")
    ...     users.list()
    {'alice': {'SCRAM-SHA-512': 4096}}
    """

    def __init__(self, log: _log_module.Log) -> None:
        self._native: Any = _kafka.UserStore(str(log.path))

    @classmethod
    def _of(cls, native: Any) -> Users:
        out = cls.__new__(cls)
        out._native = native
        return out

    def set(
        self,
        name: str,
        password: str,
        *,
        mechanism: str = "SCRAM-SHA-512",
        iterations: int = 4096,
    ) -> None:
        """Add a user, or give one another password.

        Raises
        ------
        ArgumentError
            An empty name or password, another mechanism, or iterations below 4096 or above 16384.
        """
        check_password(password)
        self._native.set(name, mechanism, password, iterations)

    def remove(self, name: str, *, mechanism: str | None = None) -> None:
        """Take a user away, or only the password for one mechanism.

        Raises
        ------
        NotFoundError
            There is no such user.
        """
        known = self.list().get(name, {})
        for each in (mechanism,) if mechanism else tuple(known) or MECHANISMS[:1]:
            self._native.remove(name, each)

    def list(self) -> dict[str, dict[str, int]]:
        """Iterations by mechanism, by the user's name."""
        out: dict[str, dict[str, int]] = {}
        for name, mechanism, iterations in self._native.list():
            out.setdefault(name, {})[mechanism] = iterations
        return out


def check_password(password: str) -> None:
    """Refuse a password that clients would not all send as the same bytes (RFC 4013).

    Raises
    ------
    ArgumentError
        It holds control characters, spaces other than U+0020, or letters that have another form.
    """
    prepared = unicodedata.normalize("NFKC", password)
    odd = any(
        stringprep.in_table_c21_c22(c) or stringprep.in_table_c12(c) or stringprep.in_table_b1(c)
        for c in password
    )
    if odd or prepared != password:
        raise ArgumentError(
            "users: expected a password of printable characters in their normal form (NFKC)"
        )
