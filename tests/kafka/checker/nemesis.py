"""Hurts the broker by a schedule that a seed makes, and heals it at the end."""

import random

from checker.history import Fault

KINDS = ("kill", "kill_in_write", "pause", "disk_failure", "full_disk", "cut", "clock")
HOUR_MS = 3_600_000


def schedule(seed, seconds, kinds=KINDS):
    """[(seconds from the start, kind, number that the kind takes as it likes)]; every kind comes
    once before any comes twice, and then there is a calm, in which groups find together."""
    rng, at, out, bag = random.Random(seed), 0.0, [], []
    while True:
        at += rng.uniform(0.2, 1.0)
        if out and not bag:
            at += rng.uniform(0, min(6, seconds / 8))
        if at >= seconds:
            return out
        if not bag:
            bag = rng.sample(kinds, len(kinds))
        out.append((round(at, 3), bag.pop(), rng.randrange(1_000_000)))


class Nemesis:
    """`run` goes through a schedule; `brokers` and `proxy` are those of the run."""

    def __init__(self, brokers, proxy, path, history, *, fsync, config):
        self.brokers, self.proxy, self.history = brokers, proxy, history
        self.path, self.fsync = path, fsync
        self.config = {**config, "advertised.listeners": f"PLAINTEXT://127.0.0.1:{proxy.port}"}
        self.off_ms = 0

    def start(self):
        self.config["clock"] = self.off_ms
        address = self.brokers.start(self.path, fsync=self.fsync, config=self.config)
        assert address is not None, "the broker does not start"
        self.proxy.target = address

    def run(self, plan, stop):
        begin = self.history.now()
        for at, kind, number in plan:
            if stop.wait(max(0, begin + at - self.history.now())):
                return
            start = self.history.now()
            what = getattr(self, kind)(random.Random(number), stop)
            self.history.add(Fault(kind, what, start, self.history.now()))

    def kill(self, rng, stop):
        self.brokers.kill()
        self.proxy.target = None
        gap = rng.choice([0, rng.uniform(0, 0.3)])
        stop.wait(gap)
        self.start()
        return f"{gap:.3f} s without a broker"

    def kill_in_write(self, rng, stop):
        what, number = rng.choice(["kill", "killtear"]), rng.randint(1, 200)
        self.brokers.tell(f"fault {what} {number}")
        deadline = self.history.now() + 1
        died = True
        while died and self.brokers.tell("alive") == "ok":
            died = self.history.now() < deadline and not stop.wait(0.01)
        self.kill(rng, stop)
        return f"{what} {number}: {'died of it' if died else 'was not reached'}"

    def pause(self, rng, stop):
        length = rng.uniform(0.05, 1.5)
        self.brokers.tell("pause")
        stop.wait(length)
        self.brokers.tell("resume")
        return f"{length:.3f} s"

    def disk_failure(self, rng, stop):
        what, number = rng.choice(["fail", "tear"]), rng.randint(1, 100)
        self.brokers.tell(f"fault {what} {number}")
        stop.wait(rng.uniform(0.2, 0.8))
        self.kill(rng, stop)
        return f"{what} {number}"

    def full_disk(self, rng, stop):
        number = rng.randint(1, 100)
        self.brokers.tell(f"fault full {number}")
        stop.wait(rng.uniform(0.2, 0.8))
        if self.brokers.tell("fault none") == "dead":
            self.history.complain("the broker died of a full disk")
            self.start()
        return f"full {number}"

    def cut(self, rng, _stop):
        count = rng.randint(1, 6)
        self.proxy.cut(count)
        return f"{count} connections"

    def clock(self, rng, _stop):
        self.off_ms = rng.choice([0, rng.randint(-HOUR_MS, HOUR_MS) // 2])
        self.brokers.tell(f"clock {self.off_ms}")
        return f"{self.off_ms} ms off"
