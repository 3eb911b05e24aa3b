#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/json_value.h"

namespace cne::kafka {

// Quotas of clients, with Kafka's names (KIP-13, KIP-55, KIP-546).

inline constexpr std::string_view kQuotaUser = "user";
inline constexpr std::string_view kQuotaClientId = "client-id";
inline constexpr std::string_view kQuotaIp = "ip";
inline constexpr std::string_view kProducerByteRate = "producer_byte_rate";
inline constexpr std::string_view kConsumerByteRate = "consumer_byte_rate";

/// Whom a quota is for: its types with a name each, or without one for all that have no quota of
/// their own. A user, a client-id, both, or an ip.
using QuotaEntity = std::map<std::string, std::optional<std::string>, std::less<>>;
/// By key; bytes in a second for the two above.
using QuotaValues = std::map<std::string, double, std::less<>>;

/// Why it is no entity that may have quotas; nothing when it is one.
std::optional<std::string> fault_of(const QuotaEntity& entity);
/// Why the entity cannot have this value of a key.
std::optional<std::string> fault_of(const QuotaEntity& entity, const std::string& key,
                                    double value);

/// Which entities are asked for: those that have all of the types, some with one name.
struct QuotaFilter {
  QuotaEntity exact;                         // without a name: the default
  std::set<std::string, std::less<>> named;  // with any name, or the default
  bool strict = false;                       // and no other type
  bool matches(const QuotaEntity& entity) const;
};

/// One entity and its values as a line of a file.
JsonValue to_json(const QuotaEntity& entity, const QuotaValues& values);
/// Reads that. Throws CorruptionError that names `function`.
std::pair<QuotaEntity, QuotaValues> read_quota(const JsonValue& value, const char* function);

}  // namespace cne::kafka
