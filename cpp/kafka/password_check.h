#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "kafka/event_loop.h"
#include "kafka/user_store.h"

namespace cne::kafka {

/// Checks passwords that came as they are (PLAIN) against what is kept of them, on a thread of its
/// own: that takes milliseconds, which no event loop has. A password that was right is remembered
/// by a keyed hash in memory, so that the next login with it is quick. Thread safe.
class PasswordCheck {
 public:
  explicit PasswordCheck(const UserStore& users);
  ~PasswordCheck();

  /// Calls `done` at once or later, on `loop`. A user that is not there takes as long.
  void check(const std::string& user, const std::string& password, EventLoop& loop,
             std::function<void(bool right)> done);
  /// Ends the thread; checks that wait are forgotten. To be called before the loops end.
  void stop();

 private:
  struct Remembered {
    std::string stored_key;  // of the credential, which may have changed since
    std::string hash;
  };
  bool is_remembered(const std::string& user, const std::string& stored_key,
                     const std::string& hash);
  bool compute(const std::string& user, const std::string& password);
  std::string hash_of(const std::string& user, const std::string& password) const;

  const UserStore& users_;
  const std::string key_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<EventLoop> thread_;
  bool stopped_ = false;
  std::map<std::string, Remembered> remembered_;
};

/// Bytes that nobody can guess.
std::string random_bytes(size_t count);

}  // namespace cne::kafka
