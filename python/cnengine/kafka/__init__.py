"""A broker that speaks the Kafka protocol on a log.

Every Kafka client talks to it unchanged. It runs within a Python process, beside other users of the
log, or as a process of its own: ``cnengine broker --data DIR``.
"""

from cnengine.kafka.acls import Acl, Acls
from cnengine.kafka.broker import Broker
from cnengine.kafka.users import Users

__all__ = ["Acl", "Acls", "Broker", "Users"]
