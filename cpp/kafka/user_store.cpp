#include "kafka/user_store.h"

#include <utility>

#include "core/error.h"
#include "kafka/security_file.h"

namespace cne::kafka {

namespace {

JsonValue to_json(const std::string& user, ScramMechanism mechanism,
                  const ScramCredential& credential) {
  JsonValue out;
  out.add("user", user);
  out.add("mechanism", name_of(mechanism));
  out.add("iterations", int64_t{credential.iterations});
  out.add("salt", to_base64(credential.salt));
  out.add("stored_key", to_base64(credential.stored_key));
  out.add("server_key", to_base64(credential.server_key));
  return out;
}

UserStore::Change read(const JsonValue& value, const std::string& file) {
  const auto text = [&](const char* name) -> std::string {
    const JsonValue* found = value.find(name);
    return found != nullptr && found->text() != nullptr ? *found->text() : "";
  };
  UserStore::Change out;
  out.user = text("user");
  out.mechanism = scram_mechanism(text("mechanism"));
  const auto salt = from_base64(text("salt"));
  const auto stored_key = from_base64(text("stored_key"));
  const auto server_key = from_base64(text("server_key"));
  const JsonValue* iterations = value.find("iterations");
  const int64_t* count = iterations != nullptr ? iterations->integer() : nullptr;
  if (out.user.empty() || out.mechanism == ScramMechanism::kUnknown || !salt || !stored_key ||
      !server_key || count == nullptr || *count < 1 || *count > kMaxScramIterations)
    throw CorruptionError(message("broker: ", file, " holds a user that is none"));
  out.credential = ScramCredential{static_cast<int32_t>(*count), *salt, *stored_key, *server_key};
  return out;
}

}  // namespace

UserStore::UserStore(const std::string& directory) : file_(directory + "/broker.users") {
  for (const JsonValue& value : load_security_file(file_)) {
    Change one = read(value, file_);
    users_[one.user][one.mechanism] = std::move(*one.credential);
  }
}

std::optional<ScramCredential> UserStore::find(const std::string& user,
                                               ScramMechanism mechanism) const {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(user);
  if (found == users_.end()) return std::nullopt;
  const auto credential = found->second.find(mechanism);
  if (credential == found->second.end()) return std::nullopt;
  return credential->second;
}

UserStore::Credentials UserStore::find(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(user);
  return found != users_.end() ? found->second : Credentials();
}

std::vector<std::string> UserStore::users() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, credentials] : users_) out.push_back(name);
  return out;
}

void UserStore::change(const std::vector<Change>& changes) {
  const std::lock_guard one(change_);
  Users users;
  {
    const std::lock_guard lock(mutex_);
    users = users_;
  }
  for (const Change& change : changes) {
    if (change.credential) {
      users[change.user][change.mechanism] = *change.credential;
    } else if (const auto found = users.find(change.user); found != users.end()) {
      found->second.erase(change.mechanism);
      if (found->second.empty()) users.erase(found);
    }
  }
  std::vector<JsonValue> values;
  for (const auto& [user, credentials] : users)
    for (const auto& [mechanism, credential] : credentials)
      values.push_back(to_json(user, mechanism, credential));
  save_security_file(file_, values);
  const std::lock_guard lock(mutex_);
  users_ = std::move(users);
}

}  // namespace cne::kafka
