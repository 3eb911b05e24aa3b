"""`cnengine acl` and `cnengine user` against a broker process that checks both."""

import json
import subprocess
import sys
from contextlib import ExitStack

import cnengine.kafka
import cnengine.log
import pytest
from cnengine import cli
from served import broker_process

confluent = pytest.importorskip("confluent_kafka")


@pytest.fixture
def broker(tmp_path):
    """Listens to SASL on loopback; `admin` is in its log already and may do everything."""
    with cnengine.log.open(tmp_path / "log") as log:
        cnengine.kafka.Users(log).set("admin", "admin-secret")
    with broker_process(
        tmp_path, "--listen", "SASL_PLAINTEXT://127.0.0.1:0",
        "--set", "sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256",
        "--set", "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "--set", "super.users=User:admin",
    ) as running:  # fmt: skip
        yield running


@pytest.fixture
def run(broker, capsys, tmp_path):
    def run(*arguments, user="admin", password="admin-secret", fails=False):
        file = run.file
        file.write_text(
            "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-512\n"
            "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
            f'username="{user}" password="{password}";\n'
        )
        status = cli.main(
            [*arguments, "--bootstrap-server", broker.bootstrap, "--command-config", str(file)]
        )
        shown = capsys.readouterr()
        assert status == int(fails), shown.err
        return shown.err if fails else shown.out

    run.file = tmp_path / "client.properties"
    return run


@pytest.fixture
def run_json(run):
    return lambda *arguments, **how: json.loads(run(*arguments, "--json", **how))


def rule(principal, operation, resource, name, permission="allow", pattern="literal", host="*"):
    return {"principal": principal, "permission": permission, "operation": operation,
            "resource": resource, "name": name, "pattern": pattern, "host": host}  # fmt: skip


def test_rules_come_and_go(run, run_json):
    assert run("acl", "list") == "no such rules\n"
    added = run_json("acl", "add", "--allow-principal", "User:a", "--operation", "Read",
                     "--operation", "write", "--topic", "t", "--topic", "u")  # fmt: skip
    expected = [rule("User:a", o, "topic", t) for t in "tu" for o in ("read", "write")]
    assert sorted(map(str, added)) == sorted(map(str, expected))
    run("acl", "add", "--deny-principal", "User:b", "--deny-host", "10.0.0.1", "--group", "g",
        "--resource-pattern-type", "prefixed")  # fmt: skip
    run("acl", "add", "--allow-principal", "User:c", "--cluster", "--operation", "alter")
    denied = rule("User:b", "all", "group", "g", "deny", "prefixed", "10.0.0.1")
    of_cluster = rule("User:c", "alter", "cluster", "kafka-cluster")
    assert sorted(map(str, run_json("acl", "list"))) == sorted(
        map(str, [*expected, denied, of_cluster])
    )
    assert run_json("acl", "list", "--group", "gx", "--resource-pattern-type", "match") == [denied]
    assert run_json("acl", "list", "--cluster") == [of_cluster]
    assert run_json("acl", "list", "--principal", "User:a", "--operation", "read",
                    "--topic", "u") == [rule("User:a", "read", "topic", "u")]  # fmt: skip
    assert "PRINCIPAL" in run("acl", "list")
    assert run_json("acl", "remove", "--topic", "t") == [
        rule("User:a", "read", "topic", "t"),
        rule("User:a", "write", "topic", "t"),
    ]
    assert "expected either what to remove or --all" in run("acl", "remove", fails=True)
    assert len(run_json("acl", "remove", "--all")) == 4
    assert run_json("acl", "list") == []


def test_users_come_and_go(run, run_json, tmp_path):
    (tmp_path / "password").write_text("secret\nnot this\n")
    assert run("user", "add", "alice", "--password-file", str(tmp_path / "password")) == (
        "user alice may log in by SCRAM-SHA-512\n"
    )
    run("user", "add", "alice", "--mechanism", "SCRAM-SHA-256", "--password", "other",
        "--iterations", "5000")  # fmt: skip
    assert run_json("user", "list") == [
        {"user": "admin", "mechanism": "SCRAM-SHA-512", "iterations": 4096},
        {"user": "alice", "mechanism": "SCRAM-SHA-256", "iterations": 5000},
        {"user": "alice", "mechanism": "SCRAM-SHA-512", "iterations": 4096},
    ]
    run("topic", "list", user="alice", password="secret")
    error = run("topic", "list", user="alice", password="wrong", fails=True)
    assert "no answer from" in error
    assert "uthentication" in error
    assert run("user", "remove", "alice", "--mechanism", "SCRAM-SHA-256") == (
        "removed user alice of SCRAM-SHA-256\n"
    )
    assert [u["mechanism"] for u in run_json("user", "list", "alice")] == ["SCRAM-SHA-512"]
    run("user", "remove", "alice")
    assert 'no user "alice"' in run("user", "remove", "alice", fails=True)
    assert 'no user "alice"' in run("user", "list", "alice", fails=True)
    run("topic", "list", user="alice", password="secret", fails=True)


