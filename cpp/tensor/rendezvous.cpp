#include "tensor/rendezvous.h"

#include <poll.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "core/random.h"
#include "core/sha2.h"

namespace cne::tensor {

namespace {

constexpr const char* kName = "parallel.init";
constexpr char kMagic[] = "CNEPARL1";
constexpr size_t kNonce = 32;
constexpr size_t kProof = 32;
constexpr uint32_t kControl = 0;
constexpr uint32_t kData = 1;
constexpr size_t kMostGuests = 256;
constexpr int64_t kGuestNs = 5'000'000'000;
constexpr int kWaitMs = 50;

std::string random_bytes() {
  std::string out;
  while (out.size() < kNonce) {
    const uint64_t bits = random_uint64();
    out.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  return out;
}

}  // namespace

struct Rendezvous::Hello {
  char magic[8];
  uint32_t kind;
  uint32_t rank;
  uint32_t size;
  uint32_t port;
  char nonce[kNonce];
  char proof[kProof];

  std::string signed_part() const {
    return {reinterpret_cast<const char*>(this), sizeof(Hello) - kProof};
  }
};

/// A connection that has not said hello yet.
struct Rendezvous::Guest {
  Socket socket;
  int64_t until_ns;
  std::string challenge;
  Hello hello;
  size_t got = 0;
};

struct Rendezvous::Address {
  uint32_t port;
  char host[60];
};

Rendezvous::Rendezvous(const GroupOptions& options) : options_(options), port_(options.port) {
  const auto check = [](bool good, const char* what, const auto& got) {
    if (!good) throw ArgumentError(message(kName, ": expected ", what, ", got ", got));
  };
  check(options.size >= 1 && options.size <= kMostRanks, "size from 1 to 256", options.size);
  check(options.rank >= 0 && options.rank < options.size, "rank from 0 to size - 1", options.rank);
  check(options.port >= (options.rank == 0 ? 0 : 1) && options.port <= 65535, "the port of rank 0",
        options.port);
  check(options.timeout_ms >= 1 && options.meet_ms >= 1, "timeouts above 0 ms",
        std::min(options.timeout_ms, options.meet_ms));
  check(!options.token.empty() || options.size == 1, "a secret token", "none");
  if (options.rank == 0 && options.size > 1) {
    listener_ = listen_tcp(options.host, options.port, kName);
    port_ = listener_.own_address().second;
  }
}

std::string Rendezvous::mac(const std::string& what) const {
  return hmac(Digest::kSha256, options_.token, what);
}

/// Whether a guest that has said hello is a rank that is missing.
bool Rendezvous::admit(Guest& guest, std::vector<PeerLink>& links) {
  const Hello& hello = guest.hello;
  const std::string said = guest.challenge + hello.signed_part();
  if (std::memcmp(hello.magic, kMagic, sizeof hello.magic) != 0 ||
      !equal_in_constant_time({hello.proof, kProof}, mac("client" + said)))
    return false;
  if (hello.size != static_cast<uint32_t>(options_.size) || hello.kind > kData ||
      hello.rank <= static_cast<uint32_t>(options_.rank) || hello.rank >= hello.size ||
      hello.port > 65535)
    return false;
  PeerLink& link = links[hello.rank];
  Socket& place = hello.kind == kControl ? link.control : link.data;
  if (place) return false;
  const std::string answer = mac("server" + said);
  size_t sent = 0;
  send_some(guest.socket, answer.data(), answer.size(), sent);
  if (sent != answer.size()) return false;
  if (hello.kind == kControl) {
    nonces_[hello.rank].assign(hello.nonce, kNonce);
    ports_[hello.rank] = static_cast<int>(hello.port);
  }
  place = std::move(guest.socket);
  return true;
}

/// Listens to all guests at once, so that none of them can hold up the ranks.
void Rendezvous::greet(std::vector<Guest>& guests, std::vector<PeerLink>& links) {
  std::vector<pollfd> waiting{{listener_.descriptor(), POLLIN, 0}};
  for (const Guest& guest : guests) waiting.push_back({guest.socket.descriptor(), POLLIN, 0});
  if (poll(waiting.data(), waiting.size(), milliseconds_until(until_ns_, kWaitMs)) < 0) return;
  for (size_t g = guests.size(); g-- > 0;) {
    Guest& guest = guests[g];
    bool gone = monotonic_ns() > guest.until_ns;
    if (waiting[g + 1].revents != 0) {
      size_t done = 0;
      gone |= receive_some(guest.socket, reinterpret_cast<char*>(&guest.hello) + guest.got,
                           sizeof(Hello) - guest.got, done) == SocketState::kClosed;
      guest.got += done;
    }
    if (!gone && guest.got < sizeof(Hello)) continue;
    if (guest.got == sizeof(Hello)) admit(guest, links);
    guests.erase(guests.begin() + static_cast<std::ptrdiff_t>(g));
  }
  if (waiting[0].revents == 0) return;
  Socket socket = accept_tcp(listener_);
  if (!socket) return;
  if (guests.size() >= kMostGuests) guests.erase(guests.begin());  // the oldest one makes room
  guests.push_back({std::move(socket), monotonic_ns() + kGuestNs, random_bytes(), {}, 0});
  size_t sent = 0;
  send_some(guests.back().socket, guests.back().challenge.data(), kNonce, sent);
  if (sent != kNonce) guests.pop_back();
}

/// Names the first rank that has not come.
void Rendezvous::miss(const std::vector<PeerLink>& links) const {
  const auto from = links.begin() + options_.rank + 1;
  auto at = std::find_if(from, links.end(), [](const PeerLink& link) { return !link.control; });
  if (at == links.end())
    at = std::find_if(from, links.end(), [](const PeerLink& link) { return !link.data; });
  throw IoError(message(kName, ": rank ", at - links.begin(), " of ", options_.size,
                        " did not come within ", options_.meet_ms, " ms"));
}

template <typename Done>
void Rendezvous::accept_until(std::vector<PeerLink>& links, const Done& done) {
  std::vector<Guest> guests;
  while (!done()) {
    if (monotonic_ns() >= until_ns_) miss(links);
    greet(guests, links);
    if (options_.on_wait) options_.on_wait();
  }
}

/// Connects to a rank that listens, or will do so soon, and says hello.
Socket Rendezvous::introduce(const std::string& host, int port, int to, uint32_t kind,
                             std::string* nonce) {
  Socket socket;
  int wait_ms = 2;
  while (!(socket = connect_tcp(host, port, until_ns_, kName))) {
    if (monotonic_ns() >= until_ns_)
      throw IoError(message(kName, ": cannot reach rank ", to, " at ", host, ":", port, " within ",
                            options_.meet_ms, " ms"));
    if (options_.on_wait) options_.on_wait();
    poll(nullptr, 0, milliseconds_until(until_ns_, wait_ms));
    wait_ms = std::min(2 * wait_ms, kWaitMs);
  }
  if (!listener_) {
    listener_ = listen_tcp(socket.own_address().first, 0, kName);
    port_ = listener_.own_address().second;
  }
  std::string challenge(kNonce, '\0');
  Hello hello{};
  std::memcpy(hello.magic, kMagic, sizeof hello.magic);
  hello.kind = kind;
  hello.rank = static_cast<uint32_t>(options_.rank);
  hello.size = static_cast<uint32_t>(options_.size);
  hello.port = static_cast<uint32_t>(port_);
  const std::string own = random_bytes();
  std::memcpy(hello.nonce, own.data(), kNonce);
  const bool asked = receive_all(socket, challenge.data(), kNonce, until_ns_, options_.on_wait);
  const std::string said = challenge + hello.signed_part();
  std::memcpy(hello.proof, mac("client" + said).data(), kProof);
  std::string answer(kProof, '\0');
  if (!asked || !send_all(socket, &hello, sizeof hello, until_ns_, options_.on_wait) ||
      !receive_all(socket, answer.data(), kProof, until_ns_, options_.on_wait))
    throw IoError(message(kName, ": rank ", to, " at ", host, ":", port, " does not take rank ",
                          options_.rank, " of ", options_.size,
                          ": another token or size, or the rank is taken, or it is gone"));
  if (!equal_in_constant_time(answer, mac("server" + said)))
    throw IoError(message(kName, ": who listens at ", host, ":", port, " does not know the token"));
  if (nonce != nullptr) *nonce = own;
  return socket;
}

void Rendezvous::send_table(std::vector<PeerLink>& links) {
  std::string table;
  for (int rank = 0; rank < options_.size; ++rank) {
    Address address{};
    if (rank > 0) {
      address.port = static_cast<uint32_t>(ports_[static_cast<size_t>(rank)]);
      const std::string host = links[static_cast<size_t>(rank)].control.peer_address().first;
      std::memcpy(address.host, host.data(), std::min(host.size(), sizeof address.host - 1));
    }
    table.append(reinterpret_cast<const char*>(&address), sizeof address);
  }
  for (int rank = 1; rank < options_.size; ++rank) {
    const std::string all = table + mac("table" + nonces_[static_cast<size_t>(rank)] + table);
    if (!send_all(links[static_cast<size_t>(rank)].control, all.data(), all.size(), until_ns_,
                  options_.on_wait))
      throw IoError(message(kName, ": rank ", rank, " is gone"));
  }
}

std::vector<Rendezvous::Address> Rendezvous::receive_table(const Socket& control,
                                                           const std::string& nonce) {
  std::vector<Address> out(static_cast<size_t>(options_.size));
  std::string table(out.size() * sizeof(Address), '\0');
  std::string proof(kProof, '\0');
  if (!receive_all(control, table.data(), table.size(), until_ns_, options_.on_wait) ||
      !receive_all(control, proof.data(), kProof, until_ns_, options_.on_wait))
    throw IoError(message(kName, ": rank 0 did not hear of all ", options_.size, " ranks within ",
                          options_.meet_ms, " ms, or is gone"));
  if (!equal_in_constant_time(proof, mac("table" + nonce + table)))
    throw IoError(message(kName, ": expected the addresses of the ranks from rank 0"));
  std::memcpy(out.data(), table.data(), table.size());
  for (Address& each : out) each.host[sizeof each.host - 1] = '\0';
  return out;
}

std::vector<PeerLink> Rendezvous::meet() {
  const auto size = static_cast<size_t>(options_.size);
  const int rank = options_.rank;
  until_ns_ = monotonic_ns() + int64_t{options_.meet_ms} * 1'000'000;
  nonces_.assign(size, {});
  ports_.assign(size, 0);
  std::vector<PeerLink> links(size);
  if (size == 1) return links;
  const auto all = [&](auto has) {
    return std::all_of(links.begin() + rank + 1, links.end(), has);
  };
  if (rank == 0) {
    accept_until(
        links, [&] { return all([](const PeerLink& l) { return static_cast<bool>(l.control); }); });
    send_table(links);
  } else {
    std::string nonce;
    links[0].control = introduce(options_.host, options_.port, 0, kControl, &nonce);
    const std::vector<Address> table = receive_table(links[0].control, nonce);
    links[0].data = introduce(options_.host, options_.port, 0, kData, nullptr);
    for (int to = 1; to < rank; ++to) {
      const Address& at = table[static_cast<size_t>(to)];
      PeerLink& link = links[static_cast<size_t>(to)];
      link.control = introduce(at.host, static_cast<int>(at.port), to, kControl, nullptr);
      link.data = introduce(at.host, static_cast<int>(at.port), to, kData, nullptr);
    }
  }
  accept_until(links, [&] {
    return all([](const PeerLink& l) {
      return static_cast<bool>(l.control) && static_cast<bool>(l.data);
    });
  });
  listener_.close();
  return links;
}

}  // namespace cne::tensor
