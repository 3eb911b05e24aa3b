#include <doctest/doctest.h>

#include "group_world.h"

using namespace cne::kafka;

namespace {

OffsetFetchResponse::Group fetch_all(GroupWorld& world, bool stable = false, int16_t version = 9) {
  OffsetFetchRequest::Group request;
  request.group_id = "g";
  return world.groups->offset_fetch({"", "", version}, request, stable);
}

OffsetDeleteResponse remove(GroupWorld& world, const std::string& group, const std::string& topic,
                            std::vector<int32_t> partitions) {
  OffsetDeleteRequest request;
  request.group_id = group;
  request.topics.push_back({topic, std::move(partitions)});
  Answer<OffsetDeleteResponse> answer;
  world.groups->offset_delete(request, answer.reply());
  return *answer;
}

ErrorCode remove_group(GroupWorld& world, const std::string& group) {
  DeleteGroupsRequest request;
  request.groups.push_back(group);
  Answer<DeleteGroupsResponse> answer;
  world.groups->delete_groups(request, answer.reply());
  return answer->results.at(0).error;
}

/// Offsets of a transaction of `producer`.
ErrorCode txn_commit(GroupWorld& world, int64_t producer, const std::string& topic,
                     int32_t partition, int64_t offset) {
  TxnOffsetCommitRequest request;
  request.transactional_id = "t";
  request.group_id = "g";
  request.producer_id = producer;
  auto& to = request.topics.emplace_back();
  to.name = topic;
  auto& at = to.partitions.emplace_back();
  at.index = partition;
  at.committed_offset = offset;
  Answer<TxnOffsetCommitResponse> answer;
  world.groups->txn_offset_commit({"", "", 3}, request, answer.reply());
  return answer->topics.at(0).partitions.at(0).error;
}

}  // namespace

TEST_CASE("group offsets: committed, read, kept over a restart") {
  GroupWorld world;
  ClassicConsumer simple{world};
  CHECK(simple.committed("a", 0) == -1);
  CHECK(simple.commit_error("a", 0, 5) == ErrorCode::kNone);
  CHECK(simple.commit_error("a", 3, 6) == ErrorCode::kNone);
  CHECK(simple.commit_error("b", 1, 7) == ErrorCode::kNone);
  CHECK(simple.commit_error("a", 0, 8) == ErrorCode::kNone);
  for (int i = 0; i < 2; ++i) {
    CHECK(simple.committed("a", 0) == 8);
    CHECK(simple.committed("a", 1) == -1);
    const auto all = fetch_all(world);
    REQUIRE(all.topics.size() == 2);
    CHECK(all.topics[0].name == "a");
    REQUIRE(all.topics[0].partitions.size() == 2);
    CHECK(all.topics[0].partitions[1].index == 3);
    CHECK(all.topics[0].partitions[1].offset == 6);
    CHECK(all.topics[0].partitions[1].leader_epoch == 0);
    CHECK(all.topics[0].partitions[1].metadata == "note");
    CHECK(all.topics[1].partitions[0].offset == 7);
    CHECK(simple.state() == "Empty");
    world.start();
  }
}

TEST_CASE("group offsets: by topic id since version 10") {
  GroupWorld world;
  ClassicConsumer simple{world};
  OffsetCommitRequest request;
  request.group_id = "g";
  request.topics.push_back({"", world.topics.id("b"), {{1, 3, -1, {}}}});
  request.topics.push_back({"", Uuid{{9, 9}}, {{0, 3, -1, {}}}});
  Answer<OffsetCommitResponse> answer;
  world.groups->offset_commit({"", "", 10}, request, answer.reply());
  CHECK(answer->topics.at(0).topic_id == world.topics.id("b"));
  CHECK(answer->topics.at(0).partitions.at(0).error == ErrorCode::kNone);
  CHECK(answer->topics.at(1).partitions.at(0).error == ErrorCode::kUnknownTopicId);
  CHECK(simple.committed("b", 1) == 3);

  OffsetFetchRequest::Group asked;
  asked.group_id = "g";
  asked.topics = std::vector<OffsetFetchRequest::Topic>{{"", world.topics.id("b"), {0, 1}},
                                                        {"", Uuid{{9, 9}}, {0}}};
  const auto found = world.groups->offset_fetch({"", "", 10}, asked, false);
  REQUIRE(found.topics.size() == 2);
  CHECK(found.topics[0].topic_id == world.topics.id("b"));
  CHECK(found.topics[0].partitions.at(0).offset == -1);
  CHECK(found.topics[0].partitions.at(1).offset == 3);
  CHECK(found.topics[0].partitions.at(1).metadata == "");
  CHECK(found.topics[1].partitions.at(0).error == ErrorCode::kUnknownTopicId);
  const auto all = fetch_all(world, false, 10);
  REQUIRE(all.topics.size() == 1);
  CHECK(all.topics[0].topic_id == world.topics.id("b"));
}