def test_who_may_not_is_told_so(broker, run):
    """In a process of its own: the client's library may damage its memory by such an answer."""
    run("user", "add", "bob", "--password", "bob")

    def error(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "cnengine", *arguments, "--bootstrap-server", broker.bootstrap,
             "--command-config", str(run.file)], capture_output=True, text=True, timeout=60)  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    run("topic", "list", user="bob", password="bob")
    for command in (["user", "list"], ["user", "list", "bob"], ["user", "remove", "bob"],
                    ["acl", "list"]):  # fmt: skip
        assert error(*command) == (
            f"cnengine: {command[0]} {command[1]}: the user may not describe the cluster "
            "(CLUSTER_AUTHORIZATION_FAILED)\n"
        )
    assert error("user", "add", "eve", "--password", "x") == (
        "cnengine: user add: the user may not alter the cluster (CLUSTER_AUTHORIZATION_FAILED)\n"
    )
    assert error("group", "reset-offsets", "g", "--all-topics", "--to-latest") == (
        "cnengine: group reset-offsets: Group authorization failed (GROUP_AUTHORIZATION_FAILED)\n"
    )
    assert error("acl", "remove", "--all") == (
        "cnengine: acl remove: rules may not be changed (CLUSTER_AUTHORIZATION_FAILED)\n"
    )


@pytest.mark.parametrize(
    "command", [["topic", "list"], ["group", "list"], ["acl", "list"], ["user", "list"]]
)
def test_who_does_not_log_in_is_told_how(broker, command, capsys, tmp_path):
    where = ["--bootstrap-server", broker.bootstrap]
    assert cli.main([*command, *where]) == 1
    expected = (
        f"cnengine: {' '.join(command)}: no answer from {broker.bootstrap}: it ends the connection;"
        " a listener of TLS or SASL needs --command-config"
    )
    assert capsys.readouterr().err == expected + "\n"
    file = tmp_path / "empty"
    file.touch()
    assert cli.main([*command, *where, "--command-config", str(file)]) == 1
    assert capsys.readouterr().err == (
        f"{expected} with its security.protocol, not that of {file}\n"
    )


def test_a_password_from_the_standard_input(run, run_json, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("from-a-pipe\n"))
    run("user", "add", "bob")
    run("topic", "list", user="bob", password="from-a-pipe")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "expected a password, got an empty one" in run("user", "add", "bob", fails=True)

    def ended(_):
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", ended)
    assert "expected a password, got an empty one" in run("user", "add", "bob", fails=True)


def client_of(broker, kind, user, password, **config):
    return kind(
        {"bootstrap.servers": broker.bootstrap, "security.protocol": "SASL_PLAINTEXT",
         "sasl.mechanisms": "SCRAM-SHA-512", "sasl.username": user, "sasl.password": password,
         **config}
    )  # fmt: skip


def test_what_producers_and_consumers_need(broker, run):
    for name in ("writer", "reader"):
        run("user", "add", name, "--password", name)
    assert "AUTHORIZATION_FAILED" in run("topic", "create", "t", user="writer", password="writer",
                                         fails=True)  # fmt: skip
    run("acl", "add", "--allow-principal", "User:writer", "--producer", "--topic", "t")
    run("acl", "add", "--allow-principal", "User:reader", "--consumer", "--topic", "t",
        "--group", "g")  # fmt: skip
    run("topic", "create", "t", user="writer", password="writer")
    producer, errors = client_of(broker, confluent.Producer, "writer", "writer"), []
    producer.produce("t", b"x", on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(30) == 0
    assert errors == [None]
    with ExitStack() as stack:
        consumer = client_of(broker, confluent.Consumer, "reader", "reader",
                             **{"group.id": "g", "auto.offset.reset": "earliest"})  # fmt: skip
        stack.callback(consumer.close)
        consumer.subscribe(["t"])
        [message] = consumer.consume(1, 30)
        assert message.error() is None
        assert message.value() == b"x"
    for arguments, error in (
        (["--allow-principal", "User:a", "--consumer", "--topic", "t"], "also --group"),
        (["--allow-principal", "User:a", "--topic", "t", "--producer", "--operation", "read"],
         "expected --operation, or --producer and --consumer"),
        (["--topic", "t"], "expected --allow-principal or --deny-principal"),
        (["--allow-principal", "User:a"], "expected --topic, --group"),
    ):  # fmt: skip
        assert error in run("acl", "add", *arguments, fails=True)


def test_a_broker_without_rules_says_what_turns_them_on(tmp_path, capsys):
    with broker_process(tmp_path) as plain:
        command = ["acl", "add", "--allow-principal", "User:bob", "--topic", "t"]
        assert cli.main([*command, "--bootstrap-server", plain.bootstrap]) == 1
    error = capsys.readouterr().err
    assert error.endswith("; the broker's setting authorizer.class.name turns rules on\n")
    assert len(error.splitlines()) == 1
