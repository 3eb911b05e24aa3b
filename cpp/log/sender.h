#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/codec.h"
#include "log/append.h"
#include "log/record_encoder.h"
#include "log/topic_store.h"

namespace cne::log {

struct SenderOptions {
  /// How long a batch waits for more records before it is written.
  int64_t linger_ms = 5;
  /// Of plain bytes; a topic's max.message.bytes, when it is smaller.
  size_t batch_bytes = 64 << 10;
  /// Of records that are not acknowledged; who sends more waits.
  size_t buffer_bytes = 32 << 20;
  Codec compression = Codec::kNone;
};

/// One record to send.
struct Outgoing {
  std::optional<int32_t> partition;     // none: by the key, or by turns
  std::optional<int64_t> timestamp_ms;  // none: the time of the call
  Bytes key;
  Bytes value;
  std::string_view headers = RecordEncoder::no_headers();  // as RecordEncoder takes them
};

/// Gathers records that come one at a time into batches and appends them on a thread of its own.
/// Records of one partition keep their order. As the batches of a client of a broker, they obey the
/// settings of their topic (append_foreign), and are acknowledged under its fsync policy.
///
/// Thread safe. Uses the store, which must outlive it. In a forked child every call throws
/// StateError, and nothing is written.
class Sender {
 public:
  struct Batch;
  struct State;

  /// Where a record went, or why it did not; known once its batch is acknowledged. Lives as long as
  /// anyone wants, also after the sender.
  class Delivery {
   public:
    Delivery() = default;
    /// The batch; records of one batch share their fate.
    uint64_t batch() const;
    bool done() const;
    /// Writes the batch without further waiting, and waits for it: done().
    bool wait(int64_t timeout_ms) const;
    /// After done(): kNone, or why not.
    AppendFault fault() const;
    const std::string& why() const;
    int32_t partition() const;
    int64_t offset() const;
    /// Asks for the batch to be told by `wait_watched`. False: it is done already.
    bool watch() const;

   private:
    friend class Sender;
    std::shared_ptr<State> state_;
    std::shared_ptr<Batch> batch_;
    int32_t index_ = 0;
  };

  /// Throws ArgumentError; StateError when the store is read only; UnsupportedError for a codec
  /// that this build lacks.
  Sender(TopicStore& store, SenderOptions options);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender();

  /// Takes a record; never waits. Nothing when the buffer is full: see wait_for_room. Throws
  /// NotFoundError for a topic or a partition that is not there, ArgumentError for a record that is
  /// too large for any batch or a negative timestamp.
  std::optional<Delivery> send(const std::string& topic, const Outgoing& record);
  /// Until there is room again, true, or the time is over.
  bool wait_for_room(int64_t timeout_ms);
  /// Writes what was sent so far without further waiting; returns a mark for wait_flushed.
  uint64_t flush();
  /// Waits for what was sent before the mark; returns how many of its records are left when the
  /// time is over.
  int64_t wait_flushed(uint64_t mark, int64_t timeout_ms);
  /// Numbers of batches that were watched and are done by now; waits for at least one. Empty when
  /// the time is over, or all are told and the sender is closed.
  std::vector<uint64_t> wait_watched(int64_t timeout_ms);
  /// Writes everything, then ends the thread; `send` throws StateError from then on.
  void close();

  bool closed() const;
  /// Records that were acknowledged, and that were refused or lost.
  int64_t sent() const;
  int64_t failed() const;

 private:
  struct Thread;
  void check_fork(const char* function) const;

  std::shared_ptr<State> state_;
  std::unique_ptr<Thread> thread_;
};

}  // namespace cne::log
