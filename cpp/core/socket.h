#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace cne {

/// A TCP socket, closed at the end of its life. Failures throw IoError that begins with the name of
/// the function that was given. Waiting functions end at a time of monotonic_ns().
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  explicit operator bool() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  void close();

  /// The address and port of this end, or of the other one; empty and 0 where it is gone.
  std::pair<std::string, int> own_address() const;
  std::pair<std::string, int> peer_address() const;

 private:
  int descriptor_ = -1;
};

/// Listens; port 0 is a free one.
Socket listen_tcp(const std::string& host, int port, const char* function);

/// Who has come, without waiting: an empty one when nobody has.
Socket accept_tcp(const Socket& listener);

/// Connects once, without small delays of sending; an empty one when nobody listens there or the
/// time is over.
Socket connect_tcp(const std::string& host, int port, int64_t until_ns, const char* function);

/// What one call without waiting did: bytes, or 0 when it would have to wait.
enum class SocketState { kOpen, kClosed };
SocketState send_some(const Socket& socket, const void* data, size_t size, size_t& done);
SocketState receive_some(const Socket& socket, void* data, size_t size, size_t& done);

/// Called now and then by who waits; may throw. May be empty.
using OnWait = std::function<void()>;

/// All bytes, waiting for the other side. False when it is gone or the time is over.
bool send_all(const Socket& socket, const void* data, size_t size, int64_t until_ns,
              const OnWait& on_wait = {});
bool receive_all(const Socket& socket, void* data, size_t size, int64_t until_ns,
                 const OnWait& on_wait = {});

/// Milliseconds to a time, for poll: from 0 to `most`.
int milliseconds_until(int64_t until_ns, int most);

}  // namespace cne
