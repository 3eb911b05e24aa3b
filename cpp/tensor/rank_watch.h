#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "tensor/rendezvous.h"

namespace cne::tensor {

/// Why a rank is missed.
enum class Missed : uint32_t { kGone = 1, kStalled = 2, kOther = 3 };

/// A rank of a group does not take part any more. The text names it.
class RankError : public IoError {
 public:
  RankError(int rank, Missed why, const std::string& text)
      : IoError(text), rank_(rank), why_(why) {}
  int rank() const { return rank_; }
  Missed why() const { return why_; }

 private:
  int rank_;
  Missed why_;
};

/// Notices who of the other ranks is gone, over the connections for control, and tells the others
/// whom this rank misses. A message is u32 magic "CNEA", u32 rank that is missed, u32 Missed.
class RankWatch {
 public:
  explicit RankWatch(std::vector<PeerLink>& links) : links_(links), closed_(links.size(), 0) {}

  /// Throws RankError when another rank has said that it misses one that is waited for
  /// (`is_missing`, by rank). Does not wait.
  void check_told(std::span<const uint8_t> is_missing);
  /// The same, also when a rank that is waited for has closed its connection.
  void check(std::span<const uint8_t> is_missing);
  /// After a connection for data of `rank` was closed: throws what the reason is.
  [[noreturn]] void closed(int rank);
  /// Throws: `rank` did not answer in time.
  [[noreturn]] void stalled(int rank, int timeout_ms);
  /// Tells all others and closes what there is.
  void abort(int missed, Missed why) noexcept;

 private:
  void listen();
  void hear(int rank);

  std::vector<PeerLink>& links_;
  std::vector<uint8_t> closed_;
  std::optional<RankError> told_;  // the first that another rank said
};

}  // namespace cne::tensor
