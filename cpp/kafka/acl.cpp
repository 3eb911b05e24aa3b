#include "kafka/acl.h"

#include <array>

#include "core/error.h"
#include "core/utf8.h"

namespace cne::kafka {

namespace {

constexpr std::array<const char*, 8> kTypeNames = {
    "UNKNOWN", "ANY", "TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN", "USER"};
constexpr std::array<const char*, 5> kPatternNames = {"UNKNOWN", "ANY", "MATCH", "LITERAL",
                                                      "PREFIXED"};
constexpr std::array<const char*, 16> kOperationNames = {"UNKNOWN",
                                                         "ANY",
                                                         "ALL",
                                                         "READ",
                                                         "WRITE",
                                                         "CREATE",
                                                         "DELETE",
                                                         "ALTER",
                                                         "DESCRIBE",
                                                         "CLUSTER_ACTION",
                                                         "DESCRIBE_CONFIGS",
                                                         "ALTER_CONFIGS",
                                                         "IDEMPOTENT_WRITE",
                                                         "CREATE_TOKENS",
                                                         "DESCRIBE_TOKENS",
                                                         "TWO_PHASE_COMMIT"};
constexpr std::array<const char*, 4> kPermissionNames = {"UNKNOWN", "ANY", "DENY", "ALLOW"};

template <typename T, size_t n>
const char* name_in(const std::array<const char*, n>& names, T value) {
  const auto number = static_cast<size_t>(static_cast<uint8_t>(value));
  return number < n ? names[number] : names[0];
}

template <typename T, size_t n>
T value_in(const std::array<const char*, n>& names, const std::string& name) {
  for (size_t i = 0; i < n; ++i)
    if (name == names[i]) return static_cast<T>(i);
  return T::kUnknown;
}

bool is_unknown_number(int8_t value, size_t count) {
  return value <= 0 || static_cast<size_t>(value) >= count;
}

bool covers(const Acl& acl, const std::string& name) {
  if (acl.pattern == AclPatternType::kPrefixed) return name.starts_with(acl.name);
  return acl.name == name || acl.name == kWildcard;
}

}  // namespace

bool AclFilter::matches(const Acl& acl) const {
  if (type != AclResourceType::kAny && type != acl.type) return false;
  const bool any_pattern = pattern == AclPatternType::kAny || pattern == AclPatternType::kMatch;
  if (!any_pattern && pattern != acl.pattern) return false;
  if (name && pattern == AclPatternType::kMatch && !covers(acl, *name)) return false;
  if (name && pattern != AclPatternType::kMatch && *name != acl.name) return false;
  if (principal && *principal != acl.principal) return false;
  if (host && *host != acl.host) return false;
  if (operation != AclOperation::kAny && operation != acl.operation) return false;
  return permission == AclPermission::kAny || permission == acl.permission;
}

bool AclFilter::is_unknown() const {
  return is_unknown_number(static_cast<int8_t>(type), kTypeNames.size()) ||
         is_unknown_number(static_cast<int8_t>(pattern), kPatternNames.size()) ||
         is_unknown_number(static_cast<int8_t>(operation), kOperationNames.size()) ||
         is_unknown_number(static_cast<int8_t>(permission), kPermissionNames.size());
}

std::optional<std::string> fault_of(const Acl& acl) {
  if (acl.type <= AclResourceType::kAny || acl.type > AclResourceType::kUser)
    return message("no resource type ", static_cast<int>(acl.type));
  if (acl.pattern != AclPatternType::kLiteral && acl.pattern != AclPatternType::kPrefixed)
    return message("expected a literal or a prefixed pattern, got ", static_cast<int>(acl.pattern));
  if (acl.operation <= AclOperation::kAny || acl.operation > AclOperation::kTwoPhaseCommit)
    return message("no operation ", static_cast<int>(acl.operation));
  if (acl.permission != AclPermission::kAllow && acl.permission != AclPermission::kDeny)
    return message("expected to allow or to deny, got ", static_cast<int>(acl.permission));
  if (acl.name.empty()) return "the name of the resource is empty";
  if (!is_utf8(acl.name) || !is_utf8(acl.principal) || !is_utf8(acl.host))
    return "a name that is not UTF-8";
  if (acl.type == AclResourceType::kCluster && acl.name != kClusterResource)
    return message("the cluster's name is \"", kClusterResource, "\", got \"", acl.name, "\"");
  const size_t colon = acl.principal.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == acl.principal.size())
    return message("expected a principal such as \"User:alice\", got \"", acl.principal, "\"");
  if (acl.host.empty()) return "the host is empty; \"*\" is any";
  return std::nullopt;
}

const char* name_of(AclResourceType type) { return name_in(kTypeNames, type); }
const char* name_of(AclPatternType pattern) { return name_in(kPatternNames, pattern); }
const char* name_of(AclOperation operation) { return name_in(kOperationNames, operation); }
const char* name_of(AclPermission permission) { return name_in(kPermissionNames, permission); }

AclResourceType acl_resource_type(const std::string& name) {
  return value_in<AclResourceType>(kTypeNames, name);
}
AclPatternType acl_pattern_type(const std::string& name) {
  return value_in<AclPatternType>(kPatternNames, name);
}
AclOperation acl_operation(const std::string& name) {
  return value_in<AclOperation>(kOperationNames, name);
}
AclPermission acl_permission(const std::string& name) {
  return value_in<AclPermission>(kPermissionNames, name);
}

JsonValue to_json(const Acl& acl) {
  JsonValue out;
  out.add("type", name_of(acl.type));
  out.add("pattern", name_of(acl.pattern));
  out.add("name", acl.name);
  out.add("principal", acl.principal);
  out.add("host", acl.host);
  out.add("operation", name_of(acl.operation));
  out.add("permission", name_of(acl.permission));
  return out;
}

Acl read_acl(const JsonValue& value, const char* function) {
  const auto text = [&](const char* name) -> std::string {
    const JsonValue* found = value.find(name);
    const std::string* is = found != nullptr ? found->text() : nullptr;
    return is != nullptr ? *is : "";
  };
  Acl acl;
  acl.type = acl_resource_type(text("type"));
  acl.pattern = acl_pattern_type(text("pattern"));
  acl.name = text("name");
  acl.principal = text("principal");
  acl.host = text("host");
  acl.operation = acl_operation(text("operation"));
  acl.permission = acl_permission(text("permission"));
  if (const auto fault = fault_of(acl))
    throw CorruptionError(message(function, ": a rule that is none: ", *fault));
  return acl;
}

}  // namespace cne::kafka
