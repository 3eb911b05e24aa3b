"""Files of client settings, as Kafka's own tools take them."""

import pytest
from cnengine import cli
from cnengine.cli.client_properties import client_settings
from cnengine.errors import ArgumentError


def test_the_names_of_java_clients(tmp_path):
    file = tmp_path / "client.properties"
    file.write_text(
        "# a comment\n! another\n\n"
        "security.protocol = SASL_SSL\n"
        "sasl.mechanism=SCRAM-SHA-512\n"
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required "
        'username="al\\"ice" password="a=b;c\\\\";\n'
        "ssl.truststore.type=PEM\n"
        "ssl.truststore.location=/ca.pem\n"
        "ssl.keystore.location=/me.pem\n"
        "ssl.endpoint.identification.algorithm=\n"
        "socket.timeout.ms=5000\n"
    )
    assert client_settings(file) == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanisms": "SCRAM-SHA-512",
        "sasl.username": 'al"ice',
        "sasl.password": "a=b;c\\",
        "ssl.ca.location": "/ca.pem",
        "ssl.certificate.location": "/me.pem",
        "ssl.key.location": "/me.pem",
        "ssl.endpoint.identification.algorithm": "none",
        "socket.timeout.ms": "5000",
    }


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("no equals sign", "expected name=value in line 1 of"),
        ("ssl.keystore.type=JKS", "expected ssl.keystore.type=PEM in line 1 of .*, got 'JKS'"),
        ("sasl.jaas.config=x required;", "to give a username and a password in line 1"),
    ],
)
def test_what_cannot_be_used(tmp_path, line, error):
    (tmp_path / "file").write_text(line)
    with pytest.raises(ArgumentError, match=error):
        client_settings(tmp_path / "file")


def test_librdkafka_has_the_last_word(tmp_path, capsys):
    (tmp_path / "file").write_text("# ours\nno.such.setting=1")
    assert cli.main(["topic", "list", "--command-config", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err == (
        'cnengine: topic list: --command-config: No such configuration property: "no.such.setting"'
        f" (line 2 of {tmp_path / 'file'})\n"
    )
    assert cli.main(["topic", "list", "--command-config", str(tmp_path / "none")]) == 1
    assert "No such file" in capsys.readouterr().err
