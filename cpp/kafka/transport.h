#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/file.h"

namespace cne::kafka {

/// What a transport could do at once.
enum class IoState {
  kDone,   // some bytes went
  kAgain,  // none can go now; wait until the socket is ready
  kEnd,    // the peer has closed
  kError,
};

struct IoResult {
  IoState state = IoState::kAgain;
  size_t bytes = 0;
};

/// Bytes to and from a peer, never blocking: plain, or TLS over the same socket.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual IoResult read(void* to, size_t size) = 0;
  /// `more`: other bytes follow at once.
  virtual IoResult write(const iovec* parts, int count, bool more) = 0;
  virtual IoResult send_file(const FileSlice& slice) = 0;
  /// Whether a read waits until the socket takes bytes (a TLS handshake).
  virtual bool wants_write() const { return false; }
  /// Whether there are bytes to read that have left the socket already.
  virtual bool has_input() const { return false; }
};

/// A connected stream socket, which stays the caller's.
std::unique_ptr<Transport> plain_transport(int descriptor);

/// Opens a listening TCP socket. `host` is a name or an address, empty for all addresses. Throws
/// IoError. `port` 0 takes a free one; the one it got comes back.
int open_listener(const std::string& host, uint16_t& port);
/// The address of the other end, such as "127.0.0.1".
std::string peer_address(int descriptor, uint16_t& port);

}  // namespace cne::kafka
