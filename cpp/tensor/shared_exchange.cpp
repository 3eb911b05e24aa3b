#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "core/clock.h"
#include "core/random.h"
#include "tensor/rank_exchange.h"

namespace cne::tensor {

namespace {

constexpr int64_t kWaitNs = 5'000'000;  // between looks at the connections
constexpr int kSpins = 2000;

struct Turn {
  Heading heading;
  uint64_t begin[kMostRanks];  // where the bytes for each rank are
  uint64_t size[kMostRanks];
  alignas(64) uint8_t bytes[kPiece];
};

struct Slot {
  alignas(64) std::atomic<uint32_t> number;
  alignas(64) Turn turns[2];
};
static_assert(std::atomic<uint32_t>::is_always_lock_free);

size_t bytes_for(int size) { return sizeof(Slot) * static_cast<size_t>(size); }

uint8_t* map(int descriptor, size_t size) {
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return data == MAP_FAILED ? nullptr : static_cast<uint8_t*>(data);
}

void sleep_on(std::atomic<uint32_t>& word, uint32_t seen, int64_t at_most_ns) {
  const timespec time{0, at_most_ns};
  syscall(SYS_futex, &word, FUTEX_WAIT, seen, &time, nullptr, 0);
}

void wake_all(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

class SharedExchange : public RankExchange {
 public:
  SharedExchange(const ExchangeContext& context, std::unique_ptr<SharedMemory> memory)
      : context_(context), memory_(std::move(memory)), received_(context.links.size()) {}

  std::span<const Bytes> swap(const Heading& heading, std::span<const Bytes> to,
                              std::span<const size_t> sizes) override {
    Turn& turn = my_turn(heading);
    size_t at = 0;
    for (size_t rank = 0; rank < to.size(); ++rank) {
      turn.begin[rank] = at;
      turn.size[rank] = to[rank].size();
      if (!to[rank].empty()) std::memcpy(turn.bytes + at, to[rank].data(), to[rank].size());
      at += to[rank].size();
    }
    return publish(heading, sizes);
  }

  std::span<const Bytes> share(const Heading& heading, Bytes mine,
                               std::span<const size_t> sizes) override {
    Turn& turn = my_turn(heading);
    for (size_t rank = 0; rank < sizes.size(); ++rank) {
      turn.begin[rank] = 0;
      turn.size[rank] = mine.size();
    }
    if (!mine.empty()) std::memcpy(turn.bytes, mine.data(), mine.size());
    return publish(heading, sizes);
  }

 private:
  Slot& slot(size_t rank) const {
    return *reinterpret_cast<Slot*>(memory_->slot(static_cast<int>(rank)));
  }
  size_t me() const { return static_cast<size_t>(context_.options.rank); }

  Turn& my_turn(const Heading& heading) {
    Turn& turn = slot(me()).turns[heading.number % 2];
    turn.heading = heading;
    return turn;
  }

  /// Whether a rank has given its bytes for an exchange: numbers wrap around.
  bool has_given(size_t rank, uint32_t number) const {
    return static_cast<int32_t>(slot(rank).number.load(std::memory_order_acquire) - number) >= 0;
  }

  std::span<const Bytes> publish(const Heading& heading, std::span<const size_t> sizes) {
    std::atomic<uint32_t>& own = slot(me()).number;
    own.store(heading.number, std::memory_order_release);
    wake_all(own);
    for (size_t rank = 0; rank < sizes.size(); ++rank) {
      if (rank == me()) continue;
      wait_for(rank, heading.number);
      const Turn& turn = slot(rank).turns[heading.number % 2];
      if (turn.heading != heading || turn.size[me()] != sizes[rank] || turn.begin[me()] > kPiece ||
          sizes[rank] > kPiece - turn.begin[me()])
        throw_different(static_cast<int>(rank), turn.heading, heading);
      received_[rank] = {turn.bytes + turn.begin[me()], sizes[rank]};
    }
    return received_;
  }

  void wait_for(size_t rank, uint32_t number) {
    for (int spin = 0; spin < kSpins; ++spin)
      if (has_given(rank, number)) return;
    const int64_t until_ns = monotonic_ns() + int64_t{context_.options.timeout_ms} * 1'000'000;
    std::atomic<uint32_t>& word = slot(rank).number;
    while (true) {
      const uint32_t seen = word.load(std::memory_order_acquire);
      if (has_given(rank, number)) return;
      sleep_on(word, seen, kWaitNs);
      if (has_given(rank, number)) return;
      look_around(number);
      if (has_given(rank, number)) return;
      if (monotonic_ns() >= until_ns)
        context_.watch.stalled(static_cast<int>(furthest_behind()), context_.options.timeout_ms);
      if (context_.options.on_wait) context_.options.on_wait();
    }
  }

  /// Whether somebody who is waited for is gone: what it gave before counts.
  void look_around(uint32_t number) {
    std::vector<uint8_t> missing(context_.links.size(), 0);
    try {
      for (size_t rank = 0; rank < missing.size(); ++rank)
        missing[rank] = rank != me() && !has_given(rank, number);
      context_.watch.check(missing);
    } catch (const RankError& error) {
      if (!has_given(static_cast<size_t>(error.rank()), number)) throw;
    }
  }

  size_t furthest_behind() const {
    size_t out = me();
    for (size_t rank = 0; rank < context_.links.size(); ++rank)
      if (!has_given(rank, slot(out).number.load(std::memory_order_acquire))) out = rank;
    return out;
  }

  ExchangeContext context_;
  std::unique_ptr<SharedMemory> memory_;
  std::vector<Bytes> received_;
};

}  // namespace

std::unique_ptr<SharedMemory> SharedMemory::make(int size) {
  const std::string name =
      "/cnengine-" + std::to_string(random_uint64()) + "-" + std::to_string(random_uint64());
  const int descriptor = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return nullptr;
  // Room is taken now: a page that cannot be had later would end the process.
  const bool has_room = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes_for(size))) == 0;
  uint8_t* data = has_room ? map(descriptor, bytes_for(size)) : nullptr;
  close(descriptor);
  if (data == nullptr) {
    shm_unlink(name.c_str());
    return nullptr;
  }
  std::unique_ptr<SharedMemory> out(new SharedMemory(name, data, bytes_for(size)));
  out->is_owner_ = true;
  return out;
}

std::unique_ptr<SharedMemory> SharedMemory::open(const std::string& name, int size) {
  const int descriptor = shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0);
  if (descriptor < 0) return nullptr;
  struct stat facts{};
  const bool fits = fstat(descriptor, &facts) == 0 && facts.st_uid == geteuid() &&
                    facts.st_size == static_cast<off_t>(bytes_for(size));
  uint8_t* data = fits ? map(descriptor, bytes_for(size)) : nullptr;
  close(descriptor);
  if (data == nullptr) return nullptr;
  return std::unique_ptr<SharedMemory>(new SharedMemory(name, data, bytes_for(size)));
}

void SharedMemory::unlink() {
  if (is_owner_) shm_unlink(name_.c_str());
  is_owner_ = false;
}

SharedMemory::~SharedMemory() {
  unlink();
  munmap(data_, size_);
}

uint8_t* SharedMemory::slot(int rank) const {
  return data_ + sizeof(Slot) * static_cast<size_t>(rank);
}

std::unique_ptr<RankExchange> make_shared_exchange(const ExchangeContext& context,
                                                   std::unique_ptr<SharedMemory> memory) {
  return std::make_unique<SharedExchange>(context, std::move(memory));
}

}  // namespace cne::tensor
