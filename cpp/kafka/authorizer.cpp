#include "kafka/authorizer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "kafka/security_config.h"

namespace cne::kafka {

namespace {

using Op = AclOperation;

bool concerns(const Acl& acl, const Peer& peer) {
  return (acl.principal == peer.principal || acl.principal == kEveryone) &&
         (acl.host == kWildcard || acl.host == peer.address);
}

bool denies(const Acl& acl, Op operation) {
  return acl.permission == AclPermission::kDeny &&
         (acl.operation == operation || acl.operation == Op::kAll);
}

bool allows_by(const Acl& acl, Op operation) {
  if (acl.permission != AclPermission::kAllow) return false;
  if (acl.operation == operation || acl.operation == Op::kAll) return true;
  if (operation == Op::kDescribe)
    return acl.operation == Op::kRead || acl.operation == Op::kWrite ||
           acl.operation == Op::kDelete || acl.operation == Op::kAlter;
  return operation == Op::kDescribeConfigs && acl.operation == Op::kAlterConfigs;
}

/// What can be done to resources of a type.
const std::vector<Op>& operations_of(AclResourceType type) {
  static const std::vector<Op> topic = {
      Op::kRead,  Op::kWrite,    Op::kCreate,          Op::kDelete,
      Op::kAlter, Op::kDescribe, Op::kDescribeConfigs, Op::kAlterConfigs};
  static const std::vector<Op> group = {Op::kRead, Op::kDelete, Op::kDescribe, Op::kDescribeConfigs,
                                        Op::kAlterConfigs};
  static const std::vector<Op> cluster = {
      Op::kCreate,          Op::kAlter,        Op::kDescribe,       Op::kClusterAction,
      Op::kDescribeConfigs, Op::kAlterConfigs, Op::kIdempotentWrite};
  static const std::vector<Op> transactional_id = {Op::kWrite, Op::kDescribe, Op::kTwoPhaseCommit};
  static const std::vector<Op> none;
  switch (type) {
    case AclResourceType::kTopic:
      return topic;
    case AclResourceType::kGroup:
      return group;
    case AclResourceType::kCluster:
      return cluster;
    case AclResourceType::kTransactionalId:
      return transactional_id;
    default:
      return none;
  }
}

}  // namespace

bool Authorizer::decide(const Peer& peer, Op operation, const AclResource& resource) const {
  if (options_.super_users.contains(peer.principal)) return true;
  bool covered = false;
  bool allowed = false;
  bool denied = false;
  store_.index()->visit(resource.type, resource.name, [&](const Acl& acl) {
    covered = true;
    if (!concerns(acl, peer)) return;
    denied |= denies(acl, operation);
    allowed |= allows_by(acl, operation);
  });
  if (denied) return false;
  return allowed || (!covered && options_.allow_everyone_if_no_acl_found);
}

bool Authorizer::allows_any(const Call& call, Op operation, AclResourceType type) const {
  if (!options_.enabled) return true;
  const Peer& peer = call.peer();
  if (options_.super_users.contains(peer.principal)) return true;
  std::vector<const Acl*> allowing;
  std::vector<const Acl*> denying;
  bool covered = false;
  const auto index = store_.index();
  for (const Acl& acl : index->all()) {
    if (acl.type != type) continue;
    covered = true;
    if (!concerns(acl, peer)) continue;
    if (denies(acl, operation)) denying.push_back(&acl);
    if (allows_by(acl, operation)) allowing.push_back(&acl);
  }
  if (!covered && options_.allow_everyone_if_no_acl_found) return true;
  // A rule that allows is good for something unless one that denies covers all that it covers.
  const auto hidden = [&](const Acl& acl) {
    const bool prefixed = acl.pattern == AclPatternType::kPrefixed;
    return std::any_of(denying.begin(), denying.end(), [&](const Acl* deny) {
      if (deny->pattern == AclPatternType::kPrefixed)
        return acl.name.starts_with(deny->name) && (prefixed || acl.name != kWildcard);
      return deny->name == kWildcard || (!prefixed && deny->name == acl.name);
    });
  };
  return std::any_of(allowing.begin(), allowing.end(),
                     [&](const Acl* acl) { return !hidden(*acl); });
}

int32_t Authorizer::operations(const Call& call, const AclResource& resource) const {
  uint32_t bits = 0;
  for (const Op operation : operations_of(resource.type))
    if (allows(call, operation, resource)) bits |= uint32_t{1} << static_cast<unsigned>(operation);
  return static_cast<int32_t>(bits);
}

std::set<std::string> parse_super_users(std::string_view text) {
  std::set<std::string> out;
  for (std::string& one : split_list(text, ';')) {
    const size_t colon = one.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == one.size())
      throw ArgumentError(
          message("broker: expected \"super.users\" to be principals such as \"User:alice\" with "
                  "';' between them, got \"",
                  one, "\""));
    out.insert(std::move(one));
  }
  return out;
}

}  // namespace cne::kafka
