"""kafka-python's own integration tests against `cnengine broker`.

    python tests/kafka/kafka_python_suite.py [arguments of pytest, such as -x or -k NAME]

Takes the sources of the installed version of kafka-python from PyPI (the only use of the network; a
second run finds them under build/), starts a broker with four partitions a topic in an empty folder
and runs the tests of the installed package against it, as its authors do with Kafka; those of TLS and
logins, which start a broker of their own, with one that `kafka_python_broker.py` starts. Ends with
the tests that failed and why; exits with the number of failures.

A consumer of kafka-python 3.0 without a group may know the partitions of a topic and assign itself none
of them, about once in 1,000 starts on a busy machine; the same topic is read by the next consumer.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree
from pathlib import Path

import cnengine.kafka
import kafka

ROOT = Path(__file__).resolve().parents[2]

# What starts brokers of its own; it is skipped where KAFKA_URI is set.
OWN_BROKER = [
    "test/integration/test_sasl_integration.py",
    "test/integration/test_ssl_integration.py",
]
# A broker that runs already, and one that the tests would start.
SERVICE = """
class ExternalService:
    def __init__(self, host, port):
        self.host, self.port = host, port

    def open(self):
        pass

    def close(self):
        pass


class SpawnedService:
    def __init__(self, *args, **options):
        raise RuntimeError("there is no Kafka here to start")
"""
# As in the configuration that comes with the tests for Kafka.
SETTINGS = [
    "node.id=0",
    "num.partitions=4",
    "group.initial.rebalance.delay.ms=0",
    "group.min.session.timeout.ms=1000",
]
# The same, where the broker has rules of access.
RULES = [
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found=true",
]


def tests_of(version: str) -> Path:
    """The folder `test` of the source distribution, beside nothing that could be imported."""
    folder = ROOT / "build" / "kafka-python" / version
    if not (folder / "test").exists():
        with tempfile.TemporaryDirectory() as download:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary",
                 "kafka-python", "-d", download, f"kafka-python=={version}"], check=True
            )  # fmt: skip
            (archive,) = Path(download).glob("*.tar.gz")
            with tarfile.open(archive) as tar:
                tar.extractall(download, filter="data")
            (tests,) = Path(download).glob("*/test")
            folder.mkdir(parents=True, exist_ok=True)
            # A package, or else Python's own `test` would be found before it; and what the source
            # distribution leaves out.
            (tests / "__init__.py").touch()
            (tests / "service.py").write_text(SERVICE)
            tests.rename(folder / "test")
    return folder


def known_settings(data: Path) -> dict[str, str]:
    with cnengine.kafka.Broker(data, listen="127.0.0.1:0") as broker:
        return broker.settings()


def start_broker(data: Path) -> tuple[subprocess.Popen[str], str]:
    has_rules = "authorizer.class.name" in known_settings(data)
    command = [sys.executable, "-m", "cnengine", "broker", "--data", str(data)]
    command += ["--listen", "127.0.0.1:0"]
    for setting in SETTINGS + (RULES if has_rules else []):
        command += ["--set", setting]
    broker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert broker.stdout is not None
    line = broker.stdout.readline()
    found = re.match(r"broker (\S+) on ", line)
    if not found:
        broker.kill()
        raise SystemExit(f"kafka_python_suite: expected a broker, got {line!r}")
    return broker, found[1]


def inferred_version(bootstrap: str) -> str:
    """The version that the client takes the broker for."""
    client = kafka.KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        return ".".join(map(str, client._manager.broker_version))
    finally:
        client.close()


def report(results: Path) -> int:
    """Prints the outcome of each test; returns how many failed."""
    failed = 0
    for case in xml.etree.ElementTree.parse(results).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}".removeprefix("test.integration.")
        bad = [each for kind in ("failure", "error") for each in case.findall(kind)]
        skipped = case.find("skipped")
        if skipped is not None:
            print(f"skipped {name}: {skipped.get('message')}")
        elif bad:
            failed += 1
            print(f"FAILED  {name}: {(bad[0].get('message') or '').splitlines()[0:1]}")
        else:
            print(f"passed  {name}")
    return failed


def main(arguments: list[str]) -> int:
    folder = tests_of(kafka.__version__)
    with tempfile.TemporaryDirectory(prefix="kafka-python-suite-") as scratch:
        data, empty = Path(scratch, "data"), Path(scratch, "kafka")
        empty.mkdir()
        broker, bootstrap = start_broker(data)
        try:
            version = inferred_version(bootstrap)
            print(f"kafka-python {kafka.__version__} takes {bootstrap} for Kafka {version}")
            environment = {**os.environ, "KAFKA_ROOT": str(empty), "KAFKA_VERSION": version,
                           "PYTHONPATH": str(Path(__file__).parent)}  # fmt: skip
            external = {**environment, "KAFKA_URI": f"kafka://{bootstrap}"}
            ignored = [f"--ignore={each}" for each in OWN_BROKER]
            failed = 0
            for which, variables in (
                (["test/integration", *ignored], external),
                (["-p", "kafka_python_broker", *OWN_BROKER], environment),
            ):
                results = Path(scratch, "results.xml")
                subprocess.run(
                    [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                     "--timeout=120", "--rootdir", str(folder), "-c", os.devnull,
                     f"--junitxml={results}", *which, *arguments],
                    cwd=folder, env=variables, check=False
                )  # fmt: skip
                failed += report(results)
        finally:
            broker.terminate()
            broker.wait()
    print(f"{failed} failed")
    return min(failed, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
