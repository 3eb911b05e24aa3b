#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "kafka/transaction_coordinator.h"
#include "kafka/transaction_records.h"

using namespace cne::kafka;

namespace {

using S = TransactionState;
using E = ErrorCode;

/// A log in memory. `hold` keeps its answers back until they are let go of one by one.
class FakeBackend : public TransactionBackend {
 public:
  void append(const std::string& id, const Transaction* value,
              std::function<void(bool)> done) override {
    std::optional<std::string> bytes;
    if (value != nullptr) bytes = encode_transaction_value(*value);
    run([this, id, bytes, done](bool ok) {
      if (ok) records.emplace_back(encode_transaction_key(id), bytes);
      done(ok);
    });
  }
  void write_marker(const TransactionPartition& partition, const TransactionMarker& marker,
                    std::function<void(bool)> done) override {
    run([this, partition, marker, done](bool ok) {
      if (ok)
        markers.push_back(partition.topic + "-" + std::to_string(partition.index) +
                          (marker.commit ? " commit " : " abort ") +
                          std::to_string(marker.producer.id) + "/" +
                          std::to_string(marker.producer.epoch));
      done(ok);
    });
  }
  int64_t next_producer_id() override {
    if (fail_ids) throw cne::IoError("no ids");
    return next_id++;
  }

  /// Carries out the oldest call that was held.
  void release(bool ok = true) {
    auto first = std::move(held.front());
    held.pop_front();
    first(ok);
  }
  void release_all() {
    while (!held.empty()) release();
  }
  std::vector<std::string> take_markers() { return std::exchange(markers, {}); }

  bool hold = false;
  bool fail = false;
  bool fail_ids = false;
  int64_t next_id = 10;
  std::deque<std::function<void(bool)>> held;
  std::vector<std::pair<std::string, std::optional<std::string>>> records;
  std::vector<std::string> markers;

 private:
  void run(std::function<void(bool)> call) {
    if (hold)
      held.push_back(std::move(call));
    else
      call(!fail);
  }
};

struct Answer {
  bool came = false;
  E error = E::kNone;
  ProducerIdentity producer;
  TransactionCoordinator::DoneWithProducer with_producer() {
    return [this](E e, ProducerIdentity p) {
      CHECK(!came);
      *this = {true, e, p};
    };
  }
  TransactionCoordinator::Done plain() {
    return [this](E e) {
      CHECK(!came);
      *this = {true, e, {}};
    };
  }
};

struct Fixture {
  std::shared_ptr<FakeBackend> log = std::make_shared<FakeBackend>();
  std::shared_ptr<TransactionCoordinator> coordinator = make();
  int64_t now_ms = 1'000'000;

  std::shared_ptr<TransactionCoordinator> make() {
    return std::make_shared<TransactionCoordinator>(
        log, TransactionCoordinator::Config{.max_timeout_ms = 900'000, .id_expiration_ms = 10'000});
  }
  /// Another one that has nothing but the records.
  void restart() {
    log->held.clear();
    log->hold = log->fail = false;
    coordinator = make();
    for (const auto& [key, value] : log->records)
      coordinator->restore(key, value ? std::optional<std::string_view>(*value) : std::nullopt);
    coordinator->resume(now_ms);
  }
  Answer init(const std::string& id = "t", std::optional<ProducerIdentity> expected = {},
              int32_t timeout_ms = 1000) {
    Answer answer;
    coordinator->init(id, timeout_ms, expected, now_ms, answer.with_producer());
    return answer;
  }
  E add(ProducerIdentity who, const TransactionPartitions& what, const std::string& id = "t",
        int16_t version = 2) {
    Answer answer;
    coordinator->add(id, who, what, version, now_ms, answer.plain());
    CHECK(answer.came);
    return answer.error;
  }
  Answer end(ProducerIdentity who, bool commit, int16_t version = 2, const std::string& id = "t") {
    Answer answer;
    coordinator->end(id, who, commit, version, now_ms, answer.with_producer());
    return answer;
  }
  S state(const std::string& id = "t") { return coordinator->find(id)->state; }
  /// The states that were written, in their order.
  std::vector<S> written() {
    std::vector<S> out;
    for (const auto& record : log->records)
      out.push_back(record.second ? decode_transaction_value(*record.second).state : S::kDead);
    return out;
  }
};

using Markers = std::vector<std::string>;
using States = std::vector<S>;

}  // namespace

