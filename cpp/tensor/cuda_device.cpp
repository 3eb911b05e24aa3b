#include "tensor/cuda_device.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "tensor/cuda_graph.h"
#include "tensor/nvrtc.h"

namespace cne::tensor {

namespace {

// As <cuda.h> numbers them.
constexpr int kMajor = 75;              // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
constexpr int kMinor = 76;              // ..._MINOR
constexpr int kReleaseThreshold = 4;    // CU_MEMPOOL_ATTR_RELEASE_THRESHOLD
constexpr unsigned kStreamDefault = 0;  // it waits for the default stream
constexpr unsigned kNoTiming = 2;       // CU_EVENT_DISABLE_TIMING
constexpr int kMostShared = 8;          // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
constexpr size_t kAlwaysShared = 48 * 1024;

constexpr int kMostDevices = 64;
constexpr size_t kMostConstants = 4096;

std::mutex lock;
std::atomic<int> known_generation{0};
std::atomic<CudaDevice*> devices[kMostDevices];
thread_local int64_t asked_by_thread = 0;

/// Few enough for the driver to read them before it returns.
constexpr size_t kMostWritten = 4096;

/// The recording of this thread on a device, or null.
Recording* recording_on(const CudaDevice* device) {
  Recording* const found = recording();
  return found != nullptr && found->device == device ? found : nullptr;
}

void refuse_recording(const char* what) {
  if (recording() != nullptr) throw NotRecorded(what);
}

}  // namespace

/// The context is the thread's own for as long as this lives.
class CudaDevice::Current {
 public:
  explicit Current(const CudaDevice& device) : driver_(device.driver_) {
    driver_.check(driver_.push_context(device.context_), "cuda: context");
  }
  ~Current() {
    void* before = nullptr;
    driver_.pop_context(&before);
  }
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

