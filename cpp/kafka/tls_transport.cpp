#include "kafka/tls_transport.h"

#ifdef CNE_WITH_OPENSSL

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/error.h"
#include "kafka/certificate_name.h"

namespace cne::kafka {

namespace {

// The most that a TLS record holds.
constexpr size_t kRecordBytes = size_t{16} << 10;

/// What the BIO of a connection sends through. OpenSSL's own would write(2), which raises SIGPIPE.
struct Socket {
  int descriptor;
  bool more = false;  // other bytes follow at once
};

Socket& socket_of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

int bio_result(BIO* bio, ssize_t bytes, int direction) {
  BIO_clear_retry_flags(bio);
  if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(bytes);
}

int bio_read(BIO* bio, char* to, int size) {
  return bio_result(bio, recv(socket_of(bio).descriptor, to, static_cast<size_t>(size), 0),
                    BIO_FLAGS_READ);
}

int bio_write(BIO* bio, const char* from, int size) {
  const Socket& socket = socket_of(bio);
  const int flags = MSG_NOSIGNAL | (socket.more ? MSG_MORE : 0);
  return bio_result(bio, send(socket.descriptor, from, static_cast<size_t>(size), flags),
                    BIO_FLAGS_WRITE);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "cnengine socket");
    BIO_meth_set_read(made, &bio_read);
    BIO_meth_set_write(made, &bio_write);
    BIO_meth_set_ctrl(made, &bio_control);
    return made;
  }();
  return method;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(int descriptor, std::shared_ptr<TlsContext> context,
               std::function<void(const std::string&)> established)
      : context_(std::move(context)),
        established_(std::move(established)),
        socket_{descriptor, false},
        ssl_(SSL_new(context_->native())) {
    BIO* bio = ssl_ != nullptr ? BIO_new(bio_method()) : nullptr;
    if (bio == nullptr) {
      SSL_free(ssl_);
      throw IoError("broker: OpenSSL has no memory for a connection");
    }
    BIO_set_data(bio, &socket_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_accept_state(ssl_);
  }

  ~TlsTransport() override {
    if (!established_ && !broken_) SSL_shutdown(ssl_);  // as far as it goes at once
    ERR_clear_error();
    SSL_free(ssl_);
  }

  IoResult read(void* to, size_t size) override {
    ERR_clear_error();
    size_t got = 0;
    const int outcome = SSL_read_ex(ssl_, to, size, &got);
    tell_when_established();
    const IoResult result = result_of(outcome, got);
    wants_write_ = result.state == IoState::kAgain && SSL_want_write(ssl_);
    // Bytes that OpenSSL has taken are no news to epoll.
    has_input_ = result.state == IoState::kDone && SSL_has_pending(ssl_) == 1;
    return result;
  }

  IoResult write(const iovec* parts, int count, bool more) override {
    const iovec* part =
        std::find_if(parts, parts + count, [](const iovec& each) { return each.iov_len > 0; });
    if (part == parts + count) return {IoState::kDone, 0};
    return send_bytes(part->iov_base, part->iov_len, more || part + 1 < parts + count);
  }

  IoResult send_file(const FileSlice& slice) override {
    static thread_local std::array<uint8_t, kRecordBytes> record;
    const size_t size = std::min(slice.size, record.size());
    try {
      // Not from a mapping: a disk that fails, or a file that was cut, would be a signal then.
      if (slice.file->read_at(slice.position, record.data(), size) != size)
        return {IoState::kError, 0};
    } catch (const IoError&) {
      return {IoState::kError, 0};
    }
    return send_bytes(record.data(), size, slice.size > size);
  }

  bool wants_write() const override { return wants_write_; }
  bool has_input() const override { return has_input_; }

 private:
  IoResult send_bytes(const void* from, size_t size, bool more) {
    ERR_clear_error();
    socket_.more = more;
    size_t sent = 0;
    const int outcome = SSL_write_ex(ssl_, from, size, &sent);
    socket_.more = false;
    return result_of(outcome, sent);
  }

  IoResult result_of(int outcome, size_t bytes) {
    if (outcome == 1) return {IoState::kDone, bytes};
    switch (SSL_get_error(ssl_, outcome)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return {IoState::kAgain, 0};
      case SSL_ERROR_ZERO_RETURN:
        return {IoState::kEnd, 0};
      default:
        broken_ = true;
        ERR_clear_error();
        return {IoState::kError, 0};
    }
  }

  void tell_when_established() {
    if (!established_ || SSL_is_init_finished(ssl_) == 0) return;
    const auto tell = std::exchange(established_, nullptr);
    X509* certificate = SSL_get_peer_certificate(ssl_);
    tell(certificate != nullptr ? certificate_name(X509_get_subject_name(certificate)) : "");
    X509_free(certificate);
  }

  std::shared_ptr<TlsContext> context_;
  std::function<void(const std::string&)> established_;  // null once it was called
  Socket socket_;
  SSL* ssl_;
  bool wants_write_ = false;
  bool has_input_ = false;
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<Transport> tls_transport(int descriptor, std::shared_ptr<TlsContext> context,
                                         std::function<void(const std::string&)> established) {
  return std::make_unique<TlsTransport>(descriptor, std::move(context), std::move(established));
}

}  // namespace cne::kafka

#else

#include "core/error.h"

namespace cne::kafka {

std::unique_ptr<Transport> tls_transport(int, std::shared_ptr<TlsContext>,
                                         std::function<void(const std::string&)>) {
  throw UnsupportedError("broker: this build of cnengine is without OpenSSL");
}

}  // namespace cne::kafka

#endif
