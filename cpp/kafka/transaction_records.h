#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kafka/transaction.h"

namespace cne::kafka {

// The records of __transaction_state in Kafka's own formats, so that its tools can read them. A key
// is int16 0 and the transactional id, a string; a value begins with its version, int16 0 or 1 (the
// first with tagged fields); no value says that the id was forgotten.

std::string encode_transaction_key(const std::string& transactional_id);
/// Nothing for keys of other kinds. Throws WireError.
std::optional<std::string> decode_transaction_key(std::string_view key);

constexpr int16_t kTransactionValueVersion = 1;
/// Version 0 has neither the producer ids before and after nor the client's version.
std::string encode_transaction_value(const Transaction& transaction,
                                     int16_t version = kTransactionValueVersion);
/// Throws WireError for bytes that are none, or of a version that is not known here.
Transaction decode_transaction_value(std::string_view value);

}  // namespace cne::kafka
