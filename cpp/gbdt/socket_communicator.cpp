#include "gbdt/socket_communicator.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "core/error.h"

namespace cne::gbdt {

namespace {

constexpr const char* kName = "SocketCommunicator";
constexpr uint32_t kMagic = 0x43454e43;  // "CNEC"
constexpr char kHello[] = "CNEGBDT1";
constexpr size_t kHelloSize = 20;
constexpr size_t kMostToken = 4096;
constexpr size_t kStep = size_t{16} << 20;  // memory for what is announced is taken bit by bit
constexpr int kHelloTimeoutMs = 5000;
constexpr size_t kMostGuests = 256;
enum Kind : uint32_t { kSums = 1, kBytes = 2, kAllBytes = 3 };

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

[[noreturn]] void fail(const std::string& what) {
  throw IoError(message(kName, ": ", what, ": ", std::strerror(errno)));
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;
Addresses look_up(const std::string& host, int port, bool to_listen) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (to_listen ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) throw IoError(message(kName, ": no address for ", host, ": ", gai_strerror(code)));
  return {found, &freeaddrinfo};
}

void set_timeout(int socket, int timeout_ms) {
  const timeval time{timeout_ms / 1000, (timeout_ms % 1000) * 1000};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

void prepare(int socket, int timeout_ms) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  set_timeout(socket, timeout_ms);
}

/// Equal, in a time that does not tell where they differ.
bool same_secret(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned different = 0;
  for (size_t i = 0; i < a.size(); ++i) different |= static_cast<unsigned char>(a[i] ^ b[i]);
  return different == 0;
}

void put_u32(std::string& out, uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

SocketCommunicator::SocketCommunicator(SocketOptions options) : options_(std::move(options)) {
  const auto check = [](bool good, const char* what, const auto& got) {
    if (!good) throw ArgumentError(message(kName, ": expected ", what, ", got ", got));
  };
  check(options_.size >= 1 && options_.size <= 65536, "size from 1 to 65536", options_.size);
  check(options_.rank >= 0 && options_.rank < options_.size, "rank from 0 to size - 1",
        options_.rank);
  check(options_.port >= (options_.rank == 0 ? 0 : 1) && options_.port <= 65535,
        "the port of worker 0", options_.port);
  check(options_.timeout_ms >= 1, "timeout above 0 ms", options_.timeout_ms);
  check(options_.token.size() <= kMostToken, "a token of at most 4096 bytes",
        options_.token.size());
  if (options_.rank == 0) listen();
}

SocketCommunicator::~SocketCommunicator() { abort(); }

void SocketCommunicator::abort() noexcept {
  failed_ = true;
  for (int& socket : sockets_) {
    if (socket >= 0) {
      shutdown(socket, SHUT_RDWR);
      close(socket);
    }
    socket = -1;
  }
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
}

void SocketCommunicator::listen() {
  const Addresses addresses = look_up(options_.host, options_.port, true);
  listener_ = socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) fail("cannot make a socket");
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener_, addresses->ai_addr, addresses->ai_addrlen) != 0 ||
      ::listen(listener_, 128) != 0) {
    const int error = errno;
    close(listener_);
    listener_ = -1;
    errno = error;
    fail(message("cannot listen on ", options_.host, ":", options_.port));
  }
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &length);
  options_.port = ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&own)->sin6_port
                                                  : reinterpret_cast<sockaddr_in*>(&own)->sin_port);
}

struct SocketCommunicator::Guest {
  int socket;
  int64_t until_ms;
  std::string hello;

  /// Bytes of a whole hello, as far as it tells; 0 for what is none.
  size_t expected() const {
    if (hello.size() < kHelloSize) return kHelloSize;
    const uint32_t length = field(16);
    return std::memcmp(hello.data(), kHello, 8) == 0 && length <= kMostToken ? kHelloSize + length
                                                                             : 0;
  }
  uint32_t field(size_t at) const {
    uint32_t out = 0;
    std::memcpy(&out, hello.data() + at, 4);
    return out;
  }
};

/// Whether a guest that has said hello is a worker that is missing.
bool SocketCommunicator::admit(const Guest& guest) {
  const uint32_t rank = guest.field(8);
  if (guest.field(12) != static_cast<uint32_t>(options_.size) || rank < 1 ||
      rank >= static_cast<uint32_t>(options_.size) || sockets_[rank] >= 0 ||
      !same_secret(guest.hello.substr(kHelloSize), options_.token))
    return false;
  const char yes = 1;
  if (::send(guest.socket, &yes, 1, MSG_NOSIGNAL) != 1) return false;
  prepare(guest.socket, options_.timeout_ms);
  sockets_[rank] = guest.socket;
  return true;
}

