"""Each check is shown to fail: a good history, made by hand, and one thing in it made wrong."""

import copy
import math
from dataclasses import replace

import pytest
from checker.checks import findings
from checker.history import (
    FAILED,
    OK,
    UNKNOWN,
    Commit,
    Committed,
    Final,
    FinalLog,
    History,
    Read,
    Transaction,
    Write,
)
from checker.nemesis import KINDS, schedule

COPIES = [{"group": "c", "source": "t", "target": "copy"}]


def write(number, value, offset, *, topic="t", client="w", transaction="", outcome=OK, start=None,
          idempotent=True):  # fmt: skip
    start = number * 10.0 if start is None else start
    end = math.inf if outcome == UNKNOWN else start + 1
    return Write(client, number, topic, 0, value, start, end, outcome, offset, idempotent,
                 transaction)  # fmt: skip


class Case:
    """A history and its log: topic t with two plain writes, a committed transaction, an aborted
    one, markers at 4 and 6; its committed records up to 4 copied; a group that committed 2."""

    def __init__(self):
        h = self.history = History()
        for item in (
            write(0, "a", 0), write(1, "b", 1),
            write(2, "x1", 2, transaction="T1"), write(3, "x2", 3, transaction="T1"),
            write(4, "y1", 5, transaction="T2"), write(5, "y2", -1, transaction="T2", outcome=UNKNOWN),
            Transaction("w", "T1", 20, 35, OK), Transaction("w", "T2", 40, 60, FAILED),
            write(0, "copy:a@0", 0, topic="copy", client="c", transaction="C", start=70),
            write(1, "copy:b@1", 1, topic="copy", client="c", transaction="C", start=72),
            Transaction("c", "C", 70, 75, OK, "c", [("t", 0, 0, 2)]),
            Read("r", "t", 0, False, 80, 81, 0, 2, [(0, "a"), (1, "b")], 7, 7),
            Read("r", "t", 0, False, 82, 83, 2, 7, [(2, "x1"), (3, "x2"), (5, "y1")], 7, 7),
            Read("s", "t", 0, True, 82, 83, 0, 7, [(0, "a"), (1, "b"), (2, "x1"), (3, "x2")], 7, 7),
            Read("g", "t", 0, True, 84, 85, 0, 2, [(0, "a"), (1, "b")], group="g"),
            Commit("g", "t", 0, 1, 86, 87, OK), Commit("g", "t", 0, 2, 88, 89, OK),
            Committed("g", "t", 0, 2, 90, 91),
        ):  # fmt: skip
            h.add(item)
        records = [(0, "a"), (1, "b"), (2, "x1"), (3, "x2"), (5, "y1")]
        copied = [(0, "copy:a@0"), (1, "copy:b@1")]
        self.final = Final({("t", 0): FinalLog(records, records[:4], 7, 7),
                            ("copy", 0): FinalLog(copied, list(copied), 3, 3)},
                           {("g", "t", 0): 2, ("c", "t", 0): 2})  # fmt: skip
        self.log = self.final.logs["t", 0]

    def found(self):
        self.final.again = self.final.again or copy.deepcopy(self.final.logs)
        return {
            text.split(":")[0].split(" ")[0] for text in findings(self.history, self.final, COPIES)
        }

    def change(self, item, **fields):
        items = self.history.items[type(item).__name__]
        items[items.index(item)] = replace(item, **fields)


def test_a_good_history():
    assert Case().found() == set()


def test_unknown_ends_may_be_either():
    for outcome in (OK, FAILED, UNKNOWN):
        case = Case()
        t1, t2, _ = case.history.transactions
        case.change(t1, outcome=UNKNOWN)
        case.change(t2, outcome=UNKNOWN if outcome == OK else FAILED)
        assert case.found() == set()


def lose(case):
    del case.log.everything[1], case.log.visible[1]


def move(case):
    case.log.everything[1] = case.log.visible[1] = (1, "x")


def stray(case):
    case.log.everything.append((6, "nobody's"))


def come_back(case):
    case.change(case.history.writes[0], outcome=FAILED)


def repeat(case):
    case.log.everything.append((6, "a"))


def repeat_in_order(case):
    case.log.everything.insert(1, (1, "a"))


def swap(case):
    case.change(case.history.writes[0], offset=1)
    case.change(case.history.writes[1], offset=0)
    for records in (case.log.everything, case.log.visible):
        records[:2] = [(0, "b"), (1, "a")]


def high_back(case):
    case.change(case.history.reads[1], high=6)


