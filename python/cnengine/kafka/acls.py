"""Rules of a broker: who may do what (Kafka's access control lists)."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnengine import log as _log_module
from cnengine._core import kafka as _kafka

__all__ = ["CLUSTER", "Acl", "Acls"]

CLUSTER = "kafka-cluster"
"""The name of the one resource of type ``"CLUSTER"``."""


class Acl(NamedTuple):
    """One rule, in Kafka's words."""

    resource_type: str
    """TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID, DELEGATION_TOKEN or USER."""
    pattern_type: str
    """LITERAL or PREFIXED."""
    resource_name: str
    """``"*"`` is every one, of a literal pattern."""
    principal: str
    """``"User:alice"``, or ``"User:*"``."""
    host: str
    """An address, or ``"*"``."""
    operation: str
    """ALL, READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ..."""
    permission: str
    """ALLOW or DENY."""


class Acls:
    """The rules of a broker; changes are durable when a method returns.

    `Broker.acls` has those of a running broker. While none runs, they can be changed on its log.

    Parameters
    ----------
    log
        An open `cnengine.log.Log` that no broker serves.

    Examples
    --------
    >>> import tempfile, cnengine.kafka, cnengine.log
    >>> with cnengine.log.open(tempfile.mkdtemp()) as log:
    ...     acls = cnengine.kafka.Acls(log)
    ...     acls.add("User:alice", "READ", "TOPIC", "flights")
    ...     len(acls.list(principal="User:alice"))
    1
    """

    def __init__(self, log: _log_module.Log) -> None:
        self._native: Any = _kafka.AclStore(str(log.path))

    @classmethod
    def _of(cls, native: Any) -> Acls:
        out = cls.__new__(cls)
        out._native = native
        return out

    def add(
        self,
        principal: str,
        operation: str,
        resource_type: str,
        resource_name: str,
        *,
        pattern_type: str = "LITERAL",
        host: str = "*",
        permission: str = "ALLOW",
    ) -> None:
        """Add a rule; one that is there already stays.

        Raises
        ------
        ArgumentError
            A word that is none of Kafka's, or an empty name.
        """
        rule = (resource_type, pattern_type, resource_name, principal, host, operation, permission)
        self._native.add([rule])

    def remove(self, **which: str) -> list[Acl]:
        """Take the rules away that `list` would give; returns them."""
        return [Acl(*row) for row in self._native.remove(_filter(**which))]

    def list(self, **which: str) -> list[Acl]:
        """The rules, all of them or those that have what is given.

        Parameters
        ----------
        **which
            Fields of `Acl`. With ``pattern_type="MATCH"``, those that cover the resource's name.

        Raises
        ------
        ArgumentError
            A word that is none of Kafka's.
        """
        return [Acl(*row) for row in self._native.list(_filter(**which))]


def _filter(
    *,
    resource_type: str = "ANY",
    pattern_type: str = "ANY",
    resource_name: str | None = None,
    principal: str | None = None,
    host: str | None = None,
    operation: str = "ANY",
    permission: str = "ANY",
) -> tuple[str, str, str | None, str | None, str | None, str, str]:
    return resource_type, pattern_type, resource_name, principal, host, operation, permission