TEST_CASE("group offsets: what is refused") {
  GroupWorld world;
  world.config.offset_metadata_max_bytes = 4;
  world.start();
  ClassicConsumer simple{world};
  CHECK(simple.commit_error("none", 0, 1) == ErrorCode::kUnknownTopicOrPartition);
  OffsetCommitRequest request;
  request.group_id = "g";
  request.topics.push_back({"a", {}, {{0, 1, -1, "12345"}, {1, 1, -1, "1234"}}});
  Answer<OffsetCommitResponse> answer;
  world.groups->offset_commit({"", "", 8}, request, answer.reply());
  CHECK(answer->topics.at(0).partitions.at(0).error == ErrorCode::kOffsetMetadataTooLarge);
  CHECK(answer->topics.at(0).partitions.at(1).error == ErrorCode::kNone);
  // A generation of a group that is not there.
  simple.group = "none";
  simple.generation = 3;
  simple.client.version = 8;
  CHECK(simple.commit_error("a", 0, 1) == ErrorCode::kIllegalGeneration);
  simple.client.version = 9;
  CHECK(simple.commit_error("a", 0, 1) == ErrorCode::kGroupIdNotFound);
  CHECK(world.groups->list_groups({}).groups.size() == 1);
}

TEST_CASE("group offsets: seen only when they are safe, and never going back") {
  GroupWorld world;
  ClassicConsumer simple{world};
  simple.commit("a", 0, 1);
  world.log.hold = true;
  const auto second = simple.commit("a", 0, 2);
  const auto third = simple.commit("a", 0, 3);
  CHECK(!second.there());
  CHECK(simple.committed("a", 0) == 1);
  SUBCASE("acknowledged") {
    world.log.release();
    CHECK(second.there());
    CHECK(third->topics.at(0).partitions.at(0).error == ErrorCode::kNone);
    CHECK(simple.committed("a", 0) == 3);
  }
  SUBCASE("lost") {
    world.log.release(false);
    CHECK(second->topics.at(0).partitions.at(0).error == ErrorCode::kCoordinatorNotAvailable);
    CHECK(simple.committed("a", 0) == 1);
  }
  SUBCASE("the group is deleted in between") {
    DeleteGroupsRequest request;
    request.groups.push_back("g");
    Answer<DeleteGroupsResponse> deleted;
    world.groups->delete_groups(request, deleted.reply());
    CHECK(!deleted.there());
    const auto fourth = simple.commit("a", 1, 4);
    world.log.release();
    CHECK(deleted->results.at(0).error == ErrorCode::kNone);
    CHECK(second.there());
    CHECK(fourth.there());
    for (int i = 0; i < 2; ++i) {
      CHECK(simple.committed("a", 0) == -1);
      CHECK(simple.committed("a", 1) == 4);
      world.log.hold = false;
      world.start();
    }
  }
}

TEST_CASE("group offsets: deleting") {
  GroupWorld world;
  CHECK(remove(world, "none", "a", {0}).error == ErrorCode::kGroupIdNotFound);
  CHECK(remove(world, "", "a", {0}).error == ErrorCode::kInvalidGroupId);
  ClassicConsumer one{world};
  one.take(one.enter());
  one.sync();
  one.commit("a", 0, 1);
  one.commit("b", 0, 2);
  one.commit("b", 1, 3);
  CHECK(remove(world, "g", "a", {0}).topics.at(0).partitions.at(0).error ==
        ErrorCode::kGroupSubscribedToTopic);
  CHECK(remove(world, "g", "none", {0}).topics.at(0).partitions.at(0).error ==
        ErrorCode::kUnknownTopicOrPartition);
  const auto removed = remove(world, "g", "b", {0, 7});
  CHECK(removed.error == ErrorCode::kNone);
  CHECK(removed.topics.at(0).partitions.at(0).error == ErrorCode::kNone);
  CHECK(removed.topics.at(0).partitions.at(1).error == ErrorCode::kNone);
  for (int i = 0; i < 2; ++i) {
    CHECK(one.committed("b", 0) == -1);
    CHECK(one.committed("b", 1) == 3);
    CHECK(one.committed("a", 0) == 1);
    world.start();
  }
  // A group of something else than consumers must be empty.
  ClassicConsumer worker{world};
  worker.group = "w";
  worker.type = "connect";
  worker.take(worker.enter());
  CHECK(remove(world, "w", "a", {0}).error == ErrorCode::kNonEmptyGroup);
}

