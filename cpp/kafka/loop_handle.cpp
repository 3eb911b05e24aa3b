#include "kafka/loop_handle.h"

#include <optional>
#include <utility>

namespace cne::kafka {

void LoopHandle::post(std::function<void()> task) const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->loop != nullptr) shared_->loop->post(std::move(task));
}

void LoopHandle::after(int64_t delay_ms, std::function<void()> task) const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->loop != nullptr) shared_->loop->after(delay_ms, std::move(task));
}

void LoopHandle::forget() const {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
}

void LoopHandle::when_acknowledged(log::PartitionLog& log, int64_t next_offset,
                                   std::function<void(bool ok)> done) const {
  struct Call {
    std::mutex mutex;
    bool returned = false;
    std::optional<bool> result;
    std::function<void(bool)> done;
  };
  auto call = std::make_shared<Call>();
  call->done = std::move(done);
  log.when_acknowledged(next_offset, [call, self = *this](bool ok) {
    {
      const std::lock_guard lock(call->mutex);
      call->result = ok;
      if (!call->returned) return;
    }
    self.post([call, ok] { call->done(ok); });
  });
  std::optional<bool> result;
  {
    const std::lock_guard lock(call->mutex);
    call->returned = true;
    result = call->result;
  }
  if (result) call->done(*result);
}

}  // namespace cne::kafka
