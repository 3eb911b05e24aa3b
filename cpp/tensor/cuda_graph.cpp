#include "tensor/cuda_graph.h"

#include <algorithm>
#include <utility>

#include "tensor/cuda_device.h"

namespace cne::tensor {

namespace {

constexpr unsigned kNonBlocking = 1;  // CU_STREAM_NON_BLOCKING: apart from the default stream
constexpr int kRelaxed = 2;           // CU_STREAM_CAPTURE_MODE_RELAXED
constexpr size_t kGrain = 512;

thread_local Recording* current = nullptr;

/// A block is not cut, so one that is much larger is left for others.
bool fits(size_t room, size_t bytes) { return room >= bytes && room / 2 <= bytes; }

}  // namespace

Recording* recording() { return current; }

Buffer GraphMemory::allocate(size_t bytes) {
  const size_t wanted = std::max<size_t>((bytes + kGrain - 1) / kGrain, 1) * kGrain;
  const std::lock_guard<std::mutex> held(lock_);
  Block* found = nullptr;
  for (const auto& each : blocks_)
    if (each->is_free && fits(each->buffer.size(), wanted) &&
        (found == nullptr || each->buffer.size() < found->buffer.size()))
      found = each.get();
  if (found == nullptr) {
    blocks_.push_back(std::make_unique<Block>(Block{device_.allocate_unrecorded(wanted), true}));
    found = blocks_.back().get();
    bytes_ += wanted;
  }
  found->is_free = false;
  const std::shared_ptr<const void> owner(found->buffer.data(),
                                          [self = shared_from_this(), found](const void*) {
                                            const std::lock_guard<std::mutex> again(self->lock_);
                                            found->is_free = true;
                                          });
  return Buffer::wrap(found->buffer.data(), bytes, owner, found->buffer.device());
}

CudaGraph::CudaGraph(CudaDevice& device, GraphMemory& memory, const std::function<void()>& work)
    : driver_(cuda_driver()), device_(device) {
  device.in_context([&](void*) {
    void* stream = nullptr;
    driver_.check(driver_.stream_create(&stream, kNonBlocking), "cuda: stream");
    try {
      record(memory, work, stream);
    } catch (...) {
      driver_.stream_destroy(stream);
      if (graph_ != nullptr) driver_.destroy_graph(graph_);
      throw;
    }
    driver_.stream_destroy(stream);
  });
}

void CudaGraph::record(GraphMemory& memory, const std::function<void()>& work, void* stream) {
  driver_.check(driver_.begin_capture(stream, kRelaxed), "cuda: begin of a graph");
  Recording own{&device_, stream, memory, {}, {}};
  current = &own;
  try {
    work();
  } catch (...) {
    current = nullptr;
    driver_.end_capture(stream, &graph_);
    throw;
  }
  current = nullptr;
  driver_.check(driver_.end_capture(stream, &graph_), "cuda: end of a graph");
  driver_.check(driver_.instantiate(&ready_, graph_, 0), "cuda: graph");
  constants_ = std::move(own.constants);
}

CudaGraph::~CudaGraph() {
  // Where the process ends the driver may be gone already.
  try {
    device_.in_context([this](void*) {
      driver_.destroy_ready(ready_);  // work that is under way goes on
      driver_.destroy_graph(graph_);
    });
  } catch (const DeviceError&) {
  }
}

void CudaGraph::launch() {
  device_.in_context(
      [this](void* stream) { driver_.check(driver_.launch_graph(ready_, stream), "cuda: graph"); });
}

}  // namespace cne::tensor
