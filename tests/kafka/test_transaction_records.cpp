// Bytes of __transaction_state by hand, from Kafka's schemas TransactionLogKey and
// TransactionLogValue.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "kafka/coordinator_partition.h"
#include "kafka/transaction_records.h"
#include "kafka/wire.h"

using namespace cne::kafka;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

Transaction sample() {
  Transaction t;
  t.producer_id = 1000;
  t.previous_producer_id = 999;
  t.next_producer_id = 1001;
  t.epoch = 5;
  t.timeout_ms = 60000;
  t.state = TransactionState::kPrepareCommit;
  t.partitions = {{"a", 0}, {"a", 3}, {"b", 1}};
  t.updated_ms = 0x0102030405;
  t.start_ms = 0x0102030400;
  t.client_version = 2;
  return t;
}

const std::string kFirst = bytes({0, 0, 0, 0, 0, 0, 3, 0xe8, 0, 5, 0, 0, 0xea, 0x60, 2});
const std::string kTimes = bytes({0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 1, 2, 3, 4, 0});

}  // namespace

TEST_CASE("transaction_records: a key is its kind and the id") {
  const std::string key = bytes({0, 0, 0, 2, 't', '1'});
  CHECK(encode_transaction_key("t1") == key);
  CHECK(decode_transaction_key(key) == "t1");
  CHECK(decode_transaction_key(bytes({0, 9, 1, 2, 3})) == std::nullopt);
  CHECK_THROWS_AS(decode_transaction_key("\0"), WireError);
}

TEST_CASE("transaction_records: version 1 has compact forms and tags") {
  const std::string value =
      bytes({0, 1}) + kFirst +
      bytes({3, 2, 'a', 3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 2, 'b', 2, 0, 0, 0, 1, 0}) + kTimes +
      bytes({3, 0, 8, 0, 0, 0, 0, 0, 0, 3, 0xe7, 1, 8, 0, 0, 0, 0, 0, 0, 3, 0xe9, 2, 2, 0, 2});
  CHECK(encode_transaction_value(sample()) == value);
  CHECK(decode_transaction_value(value) == sample());
}

TEST_CASE("transaction_records: version 0 has neither") {
  const std::string value = bytes({0, 0}) + kFirst +
                            bytes({0, 0, 0, 2, 0, 1, 'a', 0, 0, 0, 2, 0, 0, 0, 0,
                                   0, 0, 0, 3, 0, 1, 'b', 0, 0, 0, 1, 0, 0, 0, 1}) +
                            kTimes;
  CHECK(encode_transaction_value(sample(), 0) == value);
  Transaction expected = sample();
  expected.previous_producer_id = expected.next_producer_id = -1;
  expected.client_version = 0;
  CHECK(decode_transaction_value(value) == expected);
}

TEST_CASE("transaction_records: an empty transaction has null for its partitions") {
  Transaction t = sample();
  t.state = TransactionState::kEmpty;
  t.partitions.clear();
  t.previous_producer_id = t.next_producer_id = -1;
  t.client_version = 0;
  std::string first = kFirst;
  first.back() = 0;
  const std::string value = bytes({0, 1}) + first + bytes({0}) + kTimes + bytes({0});
  CHECK(encode_transaction_value(t) == value);
  CHECK(decode_transaction_value(value) == t);
  // Tags of later versions are passed over.
  CHECK(decode_transaction_value(value.substr(0, value.size() - 1) + bytes({1, 3, 2, 0, 7})) == t);
}

TEST_CASE("transaction_records: what is no value is refused") {
  const std::string value = encode_transaction_value(sample());
  for (size_t size = 0; size < value.size(); ++size)
    CHECK_THROWS_AS(decode_transaction_value(value.substr(0, size)), WireError);
  std::string other = value;
  other[1] = 2;
  CHECK_THROWS_AS(decode_transaction_value(other), WireError);
  other = value;
  other[16] = 6;
  CHECK_THROWS_AS(decode_transaction_value(other), WireError);
}

TEST_CASE("transaction_records: ids find their partition as in Java") {
  // "...".hashCode() of Java: by the definition s[0]*31^(n-1) + ... + s[n-1] over UTF-16, computed
  // apart; then abs(hash) % 50.
  const std::vector<std::pair<std::string, int32_t>> known = {
      {"", 0},
      {"a", 47},
      {"my-transactional-id", 46},
      {"console-consumer", 40},  // its hash is negative
      {"polygenelubricants",
       0},                   // its hash is the smallest int, whose absolute value Kafka has as 0
      {"\xc3\xa4", 28},      // U+00E4
      {"\xe2\x82\xac", 14},  // U+20AC
      {"\xf0\x9f\x98\x80", 49},  // U+1F600: two units
  };
  for (const auto& [id, partition] : known) {
    CAPTURE(id);
    CHECK(coordinator_partition(id, 50) == partition);
  }
}
