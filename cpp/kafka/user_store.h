#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kafka/scram.h"

namespace cne::kafka {

/// The users of a broker with what checks their passwords, kept in a file of the log's directory,
/// for the reasons of AclStore. Thread safe.
class UserStore {
 public:
  using Credentials = std::map<ScramMechanism, ScramCredential>;

  /// Throws CorruptionError, IoError.
  explicit UserStore(const std::string& directory);

  std::optional<ScramCredential> find(const std::string& user, ScramMechanism mechanism) const;
  Credentials find(const std::string& user) const;  // empty: there is no such user
  std::vector<std::string> users() const;

  /// Sets or, without a credential, takes away; durable when it returns. Throws IoError, and then
  /// nothing has changed.
  struct Change {
    std::string user;
    ScramMechanism mechanism;
    std::optional<ScramCredential> credential;
  };
  void change(const std::vector<Change>& changes);

 private:
  using Users = std::map<std::string, Credentials>;

  const std::string file_;
  std::mutex change_;         // one change at a time
  mutable std::mutex mutex_;  // guards users_
  Users users_;
};

}  // namespace cne::kafka
