// Two bytes are the seed of how the rest, a stream of frames, is cut into reads, and of when the
// requests are answered. Answers must come in the order of the requests, whole, and every byte in
// flight must be accounted for.
#include <sys/epoll.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "kafka/api_table.h"
#include "kafka/connection.h"
#include "kafka/recode.h"

namespace {

using namespace cne::kafka;

void expect(bool good) {
  if (!good) std::abort();
}

/// The answer to everything: what the request said of itself.
struct Echo {
  int16_t key = 0;
  int32_t body_bytes = 0;
  template <class Io>
  void fields(Io& io) {
    io(key);
    io(body_bytes);
  }
};

struct Random {
  uint32_t state;
  uint32_t next(uint32_t bound) {
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % bound;
  }
};

/// A peer that sends `in` in pieces and takes the answers in pieces.
class Pieces final : public Transport {
 public:
  Pieces(const uint8_t* in, size_t size, Random& random) : in_(in, in + size), random_(random) {}

  cne::kafka::IoResult read(void* to, size_t size) override {
    if (at_ == in_.size()) return {IoState::kEnd, 0};
    if (random_.next(8) == 0) return {IoState::kAgain, 0};
    const size_t most = random_.next(4) == 0 ? 1 + random_.next(16) : in_.size();
    const size_t bytes = std::min({size, most, in_.size() - at_});
    std::memcpy(to, in_.data() + at_, bytes);
    at_ += bytes;
    return {IoState::kDone, bytes};
  }
  cne::kafka::IoResult write(const iovec* parts, int count, bool) override {
    expect(count == 1 && parts->iov_len > 0);
    if (random_.next(4) == 0) return {IoState::kAgain, 0};
    const size_t bytes = std::min<size_t>(parts->iov_len, 1 + random_.next(64));
    const auto* from = static_cast<const uint8_t*>(parts->iov_base);
    out.insert(out.end(), from, from + bytes);
    return {IoState::kDone, bytes};
  }
  cne::kafka::IoResult send_file(const cne::FileSlice&) override { std::abort(); }

  std::vector<uint8_t> out;

 private:
  std::vector<uint8_t> in_;
  size_t at_ = 0;
  Random& random_;
};

std::vector<Route>& known() {
  static std::vector<Route> all = [] {
    std::vector<Route> list;
    for (const Api& api : message_apis()) list.push_back({api, nullptr});
    return list;
  }();
  return all;
}

uint32_t number_at(const std::vector<uint8_t>& bytes, size_t at) {
  expect(at + 4 <= bytes.size());
  return static_cast<uint32_t>(bytes[at]) << 24 | static_cast<uint32_t>(bytes[at + 1]) << 16 |
         static_cast<uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

}  // namespace

namespace cne::kafka {

const Route* find_route(int16_t key) {
  for (const Route& route : known())
    if (route.api.key == key) return &route;
  return nullptr;
}

// A loop without a thread: the fuzzer calls, and runs what was posted.
std::vector<std::function<void()>> posted;

struct EventLoop::Thread {};
EventLoop::EventLoop() : forks_(0) {}
EventLoop::~EventLoop() = default;
void EventLoop::post(std::function<void()> task) { posted.push_back(std::move(task)); }
void EventLoop::after(int64_t, std::function<void()>) { std::abort(); }
void EventLoop::add(int, uint32_t, EventSink*) {}
void EventLoop::change(int, uint32_t, EventSink*) {}
void EventLoop::remove(int, EventSink*) {}
bool EventLoop::is_own_thread() const { return true; }
int64_t EventLoop::now_ms() { return 0; }

}  // namespace cne::kafka

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static constexpr Api kUnknown{-1, "Unknown", 0, 0, kNeverFlexible};
  Random random{static_cast<uint32_t>(data[0]) << 8 | data[1]};
  EventLoop loop;
  ConnectionLimits limits;
  limits.max_requests_in_flight = 1 + random.next(4);
  limits.max_bytes_in_flight = size_t{1} << (4 + random.next(16));
  std::deque<CallPtr> waiting;
  std::vector<int32_t> asked;
  std::vector<uint8_t> got;
  bool hung_up = false;
  const auto answer = [&](const CallPtr& call) {
    if (random.next(16) == 0) {
      hung_up = true;
      return call->hang_up("as a test");
    }
    if (random.next(16) == 0) return call->reply_nothing();
    Echo echo{call->header().key, static_cast<int32_t>(call->body_size())};
    call->reply(echo);
  };
  const auto dispatch = [&](const CallPtr& call) {
    const Route* route = find_route(call->header().key);
    call->set_api(route != nullptr ? route->api : kUnknown);
    asked.push_back(call->header().correlation_id);
    try {
      recode({call->header().key, call->version(), true}, call->body(), call->body_size());
    } catch (const WireError&) {
    }
    if (random.next(2) == 0)
      waiting.push_back(call);
    else
      answer(call);
  };
  {
    bool open = true;
    auto transport = std::make_unique<Pieces>(data + 2, size - 2, random);
    Pieces& pieces = *transport;
    auto connection =
        std::make_shared<Connection>(-1, std::move(transport), std::make_shared<Peer>(), loop,
                                     limits, dispatch, [&](Connection&) { open = false; });
    connection->open();
    for (int round = 0; open && round < 10'000; ++round) {
      connection->on_events(random.next(2) == 0 ? EPOLLIN : EPOLLIN | EPOLLOUT);
      if (!waiting.empty() && random.next(2) == 0) {
        const CallPtr call = waiting.front();
        waiting.pop_front();
        answer(call);
      }
      for (const auto& task : std::exchange(posted, {})) task();
      connection->check_timeouts(0);
    }
    got = pieces.out;
  }
  waiting.clear();
  posted.clear();
  expect(limits.all_bytes_in_flight == 0);
  // Each answer is that of a request, in their order; the last may be cut off with the connection.
  size_t next = 0;
  for (size_t at = 0; at + 8 <= got.size(); at += 4 + number_at(got, at)) {
    const auto id = static_cast<int32_t>(number_at(got, at + 4));
    while (next < asked.size() && asked[next] != id) ++next;
    expect(next < asked.size());
    ++next;
  }
  return 0;
}
