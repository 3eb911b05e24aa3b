#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kafka/messages/consumer_protocol.h"

namespace cne::kafka {

/// The protocol type of consumers.
constexpr std::string_view kConsumerProtocolType = "consumer";

/// Nothing when the bytes are no subscription.
std::optional<ConsumerProtocolSubscription> decode_subscription(std::string_view bytes);
/// Nothing when the bytes are no assignment; of no bytes it is the empty one.
std::optional<ConsumerProtocolAssignment> decode_assignment(std::string_view bytes);
std::string encode_subscription(const ConsumerProtocolSubscription& subscription, int16_t version);
std::string encode_assignment(const ConsumerProtocolAssignment& assignment, int16_t version);

}  // namespace cne::kafka
