#include "core/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "core/clock.h"
#include "core/error.h"

namespace cne {

namespace {

constexpr int kWaitMs = 100;  // between calls of on_wait

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses look_up(const std::string& host, int port, bool to_listen, const char* function) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (to_listen ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0)
    throw IoError(message(function, ": no address for ", host, ": ", gai_strerror(code)));
  return {found, &freeaddrinfo};
}

Socket make_socket(const addrinfo& address, const char* function) {
  Socket out(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!out) throw IoError(message(function, ": cannot make a socket: ", std::strerror(errno)));
  return out;
}

void send_at_once(const Socket& socket) {
  const int yes = 1;
  setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

std::pair<std::string, int> describe(const sockaddr_storage& address, socklen_t length) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {"", 0};
  return {host, std::atoi(port)};
}

/// Waits until something can be done; false when the time is over.
bool wait_for(const Socket& socket, int16_t events, int64_t until_ns, const OnWait& on_wait = {}) {
  pollfd one{socket.descriptor(), events, 0};
  while (true) {
    const int wait_ms = milliseconds_until(until_ns, kWaitMs);
    if (poll(&one, 1, wait_ms) > 0) return true;
    if (on_wait) on_wait();
    if (monotonic_ns() >= until_ns) return false;
  }
}

SocketState outcome(ssize_t result, size_t& done) {
  done = result > 0 ? static_cast<size_t>(result) : 0;
  if (result > 0) return SocketState::kOpen;
  const bool later = result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return later ? SocketState::kOpen : SocketState::kClosed;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

void Socket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

std::pair<std::string, int> Socket::own_address() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {"", 0};
  return describe(address, length);
}

std::pair<std::string, int> Socket::peer_address() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {"", 0};
  return describe(address, length);
}

Socket listen_tcp(const std::string& host, int port, const char* function) {
  const Addresses addresses = look_up(host, port, true, function);
  Socket out = make_socket(*addresses, function);
  const int yes = 1;
  setsockopt(out.descriptor(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(out.descriptor(), addresses->ai_addr, addresses->ai_addrlen) != 0 ||
      listen(out.descriptor(), 128) != 0)
    throw IoError(
        message(function, ": cannot listen on ", host, ":", port, ": ", std::strerror(errno)));
  return out;
}

Socket accept_tcp(const Socket& listener) {
  Socket out(accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (out) send_at_once(out);
  return out;
}

Socket connect_tcp(const std::string& host, int port, int64_t until_ns, const char* function) {
  const Addresses addresses = look_up(host, port, false, function);
  Socket out = make_socket(*addresses, function);
  send_at_once(out);
  if (connect(out.descriptor(), addresses->ai_addr, addresses->ai_addrlen) != 0) {
    if (errno != EINPROGRESS || !wait_for(out, POLLOUT, until_ns)) return {};
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(out.descriptor(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return {};
  }
  // Of a free port that it asks for a socket may become the one that it connects to.
  if (out.own_address() == out.peer_address()) return {};
  return out;
}

SocketState send_some(const Socket& socket, const void* data, size_t size, size_t& done) {
  return outcome(::send(socket.descriptor(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT), done);
}

SocketState receive_some(const Socket& socket, void* data, size_t size, size_t& done) {
  return outcome(::recv(socket.descriptor(), data, size, MSG_DONTWAIT), done);
}

bool send_all(const Socket& socket, const void* data, size_t size, int64_t until_ns,
              const OnWait& on_wait) {
  const auto* from = static_cast<const uint8_t*>(data);
  while (size > 0) {
    size_t done = 0;
    if (send_some(socket, from, size, done) == SocketState::kClosed) return false;
    from += done;
    size -= done;
    if (done == 0 && !wait_for(socket, POLLOUT, until_ns, on_wait)) return false;
  }
  return true;
}

bool receive_all(const Socket& socket, void* data, size_t size, int64_t until_ns,
                 const OnWait& on_wait) {
  auto* to = static_cast<uint8_t*>(data);
  while (size > 0) {
    size_t done = 0;
    if (receive_some(socket, to, size, done) == SocketState::kClosed) return false;
    to += done;
    size -= done;
    if (done == 0 && !wait_for(socket, POLLIN, until_ns, on_wait)) return false;
  }
  return true;
}

int milliseconds_until(int64_t until_ns, int most) {
  const int64_t left = until_ns - monotonic_ns();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<int64_t>(left / 1000000 + 1, most));
}

}  // namespace cne
