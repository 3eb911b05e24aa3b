// Tables of (state, request) -> (error, next state), from KIP-98, KIP-360, KIP-890 and the answers
// of Kafka 4.2.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "kafka/transaction.h"

using namespace cne::kafka;

namespace {

using S = TransactionState;
using E = ErrorCode;

constexpr int64_t kNow = 5000;
const TransactionPartitions kPartitions = {{"t", 0}, {"t", 1}};

Transaction in_state(S state, int16_t epoch = 7) {
  Transaction t;
  t.producer_id = 42;
  t.previous_producer_id = 42;
  t.epoch = epoch;
  t.timeout_ms = 60000;
  t.state = state;
  t.updated_ms = 1000;
  if (state == S::kOngoing || t.is_prepared()) t.partitions = kPartitions;
  if (state != S::kEmpty) t.start_ms = 900;
  return t;
}

struct NewIds {
  int64_t next = 100;
  NewProducerId give() {
    return [this] { return next++; };
  }
};

std::string describe(const TransactionStep& step) {
  std::string out = std::to_string(static_cast<int>(step.error));
  if (!step.next) return out;
  return out + " " + state_name(step.next->state) + " " + std::to_string(step.next->producer_id) +
         "/" + std::to_string(step.next->epoch);
}

constexpr auto kAll = {S::kEmpty,        S::kOngoing,        S::kPrepareCommit,
                       S::kPrepareAbort, S::kCompleteCommit, S::kCompleteAbort};

}  // namespace

TEST_CASE("transaction: InitProducerId without a producer takes the id over") {
  struct Row {
    S state;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {S::kEmpty, "0 Empty 42/8"},
      {S::kOngoing, "51 PrepareAbort 42/8"},
      {S::kPrepareCommit, "51"},
      {S::kPrepareAbort, "51"},
      {S::kCompleteCommit, "0 Empty 42/8"},
      {S::kCompleteAbort, "0 Empty 42/8"},
  };
  NewIds ids;
  for (const Row& row : rows) {
    CAPTURE(state_name(row.state));
    const Transaction t = in_state(row.state);
    const auto step = init_step(t, false, std::nullopt, 30000, kNow, ids.give());
    CHECK(describe(step) == row.expected);
    CHECK(describe(init_step(t, true, std::nullopt, 30000, kNow, ids.give())) == "51");
    if (!step.next) continue;
    CHECK(step.next->updated_ms == kNow);
    if (step.next->state == S::kEmpty) {
      CHECK(step.next->timeout_ms == 30000);
      CHECK(step.next->partitions.empty());
      CHECK(step.next->start_ms == -1);
      CHECK(step.next->last_epoch == -1);
    } else {
      CHECK(step.next->partitions == kPartitions);
      CHECK(step.next->start_ms == 900);
      CHECK(step.next->timeout_ms == 60000);
    }
  }
  CHECK(ids.next == 100);
}

