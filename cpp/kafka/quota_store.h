#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/client_quota.h"

namespace cne::kafka {

/// The quotas of a broker, kept in a file of the log's directory, for the reasons of AclStore.
/// Thread safe.
class QuotaStore {
 public:
  using Quotas = std::map<QuotaEntity, QuotaValues>;

  /// Throws CorruptionError, IoError.
  explicit QuotaStore(const std::string& directory);

  std::vector<std::pair<QuotaEntity, QuotaValues>> list(const QuotaFilter& filter) const;

  /// Sets values or, without one, takes them away. The entities and values must be ones (fault_of).
  struct Change {
    QuotaEntity entity;
    std::map<std::string, std::optional<double>> values;
  };
  /// Durable when it returns. Throws IoError, and then nothing has changed.
  void change(const std::vector<Change>& changes);

  /// What limits a client, and which name those share who share the limit.
  struct Limit {
    double value;
    std::string sharers;
  };
  /// The quota of the most particular entity that has the key: a user and client-id before a user
  /// before a client-id, and a name before a default. Nothing: no limit.
  std::optional<Limit> find(std::string_view key, const std::string& user,
                            const std::string& client_id) const;

 private:
  std::shared_ptr<const Quotas> quotas() const;

  const std::string file_;
  std::mutex change_;         // one change at a time
  mutable std::mutex mutex_;  // guards quotas_
  std::shared_ptr<const Quotas> quotas_;
  std::atomic<bool> any_{false};
};

}  // namespace cne::kafka
