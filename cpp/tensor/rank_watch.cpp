#include "tensor/rank_watch.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/error.h"

namespace cne::tensor {

namespace {

constexpr uint32_t kMagic = 0x41454e43;  // "CNEA"
constexpr int kLastWordsMs = 200;

struct Notice {
  uint32_t magic;
  uint32_t rank;
  Missed why;
};

const char* to_string(Missed why) {
  switch (why) {
    case Missed::kGone:
      return "is gone";
    case Missed::kStalled:
      return "did not answer in time";
    case Missed::kOther:
      break;
  }
  return "failed";
}

}  // namespace

/// Reads what a rank says.
void RankWatch::hear(int rank) {
  Notice notice{};
  // Twelve bytes that were sent at once come at once.
  const ssize_t got = recv(links_[static_cast<size_t>(rank)].control.descriptor(), &notice,
                           sizeof notice, MSG_DONTWAIT);
  if (got <= 0) {
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
      closed_[static_cast<size_t>(rank)] = 1;
    return;
  }
  if (told_) return;
  const auto missed = static_cast<int>(notice.rank);
  if (got != sizeof notice || notice.magic != kMagic || notice.rank >= links_.size())
    told_.emplace(rank, Missed::kOther,
                  message("parallel: rank ", rank, " says what is no message"));
  else if (missed == rank)
    told_.emplace(rank, notice.why, message("parallel: rank ", rank, " ", to_string(notice.why)));
  else
    told_.emplace(missed, notice.why,
                  message("parallel: rank ", missed, " ", to_string(notice.why), ", as rank ", rank,
                          " found"));
}

void RankWatch::listen() {
  std::vector<pollfd> waiting;
  for (size_t rank = 0; rank < links_.size(); ++rank)  // -1 is passed over
    waiting.push_back({closed_[rank] != 0 ? -1 : links_[rank].control.descriptor(), POLLIN, 0});
  if (poll(waiting.data(), waiting.size(), 0) <= 0) return;
  for (size_t rank = 0; rank < links_.size(); ++rank)
    if (waiting[rank].revents != 0) hear(static_cast<int>(rank));
}

void RankWatch::check_told(std::span<const uint8_t> is_missing) {
  listen();
  if (told_ && is_missing[static_cast<size_t>(told_->rank())] != 0) throw *told_;
}

void RankWatch::check(std::span<const uint8_t> is_missing) {
  check_told(is_missing);
  for (size_t rank = 0; rank < links_.size(); ++rank) {
    if (closed_[rank] == 0 || is_missing[rank] == 0) continue;
    if (told_) throw *told_;  // who is told of was the first to be gone
    throw RankError(static_cast<int>(rank), Missed::kGone,
                    message("parallel: rank ", rank, " is gone"));
  }
}

void RankWatch::closed(int rank) {
  std::vector<uint8_t> missing(links_.size(), 0);
  missing[static_cast<size_t>(rank)] = 1;
  pollfd last{links_[static_cast<size_t>(rank)].control.descriptor(), POLLIN, 0};
  for (int i = 0; i < 2; ++i) {  // its last words, then the end
    check(missing);
    poll(&last, 1, kLastWordsMs);
  }
  throw RankError(rank, Missed::kGone, message("parallel: rank ", rank, " is gone"));
}

void RankWatch::stalled(int rank, int timeout_ms) {
  throw RankError(rank, Missed::kStalled,
                  message("parallel: rank ", rank, " did not answer within ", timeout_ms, " ms"));
}

void RankWatch::abort(int missed, Missed why) noexcept {
  const Notice notice{kMagic, static_cast<uint32_t>(missed), why};
  for (PeerLink& link : links_) {
    if (!link.control) continue;
    size_t done = 0;
    send_some(link.control, &notice, sizeof notice, done);
    shutdown(link.control.descriptor(), SHUT_WR);
  }
  for (PeerLink& link : links_) link = {};
}

}  // namespace cne::tensor
