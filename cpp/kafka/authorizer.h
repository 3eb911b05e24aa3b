#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "kafka/acl.h"
#include "kafka/acl_store.h"
#include "kafka/call.h"

namespace cne::kafka {

/// What is asked for; the name must outlive the question.
struct AclResource {
  AclResourceType type;
  std::string_view name;
};
inline AclResource on_topic(std::string_view name) { return {AclResourceType::kTopic, name}; }
inline AclResource on_group(std::string_view id) { return {AclResourceType::kGroup, id}; }
inline AclResource on_transactional_id(std::string_view id) {
  return {AclResourceType::kTransactionalId, id};
}
inline AclResource on_cluster() { return {AclResourceType::kCluster, kClusterResource}; }

/// Who may do what, by rules, as Kafka's StandardAuthorizer decides it: a super user may do all; a
/// rule that denies goes before one that allows; what no rule allows is denied. Read, Write,
/// Delete and Alter imply Describe, AlterConfigs implies DescribeConfigs.
///
/// Off, it allows everything. Thread safe; every handler asks it before it does or tells anything.
class Authorizer {
 public:
  struct Options {
    bool enabled = false;
    std::set<std::string> super_users;  // "User:admin"
    /// Of resources that no rule covers.
    bool allow_everyone_if_no_acl_found = false;
  };
  Authorizer(AclStore& store, Options options) : store_(store), options_(std::move(options)) {}

  bool is_enabled() const { return options_.enabled; }

  bool allows(const Call& call, AclOperation operation, const AclResource& resource) const {
    return !options_.enabled || decide(call.peer(), operation, resource);
  }
  /// Whether there is any resource of the type on which it is allowed.
  bool allows_any(const Call& call, AclOperation operation, AclResourceType type) const;
  /// The operations that are allowed, as the protocol tells them: bit n for operation n.
  int32_t operations(const Call& call, const AclResource& resource) const;

  bool decide(const Peer& peer, AclOperation operation, const AclResource& resource) const;

  AclStore& store() { return store_; }

 private:
  AclStore& store_;
  const Options options_;
};

/// The principals of a list with semicolons. Throws ArgumentError.
std::set<std::string> parse_super_users(std::string_view text);

}  // namespace cne::kafka
