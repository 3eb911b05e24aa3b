#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "kafka/assignor.h"

using namespace cne::kafka;

namespace {

Uuid topic_id(int number) {
  Uuid id;
  id.bytes[15] = static_cast<uint8_t>(number);
  return id;
}

AssignorMember member(std::string id, std::vector<int> topics, Assignment current = {}) {
  AssignorMember out{std::move(id), {}, {}, std::move(current)};
  for (const int each : topics) out.topics.push_back(topic_id(each));
  return out;
}

/// That each partition that someone wants has one owner, who wants it, and nothing else has one.
void check_complete(const std::vector<AssignorMember>& members, const TopicSizes& topics,
                    const GroupAssignment& got) {
  std::map<Uuid, std::multiset<int32_t>> given;
  for (const AssignorMember& each : members) {
    for_each_partition(got.at(each.id), [&](const Uuid& topic, int32_t partition) {
      REQUIRE(std::binary_search(each.topics.begin(), each.topics.end(), topic));
      given[topic].insert(partition);
    });
  }
  for (const auto& [topic, size] : topics) {
    const bool wanted = std::any_of(members.begin(), members.end(), [&](const auto& each) {
      return std::binary_search(each.topics.begin(), each.topics.end(), topic);
    });
    REQUIRE(given[topic].size() == static_cast<size_t>(wanted ? size : 0));
    if (wanted)
      for (int32_t p = 0; p < size; ++p) REQUIRE(given[topic].count(p) == 1);
  }
}

/// That no partition could move to a member with two less.
void check_even(const std::vector<AssignorMember>& members, const GroupAssignment& got) {
  for (const AssignorMember& from : members)
    for (const auto& [topic, partitions] : got.at(from.id))
      for (const AssignorMember& to : members)
        if (std::binary_search(to.topics.begin(), to.topics.end(), topic))
          REQUIRE(count_partitions(got.at(from.id)) <= count_partitions(got.at(to.id)) + 1);
}

}  // namespace

TEST_CASE("assignor: range by hand") {
  const TopicSizes topics{{topic_id(1), 5}, {topic_id(2), 5}, {topic_id(3), 1}};
  std::vector<AssignorMember> members{member("c", {1, 2}), member("a", {1, 2, 3}),
                                      member("b", {1})};
  const auto got = assign_range(members, topics);
  CHECK(got.at("a") ==
        Assignment{{topic_id(1), {0, 1}}, {topic_id(2), {0, 1, 2}}, {topic_id(3), {0}}});
  CHECK(got.at("b") == Assignment{{topic_id(1), {2, 3}}});
  CHECK(got.at("c") == Assignment{{topic_id(1), {4}}, {topic_id(2), {3, 4}}});
  // The names of instances come before ids that change.
  members[0].instance_id = "0";
  CHECK(assign_range(members, topics).at("c").at(topic_id(1)) == std::set<int32_t>{0, 1});
}

TEST_CASE("assignor: uniform by hand") {
  const TopicSizes topics{{topic_id(1), 4}, {topic_id(2), 3}};
  std::vector<AssignorMember> members{member("a", {1, 2}), member("b", {1, 2})};
  auto got = assign_uniform(members, topics);
  check_complete(members, topics, got);
  CHECK(count_partitions(got.at("a")) + count_partitions(got.at("b")) == 7);
  check_even(members, got);
  // One comes: who was there keeps all but what it has too much.
  for (auto& each : members) each.current = got.at(each.id);
  members.push_back(member("c", {1, 2}));
  const auto next = assign_uniform(members, topics);
  check_complete(members, topics, next);
  check_even(members, next);
  CHECK(is_subset(next.at("a"), got.at("a")));
  CHECK(is_subset(next.at("b"), got.at("b")));
  // One goes: the others keep everything.
  for (auto& each : members) each.current = next.at(each.id);
  members.erase(members.begin());
  const auto last = assign_uniform(members, topics);
  check_complete(members, topics, last);
  CHECK(is_subset(next.at("b"), last.at("b")));
  CHECK(is_subset(next.at("c"), last.at("c")));
}

TEST_CASE("assignor: nobody, nothing, topics that are gone") {
  CHECK(assign_uniform({}, {{topic_id(1), 3}}).empty());
  CHECK(assign_range({}, {{topic_id(1), 3}}).empty());
  const std::vector<AssignorMember> one{
      member("a", {1, 2}, {{topic_id(2), {0}}, {topic_id(3), {0}}, {topic_id(1), {0, 9}}})};
  CHECK(assign_uniform(one, {}).at("a").empty());
  CHECK(assign_range(one, {}).at("a").empty());
  CHECK(assign_uniform(one, {{topic_id(1), 2}}).at("a") == Assignment{{topic_id(1), {0, 1}}});
}

TEST_CASE("assignor: random groups over random changes") {
  std::mt19937 random(7);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 200; ++round) {
    TopicSizes topics;
    const int topic_count = 1 + below(6);
    for (int t = 0; t < topic_count; ++t) topics[topic_id(t)] = below(12);
    const bool alike = below(2) == 0;
    std::vector<AssignorMember> members;
    std::map<std::string, Assignment> before;
    for (int change = 0; change < 8; ++change) {
      const int what = below(4);
      if (what < 2 || members.empty()) {
        std::vector<int> wanted;
        for (int t = 0; t < topic_count; ++t)
          if (alike || below(2) == 0) wanted.push_back(t);
        members.push_back(member("m" + std::to_string(round) + std::to_string(change), wanted));
      } else if (what == 2) {
        members.erase(members.begin() + below(static_cast<int>(members.size())));
      } else {
        topics[topic_id(below(topic_count))] += below(3);
      }
      for (auto& each : members) each.current = before[each.id];
      size_t wanted_partitions = 0;
      const auto got = assign_uniform(members, topics);
      check_complete(members, topics, got);
      check_even(members, got);
      const auto ranged = assign_range(members, topics);
      check_complete(members, topics, ranged);
      if (alike && !members.empty()) {
        for (const auto& [topic, size] : topics) wanted_partitions += static_cast<size_t>(size);
        const size_t most = (wanted_partitions + members.size() - 1) / members.size();
        // Nobody gives up more than what is above the highest fair share.
        for (const auto& each : members) {
          size_t kept = 0;
          for_each_partition(each.current, [&](const Uuid& topic, int32_t partition) {
            kept += has_partition(got.at(each.id), topic, partition);
          });
          const size_t had = count_partitions(each.current);
          REQUIRE(kept + 1 >= std::min(had, most));
        }
      }
      before = got;
    }
  }
}