TEST_CASE("group offsets: deleting groups") {
  GroupWorld world;
  ClassicConsumer one{world};
  CHECK(remove_group(world, "") == ErrorCode::kInvalidGroupId);
  CHECK(remove_group(world, "g") == ErrorCode::kGroupIdNotFound);
  one.take(one.enter());
  CHECK(remove_group(world, "g") == ErrorCode::kNonEmptyGroup);
  one.sync();
  one.commit("a", 0, 1);
  CHECK(remove_group(world, "g") == ErrorCode::kNonEmptyGroup);
  one.leave();
  CHECK(remove_group(world, "g") == ErrorCode::kNone);
  for (int i = 0; i < 2; ++i) {
    CHECK(world.groups->list_groups({}).groups.empty());
    CHECK(one.committed("a", 0) == -1);
    CHECK(remove_group(world, "g") == ErrorCode::kGroupIdNotFound);
    world.start();
  }
}

TEST_CASE("group offsets: who is overdue keeps no group, though its timer did not come yet") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.instance = "i";
  one.take(one.enter());
  one.sync({{one.member_id, {"1"}}});
  world.move_to(world.steady.now_ms() + one.session_ms - 1);
  CHECK(remove_group(world, "g") == ErrorCode::kNonEmptyGroup);
  world.move_to(world.steady.now_ms() + 1);
  CHECK(remove_group(world, "g") == ErrorCode::kNone);
}

TEST_CASE("group offsets: of deleted topics") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.commit("a", 0, 1);
  one.commit("b", 0, 2);
  world.groups->topics_deleted({"a"});
  for (int i = 0; i < 2; ++i) {
    CHECK(one.committed("a", 0) == -1);
    CHECK(one.committed("b", 0) == 2);
    world.start();
  }
}

