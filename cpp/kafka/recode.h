#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kafka/api.h"
#include "kafka/encoder.h"

namespace cne::kafka {

/// Says what a body is.
struct MessageType {
  int16_t key = 0;
  int16_t version = 0;
  bool request = false;
};

/// Decodes the body of a message and encodes it again, in another version if one is given: how
/// tests and fuzzers reach every message. Nothing when the API or a version is not known. Throws
/// WireError when the bytes are no such message, also when some are left behind it. They are not
/// written to.
std::optional<Frame> recode(const MessageType& type, uint8_t* body, size_t size,
                            std::optional<int16_t> to_version = std::nullopt);

/// Every API with messages, ascending by name.
std::vector<Api> message_apis();

}  // namespace cne::kafka
