"""What must hold of a history and the log that it left. Pure; each check yields its findings."""

from bisect import bisect_left

from checker.history import FAILED, OK, UNKNOWN


def _writes_by_value(history):
    return {write.value: write for write in history.writes}


def lost_writes(history, final):
    """An acknowledged write is in the log, where the broker said, and so after another kill."""
    for when, logs in (("", final.logs), (" after another kill", final.again)):
        places = {key: dict(log.everything) for key, log in logs.items()}
        values = {key: set(place.values()) for key, place in places.items()}
        for write in history.writes if logs else ():
            key = write.topic, write.partition
            if write.outcome != OK:
                continue
            if write.value not in values.get(key, ()):
                yield f"lost{when}: {write}"
            elif write.offset >= 0 and places[key].get(write.offset) != write.value:
                yield f"not at its offset{when}: {write}"


def strange_writes(history, final):
    """The log has nothing that nobody wrote there, or whose failure the broker told."""
    writes = _writes_by_value(history)
    for key, log in final.logs.items():
        for offset, value in log.everything:
            write = writes.get(value)
            if write is None or (write.topic, write.partition) != key:
                yield f"nobody wrote {value!r} to {key} at {offset}"
            elif write.outcome == FAILED and not write.transaction:
                yield f"there although it failed, at {offset}: {write}"


def repeated_writes(history, final):
    """Idempotent writes are there at most once."""
    writes, seen = _writes_by_value(history), {}
    for key, log in final.logs.items():
        for offset, value in log.everything:
            if value in writes and writes[value].idempotent:
                if value in seen:
                    yield f"{value!r} twice: {seen[value]} and {(*key, offset)}"
                seen[value] = (*key, offset)


def order(history, final):
    """A partition has a producer's idempotent records in the order in which it sent them."""
    writes = _writes_by_value(history)
    for key, log in final.logs.items():
        last = {}
        for offset, value in log.everything:
            write = writes.get(value)
            if write is None or not write.idempotent:
                continue
            if write.number <= last.get(write.client, -1):
                yield f"{key} at {offset}: {value!r} behind number {last[write.client]}"
            last[write.client] = write.number


def real_time_order(history, _final):
    """A write that began after another was acknowledged has the greater offset."""
    for writes in _by_partition(w for w in history.writes if w.outcome == OK and w.offset >= 0):
        yield from _never_back(
            [(w.end, w.offset + 1, w) for w in writes], [(w.start, w.offset + 1, w) for w in writes],
            "a later write has no greater offset", strict=True)  # fmt: skip


def _by_partition(items):
    out = {}
    for item in items:
        out.setdefault((item.topic, item.partition), []).append(item)
    return out.values()


def _never_back(ends, starts, what, *, strict=False):
    """What starts after something ended is not less. Items are (time, number, operation)."""
    ends.sort(key=lambda item: item[0])
    at, most, who = 0, -1, None
    for start, number, operation in sorted(starts, key=lambda item: item[0]):
        while at < len(ends) and ends[at][0] < start:
            if ends[at][1] > most:
                most, who = ends[at][1], ends[at][2]
            at += 1
        if number < most or (strict and number == most):
            yield f"{what}: {operation} after {who}"


def watermarks(history, _final):
    """High watermark and last stable offset never go back, whoever looks, and are not behind an
    acknowledged write."""
    for reads in _by_partition(r for r in history.reads if r.high >= 0):
        key = reads[0].topic, reads[0].partition
        acknowledged = [(w.end, w.offset + 1, w) for w in history.writes
                        if (w.topic, w.partition) == key and w.outcome == OK]  # fmt: skip
        yield from _never_back([(r.end, r.high, _brief(r)) for r in reads] + acknowledged,
                               [(r.start, r.high, _brief(r)) for r in reads],
                               "the high watermark went back")  # fmt: skip
        stable = [r for r in reads if r.stable >= 0]
        yield from _never_back([(r.end, r.stable, _brief(r)) for r in stable],
                               [(r.start, r.stable, _brief(r)) for r in stable],
                               "the last stable offset went back")  # fmt: skip


def _brief(read):
    return (f"{read.reader} {read.topic}/{read.partition} position {read.position} "
            f"high {read.high} stable {read.stable} at {read.start:.3f}..{read.end:.3f}")  # fmt: skip


def stable_offsets(history, final):
    """Whatever was read at an offset stays what is there."""
    everything = {key: dict(log.everything) for key, log in final.logs.items()}
    for read in history.reads:
        there = everything.get((read.topic, read.partition), {})
        for offset, value in read.records:
            if there.get(offset) != value:
                yield f"{value!r} was at {offset}, now {there.get(offset)!r}: {_brief(read)}"
    for key, log in final.again.items():
        before = final.logs[key]
        if (log.everything, log.visible) != (before.everything, before.visible):
            yield f"{key} has changed by another kill"


