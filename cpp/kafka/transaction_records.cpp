#include "kafka/transaction_records.h"

#include <vector>

#include "kafka/decoder.h"
#include "kafka/encoder.h"

namespace cne::kafka {

namespace {

struct Key {
  int16_t kind = 0;
  std::string transactional_id;
  template <class Io>
  void fields(Io& io) {
    io(kind);
    io(transactional_id);
  }
};

struct Version {
  int16_t number = 0;
  template <class Io>
  void fields(Io& io) {
    io(number);
  }
};

struct Value {
  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };
  int64_t producer_id = -1;
  int16_t epoch = -1;
  int32_t timeout_ms = 0;
  int8_t status = 0;
  std::optional<std::vector<Topic>> topics;
  int64_t updated_ms = -1;
  int64_t start_ms = -1;
  int64_t previous_producer_id = -1;
  int64_t next_producer_id = -1;
  int16_t client_version = 0;

  template <class Io>
  void fields(Io& io) {
    io(producer_id);
    io(epoch);
    io(timeout_ms);
    io(status);
    io(topics);
    io(updated_ms);
    io(start_ms);
    io.tagged(0, previous_producer_id, since(1), int64_t{-1});
    io.tagged(1, next_producer_id, since(1), int64_t{-1});
    io.tagged(2, client_version, since(1));
  }
};

/// The decoder takes bytes that it may hand out as writable; here it does not.
Decoder decoder_of(std::string_view bytes, int16_t version) {
  return Decoder(reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data())), bytes.size(), version,
                 version >= 1);
}

}  // namespace

std::string encode_transaction_key(const std::string& transactional_id) {
  Frame frame;
  Encoder(frame, 0, false).structure(Key{0, transactional_id});
  return std::string(frame.bytes.view());
}

std::optional<std::string> decode_transaction_key(std::string_view key) {
  Version kind;
  decoder_of(key, 0).structure(kind);
  if (kind.number != 0) return std::nullopt;
  Key out;
  decoder_of(key, 0).structure(out);
  return std::move(out.transactional_id);
}

std::string encode_transaction_value(const Transaction& transaction, int16_t version) {
  Value value;
  value.producer_id = transaction.producer_id;
  value.epoch = transaction.epoch;
  value.timeout_ms = transaction.timeout_ms;
  value.status = static_cast<int8_t>(transaction.state);
  if (transaction.state != TransactionState::kEmpty) {
    auto& topics = value.topics.emplace();
    for (const auto& [topic, index] : transaction.partitions) {
      if (topics.empty() || topics.back().name != topic) topics.push_back({topic, {}});
      topics.back().partitions.push_back(index);
    }
  }
  value.updated_ms = transaction.updated_ms;
  value.start_ms = transaction.start_ms;
  value.previous_producer_id = transaction.previous_producer_id;
  value.next_producer_id = transaction.next_producer_id;
  value.client_version = transaction.client_version;
  Frame frame;
  Encoder(frame, 0, false).structure(Version{version});
  Encoder(frame, version, version >= 1).structure(value);
  return std::string(frame.bytes.view());
}

Transaction decode_transaction_value(std::string_view bytes) {
  Version version;
  decoder_of(bytes, 0).structure(version);
  if (version.number < 0 || version.number > kTransactionValueVersion)
    throw WireError(message("decode: a transaction record of version ", version.number));
  Value value;
  decoder_of(bytes.substr(2), version.number).structure(value);
  if (value.status < 0 || value.status > static_cast<int8_t>(TransactionState::kCompleteAbort))
    throw WireError(message("decode: a transaction record with status ", int{value.status}));
  Transaction out;
  out.producer_id = value.producer_id;
  out.previous_producer_id = value.previous_producer_id;
  out.next_producer_id = value.next_producer_id;
  out.epoch = value.epoch;
  out.timeout_ms = value.timeout_ms;
  out.state = static_cast<TransactionState>(value.status);
  if (value.topics)
    for (const Value::Topic& topic : *value.topics)
      for (const int32_t index : topic.partitions) out.partitions.insert({topic.name, index});
  out.start_ms = value.start_ms;
  out.updated_ms = value.updated_ms;
  out.client_version = value.client_version;
  return out;
}

}  // namespace cne::kafka
