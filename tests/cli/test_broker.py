"""`cnengine broker` where it cannot serve."""

from cnengine import cli


def test_the_data_of_another_broker_is_refused(tmp_path, capsys):
    (tmp_path / "meta.properties").write_text("version=1\n")
    assert cli.main(["broker", "--data", str(tmp_path), "--listen", "127.0.0.1:0"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(
        f'cnengine: broker: "{tmp_path}" holds the data of another Kafka broker'
    )
    assert len(error.splitlines()) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["meta.properties"]
