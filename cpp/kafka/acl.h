#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_value.h"

namespace cne::kafka {

// Access control lists, with the protocol's numbers (KIP-11, KIP-290).

enum class AclResourceType : int8_t {
  kUnknown = 0,
  kAny = 1,  // of filters only
  kTopic = 2,
  kGroup = 3,
  kCluster = 4,
  kTransactionalId = 5,
  kDelegationToken = 6,
  kUser = 7,
};

enum class AclPatternType : int8_t {
  kUnknown = 0,
  kAny = 1,    // of filters only
  kMatch = 2,  // of filters only: every pattern that covers the name
  kLiteral = 3,
  kPrefixed = 4,
};

enum class AclOperation : int8_t {
  kUnknown = 0,
  kAny = 1,  // of filters only
  kAll = 2,
  kRead = 3,
  kWrite = 4,
  kCreate = 5,
  kDelete = 6,
  kAlter = 7,
  kDescribe = 8,
  kClusterAction = 9,
  kDescribeConfigs = 10,
  kAlterConfigs = 11,
  kIdempotentWrite = 12,
  kCreateTokens = 13,
  kDescribeTokens = 14,
  kTwoPhaseCommit = 15,
};

enum class AclPermission : int8_t { kUnknown = 0, kAny = 1, kDeny = 2, kAllow = 3 };

/// The name of the one resource of type kCluster.
inline constexpr std::string_view kClusterResource = "kafka-cluster";
/// A literal pattern, or a host, that stands for all.
inline constexpr std::string_view kWildcard = "*";
/// The principal that stands for all.
inline constexpr std::string_view kEveryone = "User:*";

/// One rule: who may, or may not, do what to which resources from where.
struct Acl {
  AclResourceType type = AclResourceType::kUnknown;
  AclPatternType pattern = AclPatternType::kLiteral;
  std::string name;
  std::string principal;  // "User:alice"
  std::string host;       // an address, or "*"
  AclOperation operation = AclOperation::kUnknown;
  AclPermission permission = AclPermission::kUnknown;

  auto operator<=>(const Acl&) const = default;
};

/// Which rules are meant; nothing stands for any.
struct AclFilter {
  AclResourceType type = AclResourceType::kAny;
  AclPatternType pattern = AclPatternType::kAny;
  std::optional<std::string> name;
  std::optional<std::string> principal;
  std::optional<std::string> host;
  AclOperation operation = AclOperation::kAny;
  AclPermission permission = AclPermission::kAny;

  bool matches(const Acl& acl) const;
  /// Whether it names what this broker does not know.
  bool is_unknown() const;
};

/// What is wrong with a rule that is to be added; nothing when it is one.
std::optional<std::string> fault_of(const Acl& acl);

// Kafka's names, as its tools write them: "TOPIC", "LITERAL", "READ", "ALLOW"; "UNKNOWN" otherwise.
const char* name_of(AclResourceType type);
const char* name_of(AclPatternType pattern);
const char* name_of(AclOperation operation);
const char* name_of(AclPermission permission);

// And back; kUnknown for another name.
AclResourceType acl_resource_type(const std::string& name);
AclPatternType acl_pattern_type(const std::string& name);
AclOperation acl_operation(const std::string& name);
AclPermission acl_permission(const std::string& name);

/// A rule as one JSON object of such names. `read_acl` throws CorruptionError with `function`.
JsonValue to_json(const Acl& acl);
Acl read_acl(const JsonValue& value, const char* function);

}  // namespace cne::kafka
