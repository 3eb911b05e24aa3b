#include "kafka/password_check.h"

#include <utility>

#include "core/random.h"
#include "core/sha2.h"

namespace cne::kafka {

PasswordCheck::PasswordCheck(const UserStore& users) : users_(users), key_(random_bytes(32)) {}

PasswordCheck::~PasswordCheck() { stop(); }

void PasswordCheck::stop() {
  std::unique_ptr<EventLoop> thread;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    thread = std::move(thread_);
  }
  if (thread) thread->stop();
}

std::string PasswordCheck::hash_of(const std::string& user, const std::string& password) const {
  return hmac(Digest::kSha256, key_, user + '\0' + password);
}

bool PasswordCheck::is_remembered(const std::string& user, const std::string& stored_key,
                                  const std::string& hash) {
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(user);
  return found != remembered_.end() && found->second.stored_key == stored_key &&
         equal_in_constant_time(found->second.hash, hash);
}

bool PasswordCheck::compute(const std::string& user, const std::string& password) {
  const auto credentials = users_.find(user);
  if (credentials.empty()) {  // the same work for nobody
    const ScramCredential decoy{kMinScramIterations, key_.substr(0, 16), key_, key_};
    is_password(ScramMechanism::kSha256, decoy, password);
    return false;
  }
  const auto& [mechanism, credential] = *credentials.begin();
  if (!is_password(mechanism, credential, password)) return false;
  const std::lock_guard lock(mutex_);
  remembered_[user] = {credential.stored_key, hash_of(user, password)};
  return true;
}

void PasswordCheck::check(const std::string& user, const std::string& password, EventLoop& loop,
                          std::function<void(bool)> done) {
  const auto credentials = users_.find(user);
  if (!credentials.empty() &&
      is_remembered(user, credentials.begin()->second.stored_key, hash_of(user, password)))
    return done(true);
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  if (!thread_) {
    thread_ = std::make_unique<EventLoop>();
    thread_->start();
  }
  thread_->post([this, user, password, &loop, done = std::move(done)] {
    const bool right = compute(user, password);
    loop.post([done, right] { done(right); });
  });
}

std::string random_bytes(size_t count) {
  std::string out;
  while (out.size() < count) {
    const uint64_t bits = random_uint64();
    for (int i = 0; i < 64; i += 8) out += static_cast<char>(bits >> i);
  }
  out.resize(count);
  return out;
}

}  // namespace cne::kafka
