#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/store_groups.h"

namespace cne::kafka {

struct LocalMemberOptions {
  std::string group_id;
  std::optional<std::string> instance_id;  // a static member
  std::optional<std::string> assignor;     // "uniform" or "range"; none: the broker's choice
  /// A member that is not polled for so long leaves.
  int64_t max_poll_interval_ms = 300'000;
};

/// A consumer of this process as a member of a group, by the consumer protocol (KIP-848) without a
/// socket: clients of the brokers of the same log share the partitions with it.
///
/// Between polls a timer of the groups' loop keeps it in the group. What it is to own changes in
/// steps: `poll` says what to give up and what to take, `gave_up` and `took` that it was done; a
/// step that was not done is said again. Thread safe, but steps are one thread's at a time. In a
/// forked child every call throws StateError, and the destructor does nothing.
class LocalMember {
 public:
  using Key = std::pair<std::string, int32_t>;
  struct Step {
    std::vector<Key> give_up;
    std::vector<Key> take;
    bool is_lost = false;  // what is given up is another's already
  };

  /// Throws ArgumentError for options that cannot be.
  LocalMember(std::shared_ptr<StoreGroups> groups, LocalMemberOptions options);
  LocalMember(const LocalMember&) = delete;
  LocalMember& operator=(const LocalMember&) = delete;
  /// Leaves the group.
  ~LocalMember();

  /// The next poll joins the group, or tells it of other topics.
  void subscribe(std::vector<std::string> topics);
  /// A sign of life. None: nothing is to be done. Throws StateError when the group refuses it.
  std::optional<Step> poll();
  void gave_up();
  void took();
  /// Owns nothing after it. Twice is fine.
  void leave();

  /// Writes down offsets of the group, as its member if it is one, and waits until that is safe.
  /// Throws StateError, NotFoundError, ArgumentError, IoError.
  void commit(const std::map<Key, int64_t>& offsets);
  /// None where nothing was committed. With `stable` it waits for the end of transactions.
  std::map<Key, std::optional<int64_t>> committed(const std::vector<Key>& keys, bool stable);

 private:
  struct State;
  void check(const char* function) const;

  const std::shared_ptr<StoreGroups> groups_;
  std::shared_ptr<State> state_;  // which the loop and late answers hold weakly
};

}  // namespace cne::kafka
