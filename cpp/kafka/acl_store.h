#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kafka/acl.h"

namespace cne::kafka {

/// Rules by what they cover. Fixed once made, so any thread may look things up.
class AclIndex {
 public:
  AclIndex() = default;
  explicit AclIndex(std::set<Acl> acls);
  AclIndex(const AclIndex&) = delete;
  AclIndex& operator=(const AclIndex&) = delete;

  const std::set<Acl>& all() const { return acls_; }
  /// Calls `visit` for every rule that covers the resource.
  void visit(AclResourceType type, std::string_view name,
             const std::function<void(const Acl&)>& visit) const;

 private:
  using Rules = std::vector<const Acl*>;
  std::set<Acl> acls_;
  // By type and name, in one string.
  std::unordered_map<std::string, Rules> literal_;
  std::map<std::string, Rules, std::less<>> prefixed_;
};

/// The rules of a broker, kept in a file of the log's directory. Thread safe.
///
/// Rules are few and change rarely, and a broker has to have them before it answers anything: so
/// they are a file that is written whole, not a topic that would have to be recovered first.
class AclStore {
 public:
  /// Throws CorruptionError, IoError.
  explicit AclStore(const std::string& directory);

  std::shared_ptr<const AclIndex> index() const;
  /// Adds rules, which must be ones (fault_of); durable when it returns. Throws IoError, and then
  /// nothing was added.
  void add(const std::vector<Acl>& acls);
  /// Takes the rules away that match one of the filters; what each filter took.
  std::vector<std::vector<Acl>> remove(const std::vector<AclFilter>& filters);
  std::vector<Acl> list(const AclFilter& filter) const;

 private:
  void replace(std::set<Acl> acls);

  const std::string file_;
  std::mutex change_;         // one change at a time
  mutable std::mutex mutex_;  // guards index_
  std::shared_ptr<const AclIndex> index_;
};

}  // namespace cne::kafka