TEST_CASE("transaction: InitProducerId with a producer goes on after an error (KIP-360)") {
  struct Row {
    const char* what;
    int16_t epoch;
    int16_t last_epoch;
    ProducerIdentity expected;
    std::string result;
    int16_t next_last_epoch;
  };
  const std::vector<Row> rows = {
      {"a fresh id takes anyone", -1, -1, {7, 3}, "0 Empty 42/0", -1},
      {"the current epoch", 7, -1, {42, 7}, "0 Empty 42/8", 7},
      {"a retry, whose answer was lost", 7, 6, {42, 6}, "0 Empty 42/7", 6},
      {"an older one", 7, 6, {42, 5}, "90", 0},
      {"one that was fenced: the last epoch is not to be named", 7, -1, {42, 6}, "90", 0},
      {"a newer one", 7, 6, {42, 8}, "90", 0},
      {"another producer", 7, 6, {41, 7}, "90", 0},
      {"epochs are used up", 32766, 32765, {42, 32766}, "0 Empty 100/0", 32766},
      {"used up, and the answer was lost", 32766, 32765, {42, 32765}, "0 Empty 42/32766", 32765},
      {"used up, and fenced", 32766, 32765, {42, 9}, "90", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    NewIds ids;
    Transaction t = in_state(S::kEmpty, row.epoch);
    t.last_epoch = row.last_epoch;
    const auto step = init_step(t, false, row.expected, 30000, kNow, ids.give());
    CHECK(describe(step) == row.result);
    if (step.next) CHECK(step.next->last_epoch == row.next_last_epoch);
  }
}

TEST_CASE("transaction: a retry after a rotation names the producer id before") {
  NewIds ids;
  Transaction t = in_state(S::kEmpty, 32766);
  auto step = init_step(t, false, ProducerIdentity{42, 32766}, 30000, kNow, ids.give());
  REQUIRE(step.next);
  CHECK(step.next->previous_producer_id == 42);
  const auto again =
      init_step(*step.next, false, ProducerIdentity{42, 32766}, 30000, kNow, ids.give());
  CHECK(describe(again) == "0 Empty 100/0");
  CHECK(ids.next == 101);
  CHECK(describe(init_step(*step.next, false, ProducerIdentity{42, 32765}, 30000, kNow,
                           ids.give())) == "90");
  // Without a producer a new owner rotates as well.
  CHECK(describe(init_step(t, false, std::nullopt, 30000, kNow, ids.give())) == "0 Empty 101/0");
}

TEST_CASE("transaction: InitProducerId checks the producer before it aborts") {
  NewIds ids;
  const Transaction t = in_state(S::kOngoing);
  CHECK(describe(init_step(t, false, ProducerIdentity{41, 7}, 1, kNow, ids.give())) == "90");
  CHECK(describe(init_step(t, false, ProducerIdentity{42, 7}, 1, kNow, ids.give())) ==
        "51 PrepareAbort 42/8");
  const Transaction last = in_state(S::kOngoing, 32766);
  const auto step = init_step(last, false, std::nullopt, 1, kNow, ids.give());
  CHECK(describe(step) == "51 PrepareAbort 42/32767");
  REQUIRE(step.next);
  const Transaction over = complete_step(*step.next, kNow + 1);
  CHECK(over.producer_id == 100);
  CHECK(over.epoch == 0);
  CHECK(describe(init_step(over, false, std::nullopt, 1, kNow, ids.give())) == "0 Empty 100/1");
}

TEST_CASE("transaction: AddPartitionsToTxn") {
  const TransactionPartitions more = {{"t", 1}, {"u", 0}};
  for (const S state : kAll) {
    CAPTURE(state_name(state));
    const Transaction t = in_state(state);
    const auto add = [&](bool pending, ProducerIdentity who, const TransactionPartitions& what) {
      return add_step(t, pending, who, what, TransactionVersion::kEpochBump, kNow);
    };
    CHECK(describe(add(false, {41, 7}, more)) == "49");
    CHECK(describe(add(false, {42, 6}, more)) == "90");
    CHECK(describe(add(false, {42, 8}, more)) == "90");
    // What is pending may be what makes the epoch right.
    CHECK(describe(add(true, {42, 8}, more)) == "51");
    CHECK(describe(add(true, {41, 7}, more)) == "51");
    const auto step = add(false, {42, 7}, more);
    if (t.is_prepared()) {
      CHECK(describe(step) == "51");
      continue;
    }
    CHECK(describe(step) == "0 Ongoing 42/7");
    TransactionPartitions all = t.partitions;
    all.insert(more.begin(), more.end());
    CHECK(step.next->partitions == all);
    CHECK(step.next->start_ms == (state == S::kOngoing ? 900 : kNow));
    CHECK(step.next->updated_ms == kNow);
    CHECK(step.next->client_version == 2);
    if (state == S::kOngoing) CHECK(describe(add(false, {42, 7}, {{"t", 1}})) == "0");
  }
}

TEST_CASE("transaction: verify_only") {
  for (const S state : kAll) {
    CAPTURE(state_name(state));
    const Transaction t = in_state(state);
    CHECK(verify(t, {41, 7}, {"t", 0}) == E::kInvalidProducerIdMapping);
    CHECK(verify(t, {42, 6}, {"t", 0}) == E::kProducerFenced);
    CHECK(verify(t, {42, 7}, {"t", 9}) ==
          (t.is_prepared() ? E::kConcurrentTransactions : E::kTransactionAbortable));
    if (state == S::kOngoing) CHECK(verify(t, {42, 7}, {"t", 1}) == E::kNone);
  }
}

TEST_CASE("transaction: EndTxn before version 5 keeps the epoch") {
  struct Row {
    S state;
    std::string commit;
    std::string abort;
  };
  const std::vector<Row> rows = {
      {S::kEmpty, "48", "48"},         {S::kOngoing, "0 PrepareCommit 42/7", "0 PrepareAbort 42/7"},
      {S::kPrepareCommit, "51", "48"}, {S::kPrepareAbort, "48", "51"},
      {S::kCompleteCommit, "0", "48"}, {S::kCompleteAbort, "48", "0"},
  };
  NewIds ids;
  for (const Row& row : rows) {
    CAPTURE(state_name(row.state));
    const Transaction t = in_state(row.state);
    const auto end = [&](bool pending, ProducerIdentity who, bool commit) {
      return describe(
          end_step(t, pending, who, commit, TransactionVersion::kOld, kNow, ids.give()));
    };
    CHECK(end(false, {42, 7}, true) == row.commit);
    CHECK(end(false, {42, 7}, false) == row.abort);
    for (const bool pending : {false, true}) {
      CHECK(end(pending, {41, 7}, true) == "49");
      CHECK(end(pending, {42, 6}, true) == "90");
      CHECK(end(pending, {42, 8}, false) == "90");
    }
    CHECK(end(true, {42, 7}, true) == "51");
  }
  CHECK(ids.next == 100);
}

TEST_CASE("transaction: EndTxn since version 5 moves the epoch") {
  // The table of KIP-890: a retry names the epoch before, the next call the current one.
  struct Row {
    S state;
    std::string retry_commit;
    std::string commit;
    std::string retry_abort;
    std::string abort;
  };
  const std::string eb = "0 PrepareAbort 42/8";
  const std::vector<Row> rows = {
      {S::kEmpty, "90", "48", "90", eb},
      {S::kOngoing, "90", "0 PrepareCommit 42/8", "90", eb},
      {S::kPrepareCommit, "51", "90", "48", "90"},
      {S::kPrepareAbort, "48", "90", "51", "90"},
      {S::kCompleteCommit, "0", "48", "48", eb},
      {S::kCompleteAbort, "48", "48", "0", eb},
  };
  NewIds ids;
  for (const Row& row : rows) {
    CAPTURE(state_name(row.state));
    const Transaction t = in_state(row.state);
    const auto end = [&](bool pending, ProducerIdentity who, bool commit) {
      return end_step(t, pending, who, commit, TransactionVersion::kEpochBump, kNow, ids.give());
    };
    CHECK(describe(end(false, {42, 6}, true)) == row.retry_commit);
    CHECK(describe(end(false, {42, 7}, true)) == row.commit);
    CHECK(describe(end(false, {42, 6}, false)) == row.retry_abort);
    CHECK(describe(end(false, {42, 7}, false)) == row.abort);
    CHECK(describe(end(false, {42, 5}, true)) == "90");
    CHECK(describe(end(false, {42, 8}, true)) == "90");
    CHECK(describe(end(false, {41, 7}, true)) == "49");
    // Pending goes first: an EndTxn of nothing right behind another one must not fence itself.
    CHECK(describe(end(true, {42, 6}, false)) == "51");
    CHECK(describe(end(true, {41, 7}, false)) == "51");
    if (const auto step = end(false, {42, 7}, false); step.next) {
      CHECK(step.next->last_epoch == 7);
      CHECK(step.next->start_ms == (state_name(t.state) == std::string("Ongoing") ? 900 : kNow));
      CHECK(step.next->client_version == 2);
      CHECK(step.next->next_producer_id == -1);
    }
  }
  CHECK(ids.next == 100);
}

TEST_CASE("transaction: the end of the last epoch brings a new producer id") {
  NewIds ids;
  const Transaction t = in_state(S::kOngoing, 32766);
  const auto step = end_step(t, false, {42, 32766}, true, 2, kNow, ids.give());
  CHECK(describe(step) == "0 PrepareCommit 42/32767");
  REQUIRE(step.next);
  CHECK(step.next->next_producer_id == 100);
  const Transaction over = complete_step(*step.next, kNow + 1);
  CHECK(over.producer_id == 100);
  CHECK(over.epoch == 0);
  CHECK(over.previous_producer_id == 42);
  CHECK(over.next_producer_id == -1);
  // The retry of that call names what the client knows.
  CHECK(describe(end_step(over, false, {42, 32766}, true, 2, kNow, ids.give())) == "0");
  CHECK(describe(end_step(over, false, {42, 32766}, false, 2, kNow, ids.give())) == "48");
  CHECK(describe(end_step(over, false, {42, 32765}, true, 2, kNow, ids.give())) == "49");
  CHECK(describe(end_step(over, false, {100, 0}, false, 2, kNow, ids.give())) ==
        "0 PrepareAbort 100/1");
  // Without the new protocol the epoch stays, and so does the id.
  const auto old = end_step(t, false, {42, 32766}, true, 0, kNow, ids.give());
  REQUIRE(old.next);
  CHECK(complete_step(*old.next, kNow).producer_id == 42);
  CHECK(ids.next == 101);
}

TEST_CASE("transaction: completion") {
  for (const bool commit : {true, false}) {
    const Transaction t = in_state(commit ? S::kPrepareCommit : S::kPrepareAbort);
    const Transaction over = complete_step(t, kNow);
    CHECK(over.state == (commit ? S::kCompleteCommit : S::kCompleteAbort));
    CHECK(over.partitions.empty());
    CHECK(over.epoch == 7);
    CHECK(over.updated_ms == kNow);
    CHECK(over.start_ms == 900);
  }
}

TEST_CASE("transaction: names of states") {
  for (const S state : kAll) CHECK(parse_transaction_state(state_name(state)) == state);
  CHECK(parse_transaction_state("PrepareEpochFence") == S::kPrepareEpochFence);
  CHECK(parse_transaction_state("ongoing") == std::nullopt);
}
