#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "tensor/array.h"
#include "tensor/rank_exchange.h"
#include "tensor/rank_reduce.h"

namespace cne::tensor {

/// Processes that compute together, numbered from 0 (ranks). All call the same functions with
/// arrays of the same types and shapes, in the same order.
///
/// Results have the same bits on all ranks and for every transport, and do not depend on timing:
/// numbers are put together in the order of the ranks. Of R bytes each rank sends and receives
/// 2 R (n - 1) / n for an allreduce among n.
///
/// A rank that is gone, or does not answer within the timeout, is a RankError on all others, which
/// names it; when ranks do different things, that is a StateError. After either the group is over:
/// every later call throws the same. Calls of several threads take turns.
class ProcessGroup {
 public:
  /// Rank 0 listens at once. Throws as Rendezvous.
  explicit ProcessGroup(GroupOptions options);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  /// Meets the other ranks; the other calls do so where it has not been called.
  void connect();
  int port() const { return rendezvous_.port(); }
  int rank() const { return options_.rank; }
  int size() const { return options_.size; }
  /// "shared" or "tcp", "none" before the ranks have met and of one rank.
  const char* transport() const { return transport_; }
  /// The rank that was missed first; -1 while none is.
  int missed() const { return missed_; }

  /// The array of a type and shape that puts those of all ranks together.
  Array allreduce(const Array& array, RankOp op);
  /// The same of several arrays; small ones travel together.
  std::vector<Array> allreduce(std::span<const Array> arrays, RankOp op);
  /// The arrays of all ranks along a new first axis.
  Array allgather(const Array& array);
  /// As allreduce, of which each rank gets its part: the first axis is split among them. Throws
  /// ShapeError where it cannot be.
  Array reduce_scatter(const Array& array, RankOp op);
  /// The array of rank `root`. Those of other ranks give the type and shape.
  Array broadcast(const Array& array, int root);
  /// Returns when all ranks have called it.
  void barrier();
  /// Ends the group: what others ask of it fails.
  void close() noexcept;

 private:
  GroupOptions until_closed(GroupOptions options);
  template <typename Body>
  auto collective(const Body& body);
  void connect_now();
  std::unique_ptr<SharedMemory> open_shared();
  void fail(int missed, Missed why, const std::string& text) noexcept;
  Heading next(Heading heading);
  std::vector<size_t> everywhere(size_t size) const;
  void allreduce_piece(const Heading& heading, const uint8_t* in, RankOp op, uint8_t* out,
                       int64_t count);

  GroupOptions options_;
  Rendezvous rendezvous_;
  std::mutex mutex_;
  std::vector<PeerLink> links_;
  std::unique_ptr<RankWatch> watch_;
  std::unique_ptr<RankExchange> exchange_;
  const char* transport_ = "none";
  uint32_t number_ = 0;
  bool connected_ = false;
  std::atomic<bool> closing_ = false;
  std::atomic<int> missed_ = -1;
  Missed why_ = Missed::kOther;
  std::string failure_;
};

}  // namespace cne::tensor
