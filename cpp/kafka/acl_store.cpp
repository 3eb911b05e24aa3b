#include "kafka/acl_store.h"

#include <algorithm>
#include <utility>

#include "kafka/security_file.h"

namespace cne::kafka {

namespace {

std::string key_of(AclResourceType type, std::string_view name) {
  std::string key(1, static_cast<char>(type));
  key += name;
  return key;
}

}  // namespace

AclIndex::AclIndex(std::set<Acl> acls) : acls_(std::move(acls)) {
  for (const Acl& acl : acls_) {
    const std::string key = key_of(acl.type, acl.name);
    (acl.pattern == AclPatternType::kPrefixed ? prefixed_[key] : literal_[key]).push_back(&acl);
  }
}

void AclIndex::visit(AclResourceType type, std::string_view name,
                     const std::function<void(const Acl&)>& visit) const {
  if (acls_.empty()) return;
  const auto all_of = [&](const Rules& rules) {
    for (const Acl* acl : rules) visit(*acl);
  };
  const std::string key = key_of(type, name);
  if (const auto found = literal_.find(key); found != literal_.end()) all_of(found->second);
  if (name != kWildcard)
    if (const auto found = literal_.find(key_of(type, kWildcard)); found != literal_.end())
      all_of(found->second);
  // From the last prefix that sorts before the key towards the first. A pattern that is no prefix
  // shares some bytes with the key; no longer prefix than those can come before it.
  auto at = prefixed_.upper_bound(key);
  while (at != prefixed_.begin()) {
    --at;
    const std::string& prefix = at->first;
    if (key.starts_with(prefix)) {
      all_of(at->second);
      continue;
    }
    const auto differ = std::mismatch(prefix.begin(), prefix.end(), key.begin(), key.end());
    const auto shared = static_cast<size_t>(differ.first - prefix.begin());
    if (shared <= 1) break;  // the type alone
    at = prefixed_.upper_bound(std::string_view(key).substr(0, shared));
  }
}

AclStore::AclStore(const std::string& directory) : file_(directory + "/broker.acls") {
  std::set<Acl> acls;
  for (const JsonValue& value : load_security_file(file_)) acls.insert(read_acl(value, "broker"));
  index_ = std::make_shared<const AclIndex>(std::move(acls));
}

std::shared_ptr<const AclIndex> AclStore::index() const {
  const std::lock_guard lock(mutex_);
  return index_;
}

void AclStore::replace(std::set<Acl> acls) {
  std::vector<JsonValue> values;
  for (const Acl& acl : acls) values.push_back(to_json(acl));
  auto index = std::make_shared<const AclIndex>(std::move(acls));
  save_security_file(file_, values);
  const std::lock_guard lock(mutex_);
  index_.swap(index);
}

void AclStore::add(const std::vector<Acl>& acls) {
  const std::lock_guard lock(change_);
  std::set<Acl> all = index()->all();
  const size_t before = all.size();
  all.insert(acls.begin(), acls.end());
  if (all.size() != before) replace(std::move(all));
}

std::vector<std::vector<Acl>> AclStore::remove(const std::vector<AclFilter>& filters) {
  const std::lock_guard lock(change_);
  const auto now = index();
  std::set<Acl> left = now->all();
  std::vector<std::vector<Acl>> out;
  for (const AclFilter& filter : filters) {
    auto& taken = out.emplace_back();
    for (const Acl& acl : now->all())
      if (filter.matches(acl)) {
        taken.push_back(acl);
        left.erase(acl);
      }
  }
  if (left.size() != now->all().size()) replace(std::move(left));
  return out;
}

std::vector<Acl> AclStore::list(const AclFilter& filter) const {
  std::vector<Acl> out;
  const auto now = index();
  for (const Acl& acl : now->all())
    if (filter.matches(acl)) out.push_back(acl);
  return out;
}

}  // namespace cne::kafka
