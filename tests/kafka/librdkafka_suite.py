"""librdkafka's own integration tests against `cnengine broker`.

    python tests/kafka/librdkafka_suite.py [--full] [--protocol classic] [--jobs 2] [NUMBER ...]

Takes librdkafka's sources from the npm package node-rdkafka (the only use of the network; a second
run finds them under build/), builds its tests, and runs each by a process of its own against one of
three brokers in empty folders: with topics created on demand, without, with logins. By both
protocols of groups, quickly (as librdkafka's own CI has it) or in full. Needs make, a C++ compiler,
npm, and the headers of zlib, OpenSSL and, for 0053, 0098 and 0110, RapidJSON (CPLUS_INCLUDE_PATH
where they are elsewhere). Ends with counts; exits with the number of failures. Kafka's scripts and
Java are stood in for by kafka_scripts.py; topics get one replica, not three.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "node-rdkafka@3.6.1"  # librdkafka 2.12.0
HOME = ROOT / "build" / "librdkafka"
LIMIT_S = {"quick": 400, "full": 900}

# What is not run, by number, and why; those that need no broker (TEST_F_LOCAL) besides.
# In full, 0045 fails by the new protocol: it waits for names alone first, as Kafka looks for what
# matches an expression a heartbeat later; this broker assigns both at once.
LEFT_OUT = {
    "0028": "an issue of the suite's own, never run by it",
    "0047": "an issue of the suite's own, never run by it",
    "0097": "needs a broker with TLS and files from their certificate scripts",
    "0101": "needs brokers in several racks",
    "0126": "needs an OpenID provider",
    "0139": "brings its own mock of a broker",
    "0150": "brings its own mock of a broker",
    "8000": "manual: an idle client, for ever",
    "8001": "manual, with a mock",
}
# As in librdkafka's clusters.
SETTINGS = [
    "num.partitions=4",
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found=true",
    "logging.level=error",
]
# A scenario of ours: who logs in, and the tests that want it. 0142 does something in full only.
LOGINS = ["0081", "0135", "0142"]
BROKER_LOGINS = [
    "sasl.enabled.mechanisms=PLAIN",
    "connections.max.reauth.ms=10000",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config="
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_u="secret";',
]
CLIENT_LOGINS = """security.protocol=sasl_plaintext
sasl.mechanism=PLAIN
sasl.username=u
sasl.password=secret
"""


class Test(NamedTuple):
    number: str
    scenario: str  # "default", "noautocreate" or "logins"


class Outcome(NamedTuple):
    test: Test
    state: str  # "passed", "skipped", "FAILED"
    seconds: float
    why: str


def sources() -> Path:
    """The folder of librdkafka, adapted and built."""
    folder = HOME / PACKAGE / "package" / "deps" / "librdkafka"
    if not folder.exists():
        with tempfile.TemporaryDirectory() as download:
            subprocess.run(["npm", "pack", "--silent", PACKAGE, "--pack-destination", download],
                           check=True)  # fmt: skip
            (archive,) = Path(download).glob("*.tgz")
            with tarfile.open(archive) as tar:
                tar.extractall(HOME / PACKAGE, filter="data")
    tests = folder / "tests"
    text = (tests / "test.c").read_text()
    made = "rd_kafka_NewTopic_new(topicname, partition_cnt, "
    one_replica = text.replace(f"{made}replication_factor,", f"{made}1,")
    if one_replica != text:
        (tests / "test.c").write_text(one_replica)
    stand_in(tests / "java" / "run-class.sh", "")
    for script in ("kafka-topics.sh", "kafka-acls.sh"):
        stand_in(HOME / "kafka" / "bin" / script, script)
    commands = [["make", "-j2", "libs"], ["make", "-j2", "-C", "tests", "build"]]
    if not (folder / "Makefile.config").exists():
        commands.insert(0, ["./configure", "--disable-gssapi", "--disable-curl"])
    with (log := HOME / "build.log").open("w") as out:
        for command in commands:
            if subprocess.run(command, cwd=folder, stdout=out, stderr=out).returncode:
                raise SystemExit(f"librdkafka_suite: {shlex.join(command)} failed, see {log}")
    for name in ("Murmur2Cli", "TransactionProducerCli", "IncrementalRebalanceCli"):
        (tests / "java" / f"{name}.class").touch()  # so that nobody looks for a compiler of Java
    return folder


def stand_in(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    script = shlex.join([sys.executable, str(ROOT / "tests" / "kafka" / "kafka_scripts.py")])
    path.write_text(f'#!/bin/sh\nexec {script} {name} "$@"\n')
    path.chmod(0o755)


def all_tests(folder: Path) -> list[Test]:
    """Those with a broker, in the order of the suite; several tests have one number."""
    text = (folder / "tests" / "test.c").read_text()
    table = text[text.index("struct test tests[] = {") :].split("{NULL}", 1)[0]
    found = []
    for name, flags, rest in re.findall(r"_TEST\((\w+),\s*([^,)]*)(.*?)\),\n", table, re.DOTALL):
        if "LOCAL" not in flags:
            scenario = "noautocreate" if "noautocreate" in rest else "default"
            found.append(Test(name.split("_")[0], scenario))
    found = [test for test in found if test.number not in LOGINS or test.number == "0081"]
    return [*dict.fromkeys(found), *(Test(number, "logins") for number in LOGINS)]


@contextmanager
def running_broker(scenario: str, scratch: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "cnengine", "broker", "--data", str(scratch / scenario)]
    logins = scenario == "logins"
    command += ["--listen", f"{'SASL_PLAINTEXT://' if logins else ''}127.0.0.1:0"]
    on_demand = str(scenario != "noautocreate").lower()
    settings = [*SETTINGS, f"auto.create.topics.enable={on_demand}"]
    for setting in settings + BROKER_LOGINS * logins:
        command += ["--set", setting]
    broker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert broker.stdout is not None
    line = broker.stdout.readline()
    found = re.match(r"broker (\S+) on ", line)
    try:
        if not found:
            raise SystemExit(f"librdkafka_suite: expected a broker, got {line!r}")
        yield found[1]
    finally:
        broker.terminate()
        broker.wait()


def run(
    folder: Path, test: Test, address: str, protocol: str, full: bool, scratch: Path
) -> Outcome:
    work = scratch / f"{test.number}-{test.scenario}"
    work.mkdir()
    settings = work / "test.conf"
    settings.write_text(
        f"bootstrap.servers={address}\nbroker.address.family=v4\n"
        "test.timeout.multiplier=2\ntest.topic.random=true\n"
        + CLIENT_LOGINS
        * (test.scenario == "logins")
    )
    environment = {
        **os.environ,
        "RDKAFKA_TEST_CONF": str(settings),
        "TEST_REPORT": str(work / "report.json"),
        "TEST_KAFKA_VERSION": "4.0.0",
        "TEST_SCENARIO": test.scenario.replace("logins", "default"),
        "TEST_CONSUMER_GROUP_PROTOCOL": protocol,
        "TESTS": test.number,
        "KAFKA_PATH": str(HOME / "kafka"),
        "BROKERS": address,
        "LD_LIBRARY_PATH": f"{folder / 'src'}:{folder / 'src-cpp'}",
    }
    log = HOME / f"{protocol}-{test.number}-{test.scenario}.log"
    begin = time.monotonic()
    with log.open("w") as out:
        runner = subprocess.Popen(
            ["./test-runner", "-p1", "-L", *([] if full else ["-Q"])], cwd=folder / "tests",
            env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        try:
            runner.wait(LIMIT_S["full" if full else "quick"])
        except subprocess.TimeoutExpired:
            os.killpg(runner.pid, signal.SIGKILL)
            runner.wait()
    text = re.sub(r"\x1b\[\d*m", "", log.read_text(errors="replace"))
    if runner.returncode:
        failure = re.search(r"^### Test .*\n(.*)", text, re.MULTILINE)
        state, why = "FAILED", failure[1] if failure else f"took too long, see {log}"
    elif re.search(r"= Test \w+ PASSED =", text):
        state, why = "passed", ""
    else:
        skips = re.findall(r"SKIPPING TEST: (.*)", text)
        reasons = [skip for skip in skips if "negative test flags" not in skip]
        state, why = "skipped", reasons[-1] if reasons else "by the suite"
    return Outcome(test, state, time.monotonic() - begin, why)


def run_all(folder: Path, tests: list[Test], protocol: str, full: bool, jobs: int) -> list[Outcome]:
    with tempfile.TemporaryDirectory(prefix="librdkafka-suite-") as place, ExitStack() as stack:
        scratch = Path(place)
        addresses = {
            scenario: stack.enter_context(running_broker(scenario, scratch))
            for scenario in ("default", "noautocreate", "logins")
        }

        def one(test: Test) -> Outcome:
            outcome = run(folder, test, addresses[test.scenario], protocol, full, scratch)
            _, state, seconds, why = outcome
            name = f"{protocol} {test.number} {test.scenario}"
            print(f"{name:27} {state:7} {seconds:6.1f} s  {why}", flush=True)
            return outcome

        with ThreadPoolExecutor(jobs) as threads:
            return list(threads.map(one, tests))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--full", action="store_true", help="all of each test, an hour")
    parser.add_argument("--protocol", action="append", choices=["classic", "consumer"])
    parser.add_argument("--jobs", type=int, default=2, help="tests at the same time")
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="such as 0081")
    told = parser.parse_args()
    folder = sources()
    tests = [test for test in all_tests(folder) if test.number in told.numbers or not told.numbers]
    tests = [test for test in tests if test.number not in LEFT_OUT]
    for number, why in {} if told.numbers else LEFT_OUT.items():
        print(f"{number} left out: {why}")
    failed = 0
    for protocol in told.protocol or ["classic", "consumer"]:
        outcomes = run_all(folder, tests, protocol, told.full, told.jobs)
        counts = Counter(outcome.state for outcome in outcomes)
        states = ", ".join(f"{counts[state]} {state}" for state in ("passed", "skipped", "FAILED"))
        print(f"{protocol}: {len(outcomes)} run, {states}")
        failed += counts["FAILED"]
    return min(failed, 100)


if __name__ == "__main__":
    sys.exit(main())
