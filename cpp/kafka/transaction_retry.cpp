#include "kafka/transaction_retry.h"

#include <atomic>
#include <memory>
#include <utility>

namespace cne::kafka {

namespace {

struct Retry : std::enable_shared_from_this<Retry> {
  Retry(TransactionCoordinator& to, EventLoop& on) : coordinator(to), loop(on) {}
  TransactionCoordinator& coordinator;
  EventLoop& loop;
  std::string id;
  std::function<void(TransactionCoordinator::Done)> attempt;
  TransactionCoordinator::Done done;
  int64_t until_ms = 0;

  void run() {
    attempt([self = shared_from_this()](ErrorCode error) { self->answered(error); });
  }

  void answered(ErrorCode error) {
    const int64_t left_ms = until_ms - EventLoop::now_ms();
    if (error != ErrorCode::kConcurrentTransactions || left_ms <= 0) return done(error);
    // Whichever comes first: it is settled, or the time is over.
    const auto again = [self = shared_from_this(),
                        came = std::make_shared<std::atomic<bool>>(false)] {
      if (!came->exchange(true)) self->loop.post([self] { self->run(); });
    };
    loop.after(left_ms, again);
    coordinator.when_settled(id, again);
  }
};

}  // namespace

void retry_concurrent(TransactionCoordinator& coordinator, EventLoop& loop, const std::string& id,
                      std::function<void(TransactionCoordinator::Done)> attempt,
                      TransactionCoordinator::Done done) {
  auto retry = std::make_shared<Retry>(coordinator, loop);
  retry->id = id;
  retry->attempt = std::move(attempt);
  retry->done = std::move(done);
  retry->until_ms = EventLoop::now_ms() + kConcurrentWaitMs;
  retry->run();
}

}  // namespace cne::kafka
