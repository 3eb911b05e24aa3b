#include <doctest/doctest.h>

#include <memory>

#include "kafka/call.h"
#include "kafka/event_loop.h"
#include "kafka/messages/fetch.h"

using namespace cne;
using namespace cne::kafka;

namespace {

/// An answer to a fetch, with this many bytes of files in each of two partitions.
FetchResponse records_of(size_t bytes) {
  FetchResponse response;
  auto& topic = response.topics.emplace_back();
  topic.name = "t";
  for (int i = 0; i < 2; ++i) {
    FileSlice slice;
    slice.size = bytes;
    auto& partition = topic.partitions.emplace_back();
    partition.records.null = false;
    partition.records.slices.push_back(slice);
  }
  return response;
}

struct Replied {
  EventLoop loop;
  Call call{{FetchRequest::kApi.key, 11, 7, "client", false},
            std::make_shared<Peer>(),
            std::weak_ptr<Connection>(),
            loop,
            ByteBuffer(),
            0};
  int told = 0;

  explicit Replied(const FetchResponse& response) {
    call.set_api(FetchRequest::kApi);
    call.on_answer([this](Call&) { ++told; });
    call.reply(response);
  }
};

}  // namespace

TEST_CASE("call: an answer that no frame can hold ends the connection") {
  const size_t around = [] {
    Replied empty(records_of(0));
    return empty.call.response_size() - 4;
  }();
  const size_t most = 0x7fffffff - around;  // of both partitions
  const size_t half = most / 2;

  Replied fits(records_of(half));
  CHECK(fits.told == 1);
  CHECK(fits.call.has_reply());
  CHECK_FALSE(fits.call.hung_up());
  const uint8_t* length = fits.call.response().bytes.data();
  CHECK(length[0] == 0x7f);
  CHECK(length[1] == 0xff);
  CHECK(length[2] == 0xff);
  CHECK(length[3] == 0xff - most % 2);

  Replied over(records_of(half + 1));
  CHECK(over.told == 1);
  CHECK(over.call.is_answered());
  CHECK_FALSE(over.call.has_reply());
  REQUIRE(over.call.hung_up());
  CHECK(over.call.hung_up()->find("more than a frame can have") != std::string::npos);
  CHECK(over.call.response_size() == 0);
}
