#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensor/rank_watch.h"

namespace cne::tensor {

/// What all ranks are to do together at one time, so that they notice when they do not.
struct Heading {
  uint32_t magic = 0x48454e43;  // "CNEH"
  uint32_t number = 0;          // of the exchange
  uint8_t call = 0;             // which collective
  uint8_t element = 0;
  uint8_t reduce = 0;
  uint8_t root = 0;
  uint32_t part = 0;   // of the collective
  uint64_t count = 0;  // elements of the whole
  bool operator==(const Heading&) const = default;
};

using Bytes = std::span<const uint8_t>;

/// Moves bytes from every rank to every other one. All ranks call the same functions in the same
/// order. What was received is valid until the next call. For one thread at a time.
class RankExchange {
 public:
  virtual ~RankExchange() = default;
  /// Sends `to[r]` to rank r; gives what came from each. At most kPiece bytes go out in all, and
  /// `sizes[r]` come from r. The own entries are empty.
  virtual std::span<const Bytes> swap(const Heading& heading, std::span<const Bytes> to,
                                      std::span<const size_t> sizes) = 0;
  /// Sends `mine`, at most kPiece bytes, to all.
  virtual std::span<const Bytes> share(const Heading& heading, Bytes mine,
                                       std::span<const size_t> sizes) = 0;
};

/// Bytes that a rank gives in one exchange: they stay in the second cache.
inline constexpr size_t kPiece = size_t{1} << 20;

/// What an exchange needs to know of its group; outlives it.
struct ExchangeContext {
  std::vector<PeerLink>& links;
  RankWatch& watch;
  const GroupOptions& options;
};

/// By TCP, over the connections for data.
///
/// A message is a Heading, u64 bytes that follow, and these; all little-endian.
std::unique_ptr<RankExchange> make_tcp_exchange(const ExchangeContext& context);

/// Memory that the ranks of one machine share. Rank 0 makes it, the others open it by name.
///
/// Of each rank a number of the exchange that it has given bytes for, on a line of its own, then
/// twice a Heading, where the bytes for each rank begin, and kPiece bytes, by turns. A rank that
/// gives bytes for an exchange has read those of the last one, so what it writes over has been
/// read.
class SharedMemory {
 public:
  static std::unique_ptr<SharedMemory> make(int size);  // null where there is no room
  static std::unique_ptr<SharedMemory> open(const std::string& name, int size);
  ~SharedMemory();
  const std::string& name() const { return name_; }
  /// Nobody else can open it any more.
  void unlink();
  uint8_t* slot(int rank) const;

 private:
  SharedMemory(std::string name, uint8_t* data, size_t size)
      : name_(std::move(name)), data_(data), size_(size) {}
  std::string name_;
  uint8_t* data_;
  size_t size_;
  bool is_owner_ = false;
};
std::unique_ptr<RankExchange> make_shared_exchange(const ExchangeContext& context,
                                                   std::unique_ptr<SharedMemory> memory);

/// Throws StateError: a rank does something else.
[[noreturn]] void throw_different(int rank, const Heading& theirs, const Heading& ours);

}  // namespace cne::tensor