TEST_CASE("group offsets: their time") {
  GroupWorld world;
  const int64_t day_ms = 86'400'000;
  world.config.offsets_retention_ms = 7 * day_ms;
  world.start();
  ClassicConsumer simple{world}, one{world};
  simple.group = "simple";
  simple.commit("a", 0, 1);
  one.take(one.enter());
  one.sync();
  one.commit("a", 0, 1);
  one.commit("b", 0, 2);
  const auto live = [&](int64_t for_ms) {
    for (int64_t past = 0; past < for_ms; past += 9000) {
      world.move_to(world.steady.now_ms() + 9000);
      one.heartbeat();
    }
    world.groups->expire_offsets();
  };
  live(6 * day_ms);
  CHECK(simple.committed("a", 0) == 1);
  simple.commit("a", 1, 4);
  live(day_ms + 600'000);
  CHECK(simple.committed("a", 0) == -1);  // by its own time
  CHECK(simple.committed("a", 1) == 4);
  CHECK(one.committed("a", 0) == 1);   // wanted
  CHECK(one.committed("b", 0) == -1);  // not wanted by anyone
  one.leave();
  live(7 * day_ms - 600'000);
  CHECK(one.committed("a", 0) == 1);
  live(1'200'000);  // since the group is empty
  CHECK(one.committed("a", 0) == -1);
  CHECK(simple.committed("a", 1) == -1);
  CHECK(world.groups->list_groups({}).groups.empty());
  world.start();
  CHECK(world.groups->list_groups({}).groups.empty());
}

TEST_CASE("group offsets: a time of their own, in old versions") {
  GroupWorld world;
  OffsetCommitRequest request;
  request.group_id = "g";
  request.retention_time_ms = 1000;
  request.topics.push_back({"a", {}, {{0, 1, -1, {}}}});
  Answer<OffsetCommitResponse> answer;
  world.groups->offset_commit({"", "", 2}, request, answer.reply());
  world.start();
  ClassicConsumer simple{world};
  world.move_to(world.steady.now_ms() + 999);
  world.groups->expire_offsets();
  CHECK(simple.committed("a", 0) == 1);
  world.move_to(world.steady.now_ms() + 1);
  world.groups->expire_offsets();
  CHECK(simple.committed("a", 0) == -1);
}

TEST_CASE("group offsets: of transactions, seen after their end") {
  GroupWorld world;
  ClassicConsumer simple{world};
  const int32_t partition = world.groups->partition_of("g");
  simple.commit("a", 0, 1);
  CHECK(txn_commit(world, 7, "a", 0, 10) == ErrorCode::kNone);
  CHECK(txn_commit(world, 7, "b", 0, 20) == ErrorCode::kNone);
  CHECK(txn_commit(world, 7, "none", 0, 20) == ErrorCode::kUnknownTopicOrPartition);
  CHECK(simple.committed("a", 0) == 1);
  CHECK(fetch_all(world).topics.size() == 1);
  const auto unstable = fetch_all(world, true);
  REQUIRE(unstable.topics.size() == 2);
  CHECK(unstable.topics[0].partitions.at(0).error == ErrorCode::kUnstableOffsetCommit);
  CHECK(unstable.topics[0].partitions.at(0).offset == -1);
  CHECK(unstable.topics[1].partitions.at(0).error == ErrorCode::kUnstableOffsetCommit);
  // An expiry does not touch what a transaction waits for.
  SUBCASE("committed") {
    world.log.mark(partition, 7, true);
    world.groups->end_transaction(partition, 7, true);
    for (int i = 0; i < 2; ++i) {
      CHECK(simple.committed("a", 0) == 10);
      CHECK(simple.committed("b", 0) == 20);
      CHECK(fetch_all(world, true).topics.at(0).partitions.at(0).error == ErrorCode::kNone);
      world.start();
    }
  }
  SUBCASE("aborted") {
    world.log.mark(partition, 7, false);
    world.groups->end_transaction(partition, 7, false);
    for (int i = 0; i < 2; ++i) {
      CHECK(simple.committed("a", 0) == 1);
      CHECK(simple.committed("b", 0) == -1);
      CHECK(fetch_all(world, true).topics.size() == 1);
      world.start();
    }
  }
  SUBCASE("a restart in between") {
    world.start();
    CHECK(fetch_all(world, true).topics.size() == 2);
    CHECK(simple.committed("a", 0) == 1);
    world.groups->end_transaction(partition, 7, true);
    CHECK(simple.committed("a", 0) == 10);
  }
  SUBCASE("another producer's marker, another partition's marker") {
    world.groups->end_transaction(partition, 8, true);
    world.groups->end_transaction((partition + 1) % 3, 7, true);
    CHECK(simple.committed("a", 0) == 1);
  }
  SUBCASE("a plain commit after it is the later one") {
    simple.commit("a", 0, 2);
    world.log.mark(partition, 7, true);
    world.groups->end_transaction(partition, 7, true);
    for (int i = 0; i < 2; ++i) {
      CHECK(simple.committed("a", 0) == 2);
      CHECK(simple.committed("b", 0) == 20);
      world.start();
    }
  }
}

TEST_CASE("group offsets: a transaction of a member has to be of its generation") {
  GroupWorld world;
  ClassicConsumer one{world};
  one.take(one.enter());
  one.sync();
  TxnOffsetCommitRequest request;
  request.group_id = "g";
  request.producer_id = 7;
  request.generation_id = one.generation;
  request.member_id = one.member_id;
  auto& topic = request.topics.emplace_back();
  topic.name = "a";
  topic.partitions.emplace_back().committed_offset = 5;
  const auto send = [&] {
    Answer<TxnOffsetCommitResponse> answer;
    world.groups->txn_offset_commit({"", "", 3}, request, answer.reply());
    return answer->topics.at(0).partitions.at(0).error;
  };
  CHECK(send() == ErrorCode::kNone);
  request.generation_id = 9;
  CHECK(send() == ErrorCode::kIllegalGeneration);
  request.member_id = "nobody";
  CHECK(send() == ErrorCode::kUnknownMemberId);
  // Old clients tell nothing of themselves.
  request.member_id = "";
  request.generation_id = -1;
  CHECK(send() == ErrorCode::kNone);
}

TEST_CASE("group offsets: the log of a group is the partition that Kafka picks") {
  // Java: Math.abs("...".hashCode()) % 50, by hand from String.hashCode's formula.
  CHECK(partition_of_group("", 50) == 0);
  CHECK(partition_of_group("a", 50) == 97 % 50);
  CHECK(partition_of_group("ab", 50) == (97 * 31 + 98) % 50);
  CHECK(partition_of_group("\xc3\xa9", 50) == 233 % 50);                             // U+00E9
  CHECK(partition_of_group("\xf0\x9f\x98\x80", 50) == (0xd83d * 31 + 0xde00) % 50);  // U+1F600
  // "polygenelubricants".hashCode() is Integer.MIN_VALUE.
  CHECK(partition_of_group("polygenelubricants", 50) == 0);
}