/// Listens to all guests at once, so that none of them can hold up the workers.
void SocketCommunicator::greet(std::vector<Guest>& guests) {
  std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
  for (const Guest& guest : guests) waiting.push_back({guest.socket, POLLIN, 0});
  if (poll(waiting.data(), waiting.size(), 50) < 0) {
    if (errno == EINTR) check_signals();
    return;
  }
  for (size_t g = guests.size(); g-- > 0;) {
    Guest& guest = guests[g];
    bool gone = now_ms() > guest.until_ms;
    if (waiting[g + 1].revents != 0) {
      char bytes[kHelloSize + kMostToken];
      const ssize_t got =
          ::recv(guest.socket, bytes, guest.expected() - guest.hello.size(), MSG_DONTWAIT);
      if (got > 0) guest.hello.append(bytes, static_cast<size_t>(got));
      gone |= got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    }
    const size_t expected = guest.expected();
    const bool whole = !gone && expected > 0 && guest.hello.size() == expected;
    if (!whole && !gone && expected > 0) continue;
    if (!whole || !admit(guest)) close(guest.socket);
    guests.erase(guests.begin() + static_cast<std::ptrdiff_t>(g));
  }
  if (waiting[0].revents == 0) return;
  const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  if (guests.size() >= kMostGuests) {  // the oldest one makes room
    close(guests.front().socket);
    guests.erase(guests.begin());
  }
  guests.push_back({socket, now_ms() + kHelloTimeoutMs, {}});
}

void SocketCommunicator::accept_all() {
  sockets_.assign(static_cast<size_t>(options_.size), -1);
  const int64_t deadline = now_ms() + options_.timeout_ms;
  std::vector<Guest> guests;
  const auto there = [&] {
    return std::count_if(sockets_.begin(), sockets_.end(), [](int socket) { return socket >= 0; });
  };
  const auto dismiss = [&] {
    for (const Guest& guest : guests) close(guest.socket);
    guests.clear();
  };
  try {
    while (there() < options_.size - 1 && now_ms() < deadline) greet(guests);
  } catch (...) {
    dismiss();
    throw;
  }
  dismiss();
  if (there() < options_.size - 1)
    throw IoError(message(kName, ": expected ", options_.size - 1, " other workers within ",
                          options_.timeout_ms, " ms, got ", there()));
  close(listener_);
  listener_ = -1;
}

void SocketCommunicator::check_signals() const {
  if (options_.on_signal) options_.on_signal();
}

void SocketCommunicator::reach_root() {
  const Addresses addresses = look_up(options_.host, options_.port, false);
  const int64_t deadline = now_ms() + options_.timeout_ms;
  sockets_.assign(1, -1);
  int wait_ms = 5;
  while (true) {
    const int socket = ::socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) fail("cannot make a socket");
    prepare(socket, options_.timeout_ms);
    // Worker 0 may not be there yet.
    if (::connect(socket, addresses->ai_addr, addresses->ai_addrlen) == 0) {
      sockets_[0] = socket;
      break;
    }
    const int error = errno;
    close(socket);
    errno = error;
    if (now_ms() >= deadline)
      fail(message("cannot reach worker 0 at ", options_.host, ":", options_.port));
    if (poll(nullptr, 0, wait_ms) < 0 && errno == EINTR) check_signals();
    wait_ms = std::min(2 * wait_ms, 200);
  }
  std::string hello(kHello, 8);
  put_u32(hello, static_cast<uint32_t>(options_.rank));
  put_u32(hello, static_cast<uint32_t>(options_.size));
  put_u32(hello, static_cast<uint32_t>(options_.token.size()));
  hello += options_.token;
  send_all(sockets_[0], hello.data(), hello.size());
  char answer = 0;
  try {
    receive_all(sockets_[0], &answer, 1);
  } catch (const IoError&) {
    throw IoError(message(kName, ": worker 0 does not take worker ", options_.rank, " of ",
                          options_.size, ": another token or size, or the rank is taken"));
  }
}

