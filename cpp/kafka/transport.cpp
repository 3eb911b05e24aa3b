#include "kafka/transport.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace cne::kafka {

namespace {

// A call sends no more: other connections of the loop get their turn.
constexpr size_t kMaxSendBytes = size_t{4} << 20;

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int descriptor) : descriptor_(descriptor) {}

  IoResult read(void* to, size_t size) override {
    const ssize_t got = recv(descriptor_, to, size, 0);
    if (got == 0) return {IoState::kEnd, 0};
    return result(got);
  }

  IoResult write(const iovec* parts, int count, bool more) override {
    msghdr header{};
    header.msg_iov = const_cast<iovec*>(parts);
    header.msg_iovlen = static_cast<size_t>(count);
    return result(sendmsg(descriptor_, &header, MSG_NOSIGNAL | (more ? MSG_MORE : 0)));
  }

  IoResult send_file(const FileSlice& slice) override {
    auto position = static_cast<off_t>(slice.position);
    const ssize_t sent = sendfile(descriptor_, slice.file->descriptor(), &position,
                                  std::min(slice.size, kMaxSendBytes));
    if (sent == 0) return {IoState::kError, 0};  // the file ends before the slice
    return result(sent);
  }

 private:
  static IoResult result(ssize_t bytes) {
    if (bytes > 0) return {IoState::kDone, static_cast<size_t>(bytes)};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {IoState::kAgain, 0};
    return {IoState::kError, 0};
  }

  int descriptor_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(int descriptor) {
  return std::make_unique<PlainTransport>(descriptor);
}

int open_listener(const std::string& host, uint16_t& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                 std::to_string(port).c_str(), &hints, &found);
  if (failed != 0)
    throw IoError(message("broker: cannot resolve listener \"", host,
                          "\": ", std::string(gai_strerror(failed))));
  int descriptor = -1;
  int error = 0;
  for (const addrinfo* it = found; it != nullptr; it = it->ai_next) {
    descriptor = socket(it->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (descriptor >= 0 && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(descriptor, it->ai_addr, it->ai_addrlen) == 0 && listen(descriptor, 1024) == 0)
      break;
    error = errno;
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
  }
  freeaddrinfo(found);
  if (descriptor < 0)
    throw IoError(message(
        "broker: cannot listen on ", host, ":", port, ": ", std::string(std::strerror(error)),
        error == EADDRINUSE ? "; end what listens there or take another port" : ""));
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  return descriptor;
}

std::string peer_address(int descriptor, uint16_t& port) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  if (address.ss_family == AF_INET6) {
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&address);
    port = ntohs(in6->sin6_port);
    inet_ntop(AF_INET6, &in6->sin6_addr, text.data(), text.size());
    // An address of IPv4 is written as one, whatever the listener is.
    if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) return std::string(text.data()).substr(7);
  } else {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address);
    port = ntohs(in->sin_port);
    inet_ntop(AF_INET, &in->sin_addr, text.data(), text.size());
  }
  return text.data();
}

}  // namespace cne::kafka