def high_behind_a_write(case):
    for read in list(case.history.reads):
        case.change(read, high=5 if read.high >= 0 else -1)


def stable_back(case):
    case.change(case.history.reads[1], stable=6)


def another_value(case):
    case.change(case.history.reads[0], records=[(0, "a"), (1, "x1")])


def changed_by_a_kill(case):
    case.final.again = copy.deepcopy(case.final.logs)
    case.final.again["t", 0].visible.pop()


def lost_by_a_kill(case):
    case.final.again = copy.deepcopy(case.final.logs)
    del case.final.again["t", 0].everything[0]


def skip_a_record(case):
    case.change(case.history.reads[0], records=[(1, "b")])


def jump(case):
    case.change(case.history.reads[1], position=3, records=[(3, "x2"), (5, "y1")])


def half_committed(case):
    case.log.visible.remove((3, "x2"))


def half_unknown(case):
    half_committed(case)
    case.change(case.history.transactions[0], outcome=UNKNOWN)


def aborted_is_visible(case):
    case.log.visible.append((5, "y1"))


def left_open(case):
    case.log.stable = 5


def aborted_is_read(case):
    case.change(case.history.reads[2], records=[*case.history.reads[2].records, (5, "y1")])


def offset_of_before(case):
    case.change(case.history.fetched[0], offset=1)


def offset_of_none(case):
    case.change(case.history.fetched[0], offset=-1)


def offset_lost_in_the_end(case):
    case.final.offsets["g", "t", 0] = 1


def committed_past(case):
    case.final.offsets["g", "t", 0] = 3
    case.history.add(Commit("g", "t", 0, 3, 92, 93, OK))


def copied_too_little(case):
    case.final.offsets["c", "t", 0] = 3


def copied_twice(case):
    case.final.logs["copy", 0].visible.append((2, "copy:a@7"))


def copied_in_another_order(case):
    case.final.logs["copy", 0].visible.reverse()


@pytest.mark.parametrize(
    ("harm", "checks"),
    [
        (lose, {"lost_writes"}), (move, {"lost_writes", "strange_writes"}),
        (stray, {"strange_writes"}), (come_back, {"strange_writes"}),
        (repeat, {"repeated_writes", "order"}), (repeat_in_order, {"repeated_writes"}),
        (swap, {"order", "real_time_order"}), (high_back, {"watermarks"}),
        (high_behind_a_write, {"watermarks"}), (stable_back, {"watermarks"}),
        (another_value, {"stable_offsets"}), (changed_by_a_kill, {"stable_offsets"}),
        (lost_by_a_kill, {"lost_writes"}), (skip_a_record, {"gaps"}), (jump, {"gaps"}),
        (half_committed, {"transactions"}), (half_unknown, {"transactions"}),
        (aborted_is_visible, {"transactions"}), (left_open, {"transactions"}),
        (aborted_is_read, {"aborted_reads"}), (offset_of_before, {"committed_offsets"}),
        (offset_of_none, {"committed_offsets"}), (offset_lost_in_the_end, {"committed_offsets"}),
        (committed_past, {"skipped"}), (copied_too_little, {"exactly_once_copy"}),
        (copied_twice, {"exactly_once_copy"}), (copied_in_another_order, {"exactly_once_copy"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_harm_is_found(harm, checks):
    case = Case()
    harm(case)
    assert checks <= case.found()


def test_a_commit_whose_answer_was_lost_may_be_read_or_not():
    for offset in (1, 2, 5):
        case = Case()
        case.history.add(Commit("g", "t", 0, 5, 89.5))
        case.change(case.history.fetched[0], offset=offset)
        assert ("committed_offsets" in case.found()) == (offset == 1)


def test_a_copy_that_was_repeated_by_an_aborted_transaction_is_fine():
    case = Case()
    case.history.add(write(2, "copy:x1@2", 3, topic="copy", client="c", transaction="D", start=76))
    case.history.add(Transaction("c", "D", 76, 77, FAILED, "c", [("t", 0, 2, 3)]))
    case.final.logs["copy", 0].everything.append((3, "copy:x1@2"))
    assert case.found() == set()


def test_a_complaint_is_a_finding():
    case = Case()
    case.history.complain("what was that?")
    assert case.found() == {"complaint"}


def test_the_schedule_is_the_seed_s():
    assert schedule(7, 60) == schedule(7, 60) != schedule(8, 60)
    assert {kind for _, kind, _ in schedule(7, 6)} == set(KINDS)
    times = [at for at, _, _ in schedule(7, 60)]
    assert times == sorted(times)
    assert times[-1] < 60
