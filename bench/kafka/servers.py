"""Brokers for the benchmarks, each a process of its own on loopback with an empty directory.

`fsync` is the promise that all of them make: "none" writes to the file before it acknowledges, and
syncs when the system likes; "always" syncs first. Redis: an append-only file with appendfsync no or
always. NATS JetStream: file storage, which it syncs every two minutes, or with sync_interval always
(from version 2.10 on). Apache Kafka, where `--kafka-home` names one: log.flush.interval.messages
unset or 1.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    name: str
    port: int
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def cpu_s(self) -> float:
        """Processor seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _process(name: str, command: list[str], port: int, folder: Path) -> Iterator[Server]:
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} did not start: {(folder / 'output').read_text()}")
            time.sleep(0.02)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def cnengine(fsync: str, folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "cnengine", "broker", "--data", str(folder / "log"),
               "--listen", f"127.0.0.1:{port}", "--fsync", fsync,
               "--set", "num.network.threads=1"]  # fmt: skip
    with _process("cnengine", command, port, folder) as server:
        yield server


@contextlib.contextmanager
def redis(fsync: str, folder: Path) -> Iterator[Server]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder),
               "--appendonly", "yes", "--appendfsync", "always" if fsync == "always" else "no",
               "--save", "", "--auto-aof-rewrite-percentage", "0"]  # fmt: skip
    with _process("redis", command, port, folder) as server:
        yield server


@contextlib.contextmanager
def nats(fsync: str, folder: Path) -> Iterator[Server]:
    port = free_port()
    sync = "sync_interval: always, " if fsync == "always" else ""
    (folder / "nats.conf").write_text(
        f'listen: "127.0.0.1:{port}"\nmax_payload: 8MB\n'
        f'jetstream {{ store_dir: "{folder}/js", {sync}max_file_store: 20GB }}\n'
    )
    command = ["nats-server", "-c", str(folder / "nats.conf")]
    with _process("nats", command, port, folder) as server:
        yield server


@contextlib.contextmanager
def kafka(fsync: str, folder: Path) -> Iterator[Server]:
    """Apache Kafka 4 as one broker and controller (KRaft), its log on the same disk as ours."""
    home = Path(os.environ["KAFKA_HOME"])
    port, controller = free_port(), free_port()
    (folder / "server.properties").write_text(
        "process.roles=broker,controller\nnode.id=1\n"
        f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
        f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n"
        f"advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n"
        "controller.listener.names=CONTROLLER\n"
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
        f"log.dirs={folder}/log\nnum.network.threads=1\nnum.partitions=1\n"
        "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
        "transaction.state.log.min.isr=1\n"
        + ("log.flush.interval.messages=1\n" if fsync == "always" else "")
    )
    settings = str(folder / "server.properties")
    subprocess.run([home / "bin/kafka-storage.sh", "format", "-t", "Y25lbmdpbmUtYmVuY2gxMQ", "-c",
                    settings], check=True, capture_output=True)  # fmt: skip
    command = [str(home / "bin/kafka-server-start.sh"), settings]
    with _process("kafka", command, port, folder) as server:
        yield server


KINDS = {"cnengine": cnengine, "redis": redis, "nats": nats, "kafka": kafka}
PROGRAMS = {"redis": "redis-server", "nats": "nats-server"}


def found(name: str, fsync: str) -> bool:
    """Whether the machine has the server, in a version that can make the promise."""
    if name == "kafka":
        return "KAFKA_HOME" in os.environ  # --kafka-home
    program = PROGRAMS.get(name)
    if program is not None and shutil.which(program) is None:
        return False
    if name != "nats" or fsync == "none":
        return True
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    version = text.rsplit("v", 1)[1].split(".")
    return (int(version[0]), int(version[1])) >= (2, 10)


@contextlib.contextmanager
def start(name: str, fsync: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder, KINDS[name](fsync, Path(folder)) as server:
        yield server