void SocketCommunicator::connect() {
  if (connected_) return;
  if (failed_) throw IoError(message(kName, ": closed after a failure"));
  if (options_.size > 1) {
    try {
      options_.rank == 0 ? accept_all() : reach_root();
    } catch (...) {
      abort();
      throw;
    }
  }
  connected_ = true;
}

void SocketCommunicator::send_all(int socket, const void* data, size_t size) {
  const auto* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(socket, from, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) {
      check_signals();
      continue;
    }
    if (sent <= 0) fail("another worker is gone");
    from += sent;
    size -= static_cast<size_t>(sent);
  }
}

void SocketCommunicator::receive_all(int socket, void* data, size_t size) {
  auto* to = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::recv(socket, to, size, 0);
    if (got < 0 && errno == EINTR) {
      check_signals();
      continue;
    }
    if (got == 0) throw IoError(message(kName, ": another worker is gone"));
    if (got < 0)
      fail(errno == EAGAIN || errno == EWOULDBLOCK ? "another worker does not answer"
                                                   : "another worker is gone");
    to += got;
    size -= static_cast<size_t>(got);
  }
}

void SocketCommunicator::send_frame(int to, uint32_t kind, const void* data, size_t size) {
  char head[16];
  const auto length = static_cast<uint64_t>(size);
  std::memcpy(head, &kMagic, 4);
  std::memcpy(head + 4, &kind, 4);
  std::memcpy(head + 8, &length, 8);
  send_all(sockets_[to], head, sizeof head);
  send_all(sockets_[to], data, size);
}

/// Bytes of the frame that comes.
size_t SocketCommunicator::receive_head(int from, uint32_t kind) {
  char head[16];
  receive_all(sockets_[from], head, sizeof head);
  uint32_t magic = 0;
  uint32_t got = 0;
  uint64_t length = 0;
  std::memcpy(&magic, head, 4);
  std::memcpy(&got, head + 4, 4);
  std::memcpy(&length, head + 8, 8);
  if (magic != kMagic || got != kind)
    throw IoError(message(kName, ": the workers do not do the same"));
  return length;
}

std::string SocketCommunicator::receive_frame(int from, uint32_t kind) {
  size_t left = receive_head(from, kind);
  std::string out;
  while (left > 0) {
    const size_t step = std::min(left, kStep);
    const size_t at = out.size();
    out.resize(at + step);
    receive_all(sockets_[from], out.data() + at, step);
    left -= step;
  }
  return out;
}

/// Runs `body`, which talks; after a failure nobody talks any more.
template <typename Body>
void SocketCommunicator::collective(const Body& body) {
  connect();
  if (failed_) throw IoError(message(kName, ": closed after a failure"));
  try {
    body();
  } catch (...) {
    abort();
    throw;
  }
}

void SocketCommunicator::allreduce(int64_t* values, size_t count) {
  collective([&] {
    const size_t bytes = count * sizeof(int64_t);
    const auto receive = [&](int from, int64_t* to) {
      if (receive_head(from, kSums) != bytes)
        throw IoError(message(kName, ": expected ", count, " sums of another worker"));
      receive_all(sockets_[from], to, bytes);
    };
    if (options_.rank != 0) {
      send_frame(0, kSums, values, bytes);
      receive(0, values);
      return;
    }
    std::vector<int64_t> other(count);
    for (int rank = 1; rank < options_.size; ++rank) {
      receive(rank, other.data());
      for (size_t i = 0; i < count; ++i)  // sums of fixed-point numbers leave room; no overflow
        values[i] = static_cast<int64_t>(static_cast<uint64_t>(values[i]) +
                                         static_cast<uint64_t>(other[i]));
    }
    for (int rank = 1; rank < options_.size; ++rank) send_frame(rank, kSums, values, bytes);
  });
}

std::vector<std::string> SocketCommunicator::allgather(std::string bytes) {
  std::vector<std::string> out(static_cast<size_t>(options_.size));
  collective([&] {
    if (options_.rank != 0) {
      send_frame(0, kBytes, bytes.data(), bytes.size());
      for (std::string& part : out) part = receive_frame(0, kAllBytes);
      return;
    }
    out[0] = std::move(bytes);
    for (int rank = 1; rank < options_.size; ++rank) out[rank] = receive_frame(rank, kBytes);
    for (int rank = 1; rank < options_.size; ++rank)
      for (const std::string& part : out) send_frame(rank, kAllBytes, part.data(), part.size());
  });
  return out;
}

}  // namespace cne::gbdt
