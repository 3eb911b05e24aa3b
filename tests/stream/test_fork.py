"""A forked child has no part in a job that has a checkpoint: it is the parent's."""

import os

import cnengine.frame as cf
import pyarrow as pa
import pytest
from cnengine import errors, stream

TABLE = pa.table({"t": list(range(0, 1000, 10)), "v": list(range(100))})


def counts():
    rows = stream.from_arrow(TABLE, event_time="t")
    return rows.group_by().window(stream.tumbling(100)).agg(cf.count()).to()


def test_a_forked_child_writes_no_checkpoint(tmp_path):
    out, path = counts(), tmp_path / "c"
    job = stream.Job(out, checkpoint=path, checkpoint_every=1)
    alone = stream.Job(counts())
    job.run(until=250)
    before = (path / "checkpoint").read_bytes()
    child = os.fork()
    if child == 0:
        said = 0
        for call in (job.checkpoint, job.run, job.finish, lambda: job.advance(9999)):
            try:
                call()
            except errors.StateError as error:
                said += "before a fork" in str(error)
        said += job.metrics()["records"] == 26 and out.collect().num_rows == 2
        job.close()
        alone.run()  # in memory, so it is the child's own
        alone.close()
        os._exit(said)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
    assert (path / "checkpoint").read_bytes() == before
    with pytest.raises(errors.LockedError):
        stream.Job(counts(), checkpoint=path)
    job.run()
    job.finish()
    assert job.metrics()["records"] == 100
    job.close()
    assert out.collect()["count"].to_pylist() == [10] * 10
