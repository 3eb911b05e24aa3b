#include <doctest/doctest.h>

#include "kafka/failed_response.h"
#include "kafka/messages/fetch.h"
#include "kafka/messages/find_coordinator.h"
#include "kafka/messages/heartbeat.h"
#include "kafka/messages/list_offsets.h"
#include "kafka/messages/metadata.h"
#include "kafka/messages/offset_delete.h"
#include "kafka/messages/produce.h"

using namespace cne::kafka;

namespace {

constexpr ErrorCode kFailed = ErrorCode::kUnknownServerError;

ProduceRequest produce(int16_t acks) {
  ProduceRequest request;
  request.acks = acks;
  for (const char* name : {"a", "b"}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    for (const int32_t index : {3, 5}) topic.partitions.emplace_back().index = index;
  }
  return request;
}

}  // namespace

TEST_CASE("failed response: each partition has the error where the request has no place for it") {
  const auto response = failed_response(produce(-1), 8);
  REQUIRE(response);
  REQUIRE(response->topics.size() == 2);
  CHECK(response->topics[1].name == "b");
  REQUIRE(response->topics[1].partitions.size() == 2);
  CHECK(response->topics[1].partitions[1].index == 5);
  CHECK(response->topics[1].partitions[1].error == kFailed);
  CHECK(response->topics[1].partitions[1].base_offset == -1);

  ListOffsetsRequest offsets;
  offsets.topics.push_back({"t", {{}}});
  CHECK(failed_response(offsets, 7)->topics.at(0).partitions.at(0).error == kFailed);
  CHECK(failed_response(offsets, 7)->topics.at(0).partitions.at(0).offset == -1);
  OffsetDeleteRequest deletion{"g", {{"t", {4}}}};
  CHECK(failed_response(deletion, 0)->error == kFailed);
}

TEST_CASE("failed response: the error of the request") {
  CHECK(failed_response(HeartbeatRequest(), 4)->error == kFailed);
  FetchRequest fetch;
  CHECK(failed_response(fetch, 7)->error == kFailed);
  CHECK(failed_response(FindCoordinatorRequest(), 3)->error == kFailed);
}

TEST_CASE("failed response: none where there is no place for it") {
  CHECK_FALSE(failed_response(produce(0), 8));  // without acks nobody reads an answer
  CHECK_FALSE(failed_response(ProduceRequest(), 8));
  CHECK_FALSE(failed_response(FetchRequest(), 6));
  CHECK_FALSE(failed_response(FindCoordinatorRequest(), 4));
  CHECK_FALSE(failed_response(MetadataRequest(), 12));
}
