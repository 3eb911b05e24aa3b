#include "kafka/assignor.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cne::kafka {

namespace {

/// A member while partitions are handed out.
struct Share {
  const AssignorMember* member;
  Assignment partitions;
  size_t count = 0;
};

/// The members that subscribe to each topic, by their position in the list.
using Subscribers = std::map<Uuid, std::vector<size_t>>;

Subscribers subscribers_of(const std::vector<AssignorMember>& members) {
  Subscribers out;
  for (size_t i = 0; i < members.size(); ++i)
    for (const Uuid& topic : members[i].topics) out[topic].push_back(i);
  return out;
}

void give(Share& to, const Uuid& topic, int32_t partition) {
  add_partition(to.partitions, topic, partition);
  ++to.count;
}

size_t least(const std::vector<Share>& shares, const std::vector<size_t>& among) {
  return *std::min_element(among.begin(), among.end(),
                           [&](size_t a, size_t b) { return shares[a].count < shares[b].count; });
}

/// Moves single partitions from who has most to who has two less, as long as there are such.
class Evening {
 public:
  Evening(std::vector<Share>& shares, const Subscribers& subscribers)
      : shares_(shares), subscribers_(subscribers) {
    for (size_t i = 0; i < shares_.size(); ++i) order_.emplace(shares_[i].count, i);
  }

  void run() {
    // Each move makes the sum of the squares of the counts smaller, so it ends; where subscriptions
    // are so different that it takes too long, what is reached by then is good enough.
    while (work_ < kMostWork && move_one()) {
    }
  }

 private:
  static constexpr size_t kMostWork = 100'000'000;

  bool move_one() {
    for (auto high = order_.rbegin(); high != order_.rend(); ++high) {
      const size_t from = high->second;
      if (shares_[from].count < order_.begin()->first + 2) return false;
      const Uuid* topic = nullptr;
      size_t to = from;
      const std::vector<size_t>* seen = nullptr;  // topics of the same subscribers need no look
      for (const auto& [each, partitions] : shares_[from].partitions) {
        const std::vector<size_t>& among = subscribers_.at(each);
        ++work_;
        if (seen != nullptr && *seen == among) continue;
        seen = &among;
        work_ += among.size();
        const size_t low = least(shares_, among);
        if (shares_[low].count + 2 > shares_[from].count) continue;
        if (topic != nullptr && shares_[low].count >= shares_[to].count) continue;
        topic = &each;
        to = low;
      }
      if (topic == nullptr) continue;
      move(from, to, Uuid(*topic));
      return true;
    }
    return false;
  }

  void move(size_t from, size_t to, const Uuid& topic) {
    order_.erase({shares_[from].count, from});
    order_.erase({shares_[to].count, to});
    const int32_t partition = *shares_[from].partitions.at(topic).rbegin();
    remove_partition(shares_[from].partitions, topic, partition);
    --shares_[from].count;
    give(shares_[to], topic, partition);
    order_.emplace(shares_[from].count, from);
    order_.emplace(shares_[to].count, to);
  }

  std::vector<Share>& shares_;
  const Subscribers& subscribers_;
  std::set<std::pair<size_t, size_t>> order_;  // count, position
  size_t work_ = 0;
};

GroupAssignment finish(std::vector<Share> shares) {
  GroupAssignment out;
  for (Share& share : shares) out[share.member->id] = std::move(share.partitions);
  return out;
}

std::vector<Share> empty_shares(const std::vector<AssignorMember>& members) {
  std::vector<Share> shares;
  for (const AssignorMember& member : members) shares.push_back({&member, {}, 0});
  return shares;
}

}  // namespace

GroupAssignment assign_uniform(const std::vector<AssignorMember>& members,
                               const TopicSizes& topics) {
  std::vector<Share> shares = empty_shares(members);
  const auto subscribers = subscribers_of(members);
  // Everybody keeps what it may.
  Assignment taken;
  for (Share& share : shares) {
    for_each_partition(share.member->current, [&](const Uuid& topic, int32_t partition) {
      const auto size = topics.find(topic);
      if (size == topics.end() || partition >= size->second || partition < 0) return;
      const auto& wanted = share.member->topics;
      if (!std::binary_search(wanted.begin(), wanted.end(), topic)) return;
      if (has_partition(taken, topic, partition)) return;
      add_partition(taken, topic, partition);
      give(share, topic, partition);
    });
  }
  // What is free goes to who has least, topics of few subscribers first.
  std::vector<std::pair<size_t, Uuid>> order;
  for (const auto& [topic, among] : subscribers)
    if (topics.contains(topic)) order.emplace_back(among.size(), topic);
  std::sort(order.begin(), order.end());
  for (const auto& [count, topic] : order)
    for (int32_t partition = 0; partition < topics.at(topic); ++partition)
      if (!has_partition(taken, topic, partition))
        give(shares[least(shares, subscribers.at(topic))], topic, partition);
  Evening(shares, subscribers).run();
  return finish(std::move(shares));
}

GroupAssignment assign_range(const std::vector<AssignorMember>& members, const TopicSizes& topics) {
  std::vector<Share> shares = empty_shares(members);
  for (auto [topic, among] : subscribers_of(members)) {
    const auto size = topics.find(topic);
    if (size == topics.end()) continue;
    std::sort(among.begin(), among.end(), [&](size_t a, size_t b) {
      const auto name = [&](size_t i) -> const std::string& {
        return members[i].instance_id ? *members[i].instance_id : members[i].id;
      };
      return name(a) < name(b);
    });
    const auto count = static_cast<int32_t>(among.size());
    int32_t next = 0;
    for (int32_t i = 0; i < count; ++i) {
      const int32_t end = next + size->second / count + (i < size->second % count ? 1 : 0);
      for (; next < end; ++next) give(shares[among[static_cast<size_t>(i)]], topic, next);
    }
  }
  return finish(std::move(shares));
}

bool is_assignor(std::string_view name) { return name == "uniform" || name == "range"; }

GroupAssignment assign_by(std::string_view name, const std::vector<AssignorMember>& members,
                          const TopicSizes& topics) {
  return name == "range" ? assign_range(members, topics) : assign_uniform(members, topics);
}

}  // namespace cne::kafka