TEST_CASE("transaction_coordinator: a producer's life") {
  Fixture f;
  const Answer first = f.init();
  CHECK(first.error == E::kNone);
  CHECK(first.producer == ProducerIdentity{10, 0});
  CHECK(f.add({10, 0}, {{"a", 0}}) == E::kNone);
  CHECK(f.add({10, 0}, {{"a", 0}, {"b", 1}}) == E::kNone);
  CHECK(f.add({10, 0}, {{"a", 0}}) == E::kNone);  // there already: nothing is written
  Answer end = f.end({10, 0}, true);
  CHECK(end.error == E::kNone);
  CHECK(end.producer == ProducerIdentity{10, 1});
  CHECK(f.log->take_markers() == Markers{"a-0 commit 10/1", "b-1 commit 10/1"});
  CHECK(f.written() ==
        States{S::kEmpty, S::kOngoing, S::kOngoing, S::kPrepareCommit, S::kCompleteCommit});
  // The answer was lost.
  end = f.end({10, 0}, true);
  CHECK(end.error == E::kNone);
  CHECK(end.producer == ProducerIdentity{10, 1});
  CHECK(f.end({10, 0}, false).error == E::kInvalidTxnState);

  CHECK(f.add({10, 0}, {{"a", 0}}) == E::kProducerFenced);
  CHECK(f.add({10, 1}, {{"a", 0}}) == E::kNone);
  end = f.end({10, 1}, false);
  CHECK(end.producer == ProducerIdentity{10, 2});
  CHECK(f.log->take_markers() == Markers{"a-0 abort 10/2"});
  // Nothing was added: a new epoch all the same.
  end = f.end({10, 2}, false);
  CHECK(end.producer == ProducerIdentity{10, 3});
  CHECK(f.log->take_markers().empty());
  CHECK(f.state() == S::kCompleteAbort);
}

TEST_CASE("transaction_coordinator: before KIP-890 the epoch stays") {
  Fixture f;
  f.init();
  CHECK(f.add({10, 0}, {{"a", 0}}, "t", 0) == E::kNone);
  CHECK(f.end({10, 0}, true, 0).error == E::kNone);
  CHECK(f.log->take_markers() == Markers{"a-0 commit 10/0"});
  CHECK(f.add({10, 0}, {{"a", 0}}, "t", 0) == E::kNone);
  CHECK(f.end({10, 0}, false, 0).error == E::kNone);
  CHECK(f.log->take_markers() == Markers{"a-0 abort 10/0"});
}

