#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gbdt/communicator.h"

namespace cne::gbdt {

/// Where the workers meet, and how they know each other.
struct SocketOptions {
  int rank = 0;
  int size = 1;
  std::string host = "127.0.0.1";   // of worker 0, which listens there
  int port = 0;                     // worker 0: 0 for a free one
  std::string token;                // a secret of the workers; others are turned away
  int timeout_ms = 120000;          // for the workers to meet, and for one of them to answer
  std::function<void()> on_signal;  // called when a signal comes while a worker waits; may throw
};

/// Workers that talk over TCP, all with worker 0, which adds the sums up. Nothing is encrypted.
///
/// A frame: u32 magic "CNEC", u32 kind (1 sums, 2 bytes, 3 all bytes), u64 bytes that follow; all
/// little-endian. A worker says hello first with "CNEGBDT1", u32 rank, u32 size, u32 bytes of the
/// token and these, and is answered with one byte 1.
///
/// For one thread at a time. A call that fails closes all connections, so that the others fail too.
class SocketCommunicator : public Communicator {
 public:
  /// Worker 0 listens at once; `connect` waits for the others. Throws ArgumentError for options
  /// that do not fit, IoError for an address that cannot be had.
  explicit SocketCommunicator(SocketOptions options);
  ~SocketCommunicator() override;
  SocketCommunicator(const SocketCommunicator&) = delete;
  SocketCommunicator& operator=(const SocketCommunicator&) = delete;

  /// Meets the other workers; the other calls do so where it has not been called.
  void connect();
  /// The port that worker 0 listens on, for the others.
  int port() const { return options_.port; }

  int rank() const override { return options_.rank; }
  int size() const override { return options_.size; }
  void allreduce(int64_t* values, size_t count) override;
  std::vector<std::string> allgather(std::string bytes) override;
  void abort() noexcept override;

 private:
  struct Guest;  // a connection that has not said hello yet
  void listen();
  void accept_all();
  void greet(std::vector<Guest>& guests);
  bool admit(const Guest& guest);
  void check_signals() const;
  void reach_root();
  void send_frame(int to, uint32_t kind, const void* data, size_t size);
  size_t receive_head(int from, uint32_t kind);
  std::string receive_frame(int from, uint32_t kind);
  void send_all(int socket, const void* data, size_t size);
  void receive_all(int socket, void* data, size_t size);
  template <typename Body>
  void collective(const Body& body);

  SocketOptions options_;
  int listener_ = -1;
  std::vector<int> sockets_;  // worker 0: by rank, its own -1; others: that to worker 0
  bool connected_ = false;
  bool failed_ = false;
};

}  // namespace cne::gbdt