def gaps(history, final):
    """A reader gets all there is between its positions, in order, and goes on where it was."""
    everything, visible = {}, {}
    for key, log in final.logs.items():
        everything[key] = [offset for offset, _ in log.everything]
        visible[key] = [offset for offset, _ in log.visible]
    last = {}
    for read in history.reads:
        key = read.topic, read.partition
        offsets = (visible if read.committed else everything).get(key, [])
        expected = offsets[bisect_left(offsets, read.position) : bisect_left(offsets, read.after)]
        got = [offset for offset, _ in read.records]
        if got != expected:
            yield f"read {got}, there are {expected}: {_brief(read)}"
        before = last.get((read.reader, *key))
        if before is not None and before != read.position:
            yield f"stood at {before}, read from there: {_brief(read)}"
        last[read.reader, *key] = read.after


def transactions(history, final):
    """All of a committed transaction is visible, none of an aborted one, and all or none of one
    whose end is unknown."""
    seen = {value for log in final.logs.values() for _, value in log.visible}
    members = {}
    for write in history.writes:
        if write.transaction:
            members.setdefault(write.transaction, []).append(write)
    for transaction in history.transactions:
        writes = members.pop(transaction.name, [])
        there = [write.value for write in writes if write.value in seen]
        if transaction.outcome == OK and len(there) < len(writes):
            yield f"of {transaction} only {there} of {len(writes)} are visible"
        if transaction.outcome == FAILED and there:
            yield f"aborted, yet {there} is visible: {transaction}"
        if transaction.outcome == UNKNOWN and 0 < len(there) < len(writes):
            yield f"torn: {there} of {[w.value for w in writes]} are visible: {transaction}"
    for name in members:
        yield f"writes of transaction {name} that nobody began"
    for key, log in final.logs.items():
        if log.stable != log.high:
            yield f"{key}: a transaction is open at {log.stable} of {log.high}"


def aborted_reads(history, final):
    """read_committed saw only what is committed in the end."""
    visible = {key: set(log.visible) for key, log in final.logs.items()}
    for read in history.reads:
        if read.committed:
            for record in read.records:
                if tuple(record) not in visible.get((read.topic, read.partition), ()):
                    yield f"{record} was read although it is not committed: {_brief(read)}"


def committed_offsets(history, final):
    """An offset that was fetched is that of the last commit, or of one that may have come after."""
    fetched = list(history.fetched)
    registers = {}
    for commit in history.commits:
        registers.setdefault((commit.group, commit.topic, commit.partition), []).append(commit)
    for fetch in fetched:
        commits = registers.get((fetch.group, fetch.topic, fetch.partition), [])
        before = [c for c in commits if c.start < fetch.end and c.outcome != FAILED]
        # What began before this was overwritten, if it was answered.
        overwritten = max(
            (c.start for c in before if c.outcome == OK and c.end < fetch.start), default=-1
        )
        possible = {c.offset for c in before if c.outcome == UNKNOWN or c.end > overwritten}
        if overwritten < 0:
            possible.add(-1)
        if fetch.offset not in possible:
            yield f"fetched {fetch.offset}, possible {sorted(possible)}: {fetch}"
    for (group, topic, partition), offset in final.offsets.items():
        commits = registers.get((group, topic, partition), [])
        last = max((c.start for c in commits if c.outcome == OK), default=-1)
        possible = {c.offset for c in commits if c.outcome == UNKNOWN or c.end > last}
        if commits and offset not in possible and not (offset == -1 and last < 0):
            yield f"{group} has {offset} of {topic}/{partition} in the end, not {possible}"


def skipped(history, final):
    """Whatever lies before a group's committed offset was given to one of its members."""
    given = {}
    for read in history.reads:
        if read.group:
            key = read.group, read.topic, read.partition
            given.setdefault(key, set()).update(offset for offset, _ in read.records)
    for (group, topic, partition), offset in final.offsets.items():
        if (group, topic, partition) in given:
            there = {o for o, _ in final.logs[topic, partition].visible if o < offset}
            missing = sorted(there - given[group, topic, partition])
            if missing:
                yield f"{group} committed {offset} of {topic}/{partition}, never got {missing[:9]}"


def exactly_once_copy(history, final, *, group, source, target):
    """The target has what lies before the group's offset of the source, once, in order."""
    for (topic, partition), log in final.logs.items():
        if topic != source:
            continue
        end = max(final.offsets.get((group, topic, partition), 0), 0)
        expected = [f"copy:{value}" for offset, value in log.visible if offset < end]
        got = [value.rsplit("@", 1)[0] for _, value in final.logs[target, partition].visible]
        if got != expected:
            at = next((i for i, (a, b) in enumerate(zip(got, expected, strict=False)) if a != b),
                      min(len(got), len(expected)))  # fmt: skip
            yield (f"{source}/{partition} up to {end} has {len(expected)} values, the copy "
                   f"{len(got)}; from {at} on {expected[at : at + 3]} and {got[at : at + 3]}")  # fmt: skip


ALL = (lost_writes, strange_writes, repeated_writes, order, real_time_order, watermarks,
       stable_offsets, gaps, transactions, aborted_reads, committed_offsets, skipped)  # fmt: skip


def findings(history, final, copies=()):
    """Of all checks, each with the name of its check; `copies` are those of exactly_once_copy."""
    out = [f"complaint: {text}" for text in history.complaints]
    for check in ALL:
        out += [f"{check.__name__}: {text}" for text in check(history, final)]
    for copy in copies:
        out += [f"exactly_once_copy: {text}" for text in exactly_once_copy(history, final, **copy)]
    return out