TEST_CASE("transaction_coordinator: requests that cannot be") {
  Fixture f;
  CHECK(f.init("").error == E::kInvalidRequest);
  CHECK(f.init("t", {}, 0).error == E::kInvalidTransactionTimeout);
  CHECK(f.init("t", {}, 900'001).error == E::kInvalidTransactionTimeout);
  CHECK(!f.coordinator->find("t"));
  CHECK(f.add({1, 0}, {{"a", 0}}, "nobody") == E::kInvalidProducerIdMapping);
  CHECK(f.add({1, 0}, {{"a", 0}}, "") == E::kInvalidRequest);
  CHECK(f.end({1, 0}, true, 2, "nobody").error == E::kInvalidProducerIdMapping);
  CHECK(f.end({1, 0}, true, 2, "").error == E::kInvalidRequest);
  const auto verified = f.coordinator->verify("nobody", {1, 0}, {{"a", 0}});
  REQUIRE(verified.size() == 1);
  CHECK(verified[0].second == E::kInvalidProducerIdMapping);
}

TEST_CASE("transaction_coordinator: a new owner fences the old one") {
  Fixture f;
  f.init();
  f.add({10, 0}, {{"a", 0}});
  // The transaction is aborted first; then the id can be had.
  CHECK(f.init().error == E::kConcurrentTransactions);
  CHECK(f.log->take_markers() == Markers{"a-0 abort 10/1"});
  CHECK(f.init().producer == ProducerIdentity{10, 2});
  CHECK(f.add({10, 0}, {{"a", 0}}) == E::kProducerFenced);
  CHECK(f.end({10, 0}, true).error == E::kProducerFenced);
  CHECK(f.end({10, 0}, true, 0).error == E::kProducerFenced);
  CHECK(f.init("t", ProducerIdentity{10, 0}).error == E::kProducerFenced);
  CHECK(f.init("t", ProducerIdentity{10, 2}).producer == ProducerIdentity{10, 3});
}

TEST_CASE("transaction_coordinator: what is not yet safe is not in force") {
  Fixture f;
  f.log->hold = true;
  Answer answer;
  f.coordinator->init("t", 1000, {}, f.now_ms, answer.with_producer());
  CHECK(!answer.came);
  CHECK(f.init().error == E::kConcurrentTransactions);
  f.log->release();
  CHECK(answer.producer == ProducerIdentity{10, 0});

  Answer added;
  f.coordinator->add("t", {10, 0}, {{"a", 0}}, 2, f.now_ms, added.plain());
  CHECK(f.add({10, 0}, {{"b", 0}}) == E::kConcurrentTransactions);
  CHECK(f.end({10, 0}, true).error == E::kConcurrentTransactions);
  CHECK(f.coordinator->verify("t", {10, 0}, {{"a", 0}})[0].second == E::kTransactionAbortable);
  int settled = 0;
  f.coordinator->when_settled("t", [&] { ++settled; });
  CHECK(settled == 0);
  f.log->release();
  CHECK(added.came);
  CHECK(settled == 1);
  CHECK(f.coordinator->verify("t", {10, 0}, {{"a", 0}})[0].second == E::kNone);

  Answer end;
  f.coordinator->end("t", {10, 0}, true, 2, f.now_ms, end.with_producer());
  CHECK(!end.came);
  f.log->release();  // PrepareCommit: the decision is made
  CHECK(end.producer == ProducerIdentity{10, 1});
  CHECK(f.state() == S::kPrepareCommit);
  CHECK(f.end({10, 0}, true).error == E::kConcurrentTransactions);
  CHECK(f.add({10, 1}, {{"a", 0}}) == E::kConcurrentTransactions);
  CHECK(f.init().error == E::kConcurrentTransactions);
  f.coordinator->when_settled("t", [&] { ++settled; });
  f.log->release();  // the marker
  CHECK(f.state() == S::kPrepareCommit);
  CHECK(settled == 1);
  f.log->release();  // CompleteCommit
  CHECK(f.state() == S::kCompleteCommit);
  CHECK(settled == 2);
  f.coordinator->when_settled("t", [&] { ++settled; });
  f.coordinator->when_settled("nobody", [&] { ++settled; });
  CHECK(settled == 4);
  CHECK(f.log->held.empty());
}

TEST_CASE("transaction_coordinator: a record that cannot be written changes nothing") {
  Fixture f;
  f.log->fail = true;
  CHECK(f.init().error == E::kCoordinatorNotAvailable);
  f.log->fail = false;
  CHECK(f.init().producer == ProducerIdentity{10, 0});
  f.log->fail = true;
  CHECK(f.add({10, 0}, {{"a", 0}}) == E::kCoordinatorNotAvailable);
  CHECK(f.state() == S::kEmpty);
  f.log->fail = false;
  f.add({10, 0}, {{"a", 0}});
  f.log->fail = true;
  CHECK(f.end({10, 0}, true).error == E::kCoordinatorNotAvailable);
  CHECK(f.init().error == E::kCoordinatorNotAvailable);
  CHECK(f.state() == S::kOngoing);
  CHECK(f.coordinator->find("t")->epoch == 0);
  CHECK(f.log->markers.empty());
  f.log->fail = false;
  CHECK(f.end({10, 0}, true).producer == ProducerIdentity{10, 1});
  f.log->fail_ids = true;
  CHECK_THROWS_AS(f.init("u"), cne::IoError);
  CHECK(!f.coordinator->find("u"));
}

TEST_CASE("transaction_coordinator: markers that cannot be written are tried again") {
  Fixture f;
  f.init();
  f.add({10, 0}, {{"a", 0}, {"b", 0}, {"c", 0}});
  f.log->hold = true;
  Answer end;
  f.coordinator->end("t", {10, 0}, false, 2, f.now_ms, end.with_producer());
  f.log->release();
  CHECK(end.error == E::kNone);
  f.log->release(true);
  f.log->release(false);
  f.coordinator->tick(f.now_ms);  // one is still on the way
  CHECK(f.log->held.size() == 1);
  f.log->release(false);
  CHECK(f.log->held.empty());
  CHECK(f.state() == S::kPrepareAbort);
  f.coordinator->tick(f.now_ms);
  REQUIRE(f.log->held.size() == 2);
  f.log->release();
  f.log->release();
  f.log->release(false);  // CompleteAbort
  CHECK(f.state() == S::kPrepareAbort);
  CHECK(f.init().error == E::kConcurrentTransactions);
  f.coordinator->tick(f.now_ms);
  f.log->release_all();
  CHECK(f.state() == S::kCompleteAbort);
  CHECK(f.log->markers == Markers{"a-0 abort 10/1", "b-0 abort 10/1", "c-0 abort 10/1"});
  CHECK(f.log->held.empty());
}

TEST_CASE("transaction_coordinator: a transaction that takes too long is aborted") {
  Fixture f;
  f.init("t", {}, 1000);
  f.init("u", {}, 5000);
  f.add({10, 0}, {{"a", 0}}, "t", 0);
  f.add({11, 0}, {{"a", 1}}, "u");
  f.now_ms += 1000;
  f.coordinator->tick(f.now_ms);
  CHECK(f.state() == S::kOngoing);
  f.now_ms += 1;
  f.coordinator->tick(f.now_ms);
  CHECK(f.state() == S::kCompleteAbort);
  CHECK(f.state("u") == S::kOngoing);
  CHECK(f.log->take_markers() == Markers{"a-0 abort 10/1"});
  // Its producer is fenced until it begins anew; one of KIP-890 learns its epoch by aborting.
  CHECK(f.add({10, 0}, {{"a", 0}}, "t", 0) == E::kProducerFenced);
  CHECK(f.end({10, 0}, true, 0).error == E::kProducerFenced);
  CHECK(f.end({10, 0}, true).error == E::kInvalidTxnState);
  CHECK(f.end({10, 0}, false).producer == ProducerIdentity{10, 1});
  // Without a timeout: not by us.
  CHECK(f.init("v", {}, 2'147'483'647).error == E::kInvalidTransactionTimeout);
}

TEST_CASE("transaction_coordinator: an abort by timeout waits for what is pending") {
  Fixture f;
  f.init();
  f.add({10, 0}, {{"a", 0}});
  f.log->hold = true;
  f.now_ms += 2000;
  Answer end;
  f.coordinator->end("t", {10, 0}, true, 2, f.now_ms, end.with_producer());
  f.coordinator->tick(f.now_ms);
  f.log->release_all();
  CHECK(end.error == E::kNone);
  CHECK(f.log->markers == Markers{"a-0 commit 10/1"});
}

TEST_CASE("transaction_coordinator: ids that nobody uses are forgotten") {
  Fixture f;
  f.init("t");
  f.init("u");
  f.add({11, 0}, {{"a", 0}}, "u");
  f.now_ms += 9999;
  f.coordinator->expire(f.now_ms);
  CHECK(f.coordinator->find("t"));
  f.now_ms += 1;
  f.log->fail = true;
  f.coordinator->expire(f.now_ms);
  CHECK(f.coordinator->find("t"));
  f.log->fail = false;
  f.log->hold = true;
  f.coordinator->expire(f.now_ms);
  CHECK(f.init("t").error == E::kConcurrentTransactions);
  f.log->release_all();
  f.log->hold = false;
  CHECK(!f.coordinator->find("t"));
  CHECK(f.coordinator->find("u"));
  CHECK(f.written().back() == S::kDead);
  CHECK(f.init("t").producer == ProducerIdentity{12, 0});
  f.restart();
  CHECK(f.coordinator->find("t")->producer_id == 12);
  CHECK(f.state("u") == S::kOngoing);
}

TEST_CASE("transaction_coordinator: what was prepared goes on after a crash at any point") {
  // One step after the other is let through before the crash: the record of the decision, markers,
  // the record of the completion.
  for (const bool commit : {true, false})
    for (int steps = 0; steps <= 4; ++steps) {
      CAPTURE(commit);
      CAPTURE(steps);
      Fixture f;
      f.init();
      f.add({10, 0}, {{"a", 0}, {"b", 0}});
      f.log->hold = true;
      Answer end;
      f.coordinator->end("t", {10, 0}, commit, 2, f.now_ms, end.with_producer());
      for (int i = 0; i < steps; ++i) f.log->release();
      CHECK(end.came == steps > 0);
      f.restart();
      const std::string word = commit ? " commit " : " abort ";
      if (steps == 0) {
        CHECK(f.state() == S::kOngoing);
        CHECK(f.log->markers.empty());
        CHECK(f.end({10, 0}, commit).producer == ProducerIdentity{10, 1});
      }
      CHECK(f.state() == (commit ? S::kCompleteCommit : S::kCompleteAbort));
      for (const char* partition : {"a-0", "b-0"})
        CHECK(std::count(f.log->markers.begin(), f.log->markers.end(), partition + word + "10/1") >=
              1);
      for (const std::string& marker : f.log->markers) CHECK(marker.find(word) != marker.npos);
      // The client asks again, as the connection broke.
      CHECK(f.end({10, 0}, commit).producer == ProducerIdentity{10, 1});
      CHECK(f.add({10, 1}, {{"a", 0}}) == E::kNone);
    }
}

TEST_CASE("transaction_coordinator: a rotation of producer ids survives a crash") {
  Fixture f;
  f.init();
  Transaction t = *f.coordinator->find("t");
  t.epoch = 32766;
  f.log->append("t", &t, [](bool) {});
  f.restart();
  CHECK(f.add({10, 32766}, {{"a", 0}}) == E::kNone);
  f.log->hold = true;
  Answer end;
  f.coordinator->end("t", {10, 32766}, true, 2, f.now_ms, end.with_producer());
  f.log->release();
  CHECK(end.producer == ProducerIdentity{11, 0});
  f.restart();
  CHECK(f.log->markers == Markers{"a-0 commit 10/32767"});
  CHECK(f.end({10, 32766}, true).producer == ProducerIdentity{11, 0});
  CHECK(f.add({11, 0}, {{"a", 0}}) == E::kNone);
}

TEST_CASE("transaction_coordinator: lists what is wanted, by id") {
  Fixture f;
  for (const char* id : {"c", "a", "b"}) f.init(id);
  f.add({11, 0}, {{"x", 0}}, "a");
  const auto all = f.coordinator->list([](const auto&, const auto&) { return true; });
  REQUIRE(all.size() == 3);
  CHECK(all[0].first == "a");
  CHECK(all[2].first == "c");
  const auto ongoing =
      f.coordinator->list([](const auto&, const Transaction& t) { return t.state == S::kOngoing; });
  REQUIRE(ongoing.size() == 1);
  CHECK(ongoing[0].first == "a");
}
