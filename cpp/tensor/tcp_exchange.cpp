#include <poll.h>

#include <cstring>

#include "core/clock.h"
#include "tensor/rank_exchange.h"

namespace cne::tensor {

namespace {

constexpr int kWaitMs = 50;

struct Head {
  Heading heading;
  uint64_t size;
};

/// What goes to and comes from one rank.
struct Lane {
  Head out;
  Head in;
  Bytes to;
  size_t sent;
  size_t got;
  std::vector<uint8_t> scratch;

  bool is_sent() const { return sent == sizeof(Head) + to.size(); }
  bool is_received(size_t size) const { return got == sizeof(Head) + size; }
};

class TcpExchange : public RankExchange {
 public:
  explicit TcpExchange(const ExchangeContext& context)
      : context_(context), lanes_(context.links.size()), received_(context.links.size()) {}

  std::span<const Bytes> swap(const Heading& heading, std::span<const Bytes> to,
                              std::span<const size_t> sizes) override {
    for (size_t rank = 0; rank < lanes_.size(); ++rank) begin(rank, heading, to[rank]);
    return run(sizes);
  }

  std::span<const Bytes> share(const Heading& heading, Bytes mine,
                               std::span<const size_t> sizes) override {
    for (size_t rank = 0; rank < lanes_.size(); ++rank) begin(rank, heading, mine);
    return run(sizes);
  }

 private:
  void begin(size_t rank, const Heading& heading, Bytes to) {
    Lane& lane = lanes_[rank];
    lane.out = {heading, to.size()};
    lane.to = to;
    lane.sent = lane.got = 0;
  }

  /// Sends as much as goes out now; whether something did.
  bool send(size_t rank) {
    Lane& lane = lanes_[rank];
    bool any = false;
    while (!lane.is_sent()) {
      const bool in_head = lane.sent < sizeof(Head);
      const size_t at = in_head ? lane.sent : lane.sent - sizeof(Head);
      const uint8_t* from = in_head ? reinterpret_cast<const uint8_t*>(&lane.out) : lane.to.data();
      size_t done = 0;
      const size_t left = (in_head ? sizeof(Head) : lane.to.size()) - at;
      if (send_some(context_.links[rank].data, from + at, left, done) == SocketState::kClosed)
        context_.watch.closed(static_cast<int>(rank));
      if (done == 0) break;
      lane.sent += done;
      any = true;
    }
    return any;
  }

  bool receive(size_t rank, size_t size) {
    Lane& lane = lanes_[rank];
    bool any = false;
    while (!lane.is_received(size)) {
      const bool in_head = lane.got < sizeof(Head);
      const size_t at = in_head ? lane.got : lane.got - sizeof(Head);
      uint8_t* to = in_head ? reinterpret_cast<uint8_t*>(&lane.in) : lane.scratch.data();
      size_t done = 0;
      const size_t left = (in_head ? sizeof(Head) : size) - at;
      if (receive_some(context_.links[rank].data, to + at, left, done) == SocketState::kClosed)
        context_.watch.closed(static_cast<int>(rank));
      if (done == 0) break;
      lane.got += done;
      any = true;
      if (lane.got == sizeof(Head) && (lane.in.heading != lane.out.heading || lane.in.size != size))
        throw_different(static_cast<int>(rank), lane.in.heading, lane.out.heading);
    }
    return any;
  }

  std::span<const Bytes> run(std::span<const size_t> sizes) {
    const int64_t patience_ns = int64_t{context_.options.timeout_ms} * 1'000'000;
    int64_t until_ns = monotonic_ns() + patience_ns;
    std::vector<pollfd> waiting(lanes_.size());
    std::vector<uint8_t> missing(lanes_.size());
    for (size_t rank = 0; rank < lanes_.size(); ++rank)
      if (lanes_[rank].scratch.size() < sizes[rank]) lanes_[rank].scratch.resize(sizes[rank]);
    while (true) {
      bool any = false;
      int first = -1;
      for (size_t rank = 0; rank < lanes_.size(); ++rank) {
        waiting[rank] = {-1, 0, 0};
        missing[rank] = 0;
        if (!context_.links[rank].data) continue;
        any |= send(rank);
        any |= receive(rank, sizes[rank]);
        const bool is_sent = lanes_[rank].is_sent();
        const bool is_received = lanes_[rank].is_received(sizes[rank]);
        if (is_sent && is_received) continue;
        missing[rank] = 1;
        if (first < 0) first = static_cast<int>(rank);
        waiting[rank].fd = context_.links[rank].data.descriptor();
        waiting[rank].events =
            static_cast<int16_t>((is_sent ? 0 : POLLOUT) | (is_received ? 0 : POLLIN));
      }
      if (first < 0) break;
      if (any) {
        until_ns = monotonic_ns() + patience_ns;
        continue;
      }
      context_.watch.check_told(missing);  // of who is gone, the data end
      if (monotonic_ns() >= until_ns) context_.watch.stalled(first, context_.options.timeout_ms);
      if (poll(waiting.data(), waiting.size(), milliseconds_until(until_ns, kWaitMs)) <= 0 &&
          context_.options.on_wait)
        context_.options.on_wait();
    }
    for (size_t rank = 0; rank < lanes_.size(); ++rank)
      received_[rank] = {lanes_[rank].scratch.data(), context_.links[rank].data ? sizes[rank] : 0};
    return received_;
  }

  ExchangeContext context_;
  std::vector<Lane> lanes_;
  std::vector<Bytes> received_;
};

}  // namespace

std::unique_ptr<RankExchange> make_tcp_exchange(const ExchangeContext& context) {
  return std::make_unique<TcpExchange>(context);
}

}  // namespace cne::tensor