 private:
  const CudaDriver& driver_;
};

CudaDevice::CudaDevice(const CudaDriver& driver, int index) : driver_(driver), index_(index) {
  int device = 0;
  driver.check(driver.device_get(&device, index), "cuda: device");
  driver.check(driver.retain_context(&context_, device), "cuda: primary context");
  const Current current(*this);
  int major = 0;
  int minor = 0;
  driver.check(driver.device_attribute(&major, kMajor, device), "cuda: compute capability");
  driver.check(driver.device_attribute(&minor, kMinor, device), "cuda: compute capability");
  architecture_ = message("sm_", major, minor);
  driver.check(driver.stream_create(&stream_, kStreamDefault), "cuda: stream");
  // Memory that was given back is kept for later calls instead of going back to the system.
  void* pool = nullptr;
  uint64_t all = ~uint64_t{0};
  driver.check(driver.default_pool(&pool, device), "cuda: memory pool");
  driver.check(driver.set_pool(pool, kReleaseThreshold, &all), "cuda: memory pool");
}

void* CudaDevice::stream() const {
  const Recording* const to = recording_on(this);
  return to == nullptr ? stream_ : to->stream;
}

int64_t CudaDevice::asked() { return asked_by_thread; }

Buffer CudaDevice::allocate(size_t bytes) {
  Recording* const to = recording_on(this);
  if (to == nullptr) return allocate_unrecorded(bytes);
  for (Buffer& each : to->offered)
    if (each && each.size() == bytes) return std::exchange(each, Buffer());
  return to->memory.allocate(bytes);
}

Buffer CudaDevice::allocate_unrecorded(size_t bytes) {
  const Current current(*this);
  uint64_t address = 0;
  if (driver_.allocate(&address, std::max<size_t>(bytes, 1), stream_) != 0)
    throw DeviceError(message("cuda: there is no room for ", bytes, " bytes on cuda:", index_));
  void* const memory = reinterpret_cast<void*>(address);
  const std::shared_ptr<const void> owner(memory, [this, address](const void*) {
    // Where the process ends the driver may be gone already; nothing is to be done about it.
    if (driver_.push_context(context_) != 0) return;
    driver_.free(address, stream_);
    void* before = nullptr;
    driver_.pop_context(&before);
  });
  return Buffer::wrap(memory, bytes, owner, Device{Device::Kind::kCuda, index_});
}

void CudaDevice::upload(const void* from, size_t bytes, void* to) {
  if (bytes == 0) return;
  refuse_recording("a copy from the host");
  const Current current(*this);
  driver_.check(driver_.upload(reinterpret_cast<uint64_t>(to), from, bytes, stream_),
                "cuda: upload");
  // Pinned memory of others would be read later.
  driver_.check(driver_.stream_synchronize(stream_), "cuda: upload");
}

void CudaDevice::download(const void* from, size_t bytes, void* to) {
  if (bytes == 0) return;
  refuse_recording("a copy to the host");
  const std::lock_guard<std::mutex> held(download_lock_);
  const Current current(*this);
  volatile int32_t* const seen = fault_seen_.load(std::memory_order_acquire);
  if (seen != nullptr)  // to pinned memory: queued, and waited for with the elements
    driver_.check(
        driver_.download(const_cast<int32_t*>(seen), reinterpret_cast<uint64_t>(fault_.data()),
                         sizeof *seen, stream_),
        "cuda: download");
  driver_.check(driver_.download(to, reinterpret_cast<uint64_t>(from), bytes, stream_),
                "cuda: download");
  driver_.check(driver_.stream_synchronize(stream_), "cuda: download");
  if (seen != nullptr && *seen != 0) throw_fault();
}

void* CudaDevice::fault_flag() {
  const std::lock_guard<std::mutex> held(fault_lock_);
  if (!fault_) {
    const int32_t none = 0;
    Buffer made = allocate(sizeof none);
    upload(&none, sizeof none, made.mutable_data());
    const Current current(*this);
    void* seen = nullptr;
    driver_.check(driver_.allocate_host(&seen, sizeof none, 0), "cuda: pinned memory");
    *static_cast<int32_t*>(seen) = 0;
    fault_ = std::move(made);
    fault_seen_.store(static_cast<int32_t*>(seen), std::memory_order_release);
  }
  return fault_.mutable_data();
}

void CudaDevice::throw_fault() {
  const int32_t none = 0;
  upload(&none, sizeof none, fault_.mutable_data());
  throw ArgumentError(message("cuda: an index of an operation on cuda:", index_,
                              " was out of bounds; what it named was read as 0, or not written"));
}

void CudaDevice::write(const void* from, size_t bytes, void* to) {
  refuse_recording("a copy from the host");
  // Of memory of our own, which is not pinned, so that the driver has read it when it returns.
  char staged[kMostWritten];
  assert(bytes <= sizeof staged);
  std::memcpy(staged, from, bytes);
  const Current current(*this);
  driver_.check(driver_.upload(reinterpret_cast<uint64_t>(to), staged, bytes, stream_),
                "cuda: upload");
}

void CudaDevice::copy(const void* from, size_t bytes, void* to) {
  if (bytes == 0) return;
  const Current current(*this);
  driver_.check(driver_.copy(reinterpret_cast<uint64_t>(to), reinterpret_cast<uint64_t>(from),
                             bytes, stream()),
                "cuda: copy");
}

namespace {

const Buffer& kept_by_recording(const Buffer& constant) {
  if (Recording* const to = recording()) to->constants.push_back(constant);
  return constant;
}

}  // namespace

Buffer CudaDevice::constant(const void* bytes, size_t size) {
  const std::string key(static_cast<const char*>(bytes), size);
  {
    const std::lock_guard<std::mutex> held(lock_);
    if (const auto found = constants_.find(key); found != constants_.end())
      return kept_by_recording(found->second);
  }
  Buffer out = allocate_unrecorded(size);
  {
    const Current current(*this);
    driver_.check(driver_.upload(reinterpret_cast<uint64_t>(out.data()), key.data(), size, stream_),
                  "cuda: upload");
    driver_.check(driver_.stream_synchronize(stream_), "cuda: upload");
  }
  const std::lock_guard<std::mutex> held(lock_);
  if (constants_.size() >= kMostConstants) constants_.clear();
  constants_.emplace(key, out);
  return kept_by_recording(out);
}

void* CudaDevice::function(const std::string& source, const std::string& name) {
  void* module = nullptr;
  {
    const std::lock_guard<std::mutex> held(lock_);
    if (const auto found = modules_.find(source); found != modules_.end()) module = found->second;
  }
  const Current current(*this);
  if (module == nullptr) {
    const std::string code = nvrtc_compile_cached(source, architecture_, "");
    driver_.check(driver_.load_module(&module, code.c_str()), "cuda: load machine code");
    const std::lock_guard<std::mutex> held(lock_);
    modules_[source] = module;  // two threads may both have loaded it
  }
  void* out = nullptr;
  driver_.check(driver_.get_function(&out, module, name.c_str()), "cuda: find kernel");
  return out;
}

void CudaDevice::launch(void* function, int64_t blocks, int threads, void** arguments,
                        size_t shared_bytes) {
  const Current current(*this);
  ++asked_by_thread;
  if (shared_bytes > kAlwaysShared)
    driver_.check(driver_.set_function(function, kMostShared, static_cast<int>(shared_bytes)),
                  "cuda: shared memory");
  driver_.check(
      driver_.launch(function, static_cast<unsigned>(blocks), 1, 1, static_cast<unsigned>(threads),
                     1, 1, static_cast<unsigned>(shared_bytes), stream(), arguments, nullptr),
      "cuda: launch");
}

void CudaDevice::in_context(const std::function<void(void*)>& f) {
  const Current current(*this);
  ++asked_by_thread;
  f(stream());
}

void CudaDevice::order(void* first, void* then) {
  if (first == then) return;
  refuse_recording("another stream");
  const Current current(*this);
  void* event = nullptr;
  driver_.check(driver_.event_create(&event, kNoTiming), "cuda: event");
  int status = driver_.event_record(event, first);
  if (status == 0) status = driver_.stream_wait(then, event, 0);
  driver_.event_destroy(event);
  driver_.check(status, "cuda: order of streams");
}

void CudaDevice::wait_for(void* other) { order(other, stream_); }
void CudaDevice::let_wait(void* other) { order(stream_, other); }

CudaDevice& cuda_device(int index, const char* function) {
  if (index >= 0 && index < kMostDevices && known_generation == cuda_driver_generation())
    if (CudaDevice* found = devices[index].load(std::memory_order_acquire)) return *found;
  const CudaDriver& driver = cuda_driver();
  if (!driver.missing.empty())
    throw DeviceError(message(function, ": there is no CUDA device: ", driver.missing));
  const int count = std::min(cuda_device_count(), kMostDevices);
  if (index < 0 || index >= count)
    throw DeviceError(message(function, ": there is no device cuda:", index, " among ", count));
  const std::lock_guard<std::mutex> held(lock);
  if (known_generation != cuda_driver_generation()) {
    for (auto& each : devices) each = nullptr;
    known_generation = cuda_driver_generation();
  }
  if (devices[index] == nullptr) devices[index] = new CudaDevice(driver, index);
  return *devices[index];
}

}  // namespace cne::tensor
