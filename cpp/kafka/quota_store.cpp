#include "kafka/quota_store.h"

#include "kafka/security_file.h"

namespace cne::kafka {

QuotaStore::QuotaStore(const std::string& directory) : file_(directory + "/broker.quotas") {
  auto quotas = std::make_shared<Quotas>();
  for (const JsonValue& value : load_security_file(file_))
    quotas->insert(read_quota(value, "broker"));
  any_ = !quotas->empty();
  quotas_ = std::move(quotas);
}

std::shared_ptr<const QuotaStore::Quotas> QuotaStore::quotas() const {
  const std::lock_guard lock(mutex_);
  return quotas_;
}

std::vector<std::pair<QuotaEntity, QuotaValues>> QuotaStore::list(const QuotaFilter& filter) const {
  std::vector<std::pair<QuotaEntity, QuotaValues>> out;
  const auto now = quotas();
  for (const auto& [entity, values] : *now)
    if (filter.matches(entity)) out.emplace_back(entity, values);
  return out;
}

void QuotaStore::change(const std::vector<Change>& changes) {
  const std::lock_guard lock(change_);
  const auto before = quotas();
  auto after = std::make_shared<Quotas>(*before);
  for (const Change& change : changes) {
    QuotaValues& values = (*after)[change.entity];
    for (const auto& [key, value] : change.values) {
      if (value)
        values[key] = *value;
      else
        values.erase(key);
    }
    if (values.empty()) after->erase(change.entity);
  }
  if (*after == *before) return;
  std::vector<JsonValue> lines;
  for (const auto& [entity, values] : *after) lines.push_back(to_json(entity, values));
  save_security_file(file_, lines);
  const std::lock_guard guard(mutex_);
  any_ = !after->empty();
  quotas_ = std::move(after);
}

std::optional<QuotaStore::Limit> QuotaStore::find(std::string_view key, const std::string& user,
                                                  const std::string& client_id) const {
  if (!any_) return std::nullopt;
  const auto now = quotas();
  using Name = std::optional<std::string>;
  const Name none;
  const auto limit = [&](const Name* of_user, const Name* of_client) -> std::optional<Limit> {
    QuotaEntity entity;
    if (of_user != nullptr) entity.emplace(kQuotaUser, *of_user);
    if (of_client != nullptr) entity.emplace(kQuotaClientId, *of_client);
    const auto found = now->find(entity);
    if (found == now->end()) return std::nullopt;
    const auto value = found->second.find(key);
    if (value == found->second.end()) return std::nullopt;
    std::string sharers(key);
    if (of_user != nullptr) sharers += "\nuser " + std::to_string(user.size()) + " " + user;
    if (of_client != nullptr) sharers += "\nclient " + client_id;
    return Limit{value->second, std::move(sharers)};
  };
  const Name names[] = {user, none};
  const Name clients[] = {client_id, none};
  for (const Name& each : names) {
    for (const Name& client : clients)
      if (auto found = limit(&each, &client)) return found;
    if (auto found = limit(&each, nullptr)) return found;
  }
  for (const Name& client : clients)
    if (auto found = limit(nullptr, &client)) return found;
  return std::nullopt;
}

}  // namespace cne::kafka
