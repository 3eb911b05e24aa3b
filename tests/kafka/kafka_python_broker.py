"""A plugin of pytest: where kafka-python's integration tests start a broker, it is one of ours.

Loaded by `kafka_python_suite.py`. Kafka's fixture keeps its settings, port and clients.
"""

from pathlib import Path
from types import SimpleNamespace

import cnengine.kafka
import py
from certificates import Identity, write_certificates
from test.integration.fixtures import KafkaFixture


def start(self):
    if self.running:
        return True
    if self.tmp_dir is None:
        self.tmp_dir = py.path.local.mkdtemp()
    folder = Path(str(self.tmp_dir))
    config = {"num.partitions": self.partitions, "group.initial.rebalance.delay.ms": 0}
    if self.ssl_enabled:
        authority = Identity("authority", authority=True)
        write_certificates(folder / "ca-cert", authority)
        config["ssl.keystore.location"] = Identity("broker", authority).write(folder, "broker")
        self.ssl_dir = str(folder)
    if self.sasl_enabled:
        config["sasl.enabled.mechanisms"] = self.sasl_mechanism
    broker = cnengine.kafka.Broker(
        folder / "log", listen=f"{self.transport}://127.0.0.1:{self.port}", config=config
    )
    if self.sasl_enabled:
        scram = self.sasl_mechanism if self.sasl_mechanism != "PLAIN" else "SCRAM-SHA-256"
        broker.users.set(self.broker_user, self.broker_password, mechanism=scram)
    self.child = SimpleNamespace(stop=broker.stop, dump_logs=lambda: None, log=broker.log)
    self.running = True
    return True


KafkaFixture.open = KafkaFixture.start = start
KafkaFixture.get_topic_names = lambda self: self.child.log.topics()
