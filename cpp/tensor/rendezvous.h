#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/socket.h"

namespace cne::tensor {

/// How the ranks of a group move bytes: through memory of one machine, by TCP, or by memory where
/// all of them can open it.
enum class Transport : uint8_t { kAuto, kShared, kTcp };

/// Where the ranks meet, and how they know each other.
struct GroupOptions {
  int rank = 0;
  int size = 1;
  std::string host = "127.0.0.1";  // of rank 0, which listens there
  int port = 0;                    // rank 0: 0 for a free one
  std::string token;               // a secret of the ranks; others are turned away
  int meet_ms = 120000;            // for all ranks to come
  int timeout_ms = 120000;         // for one of them to answer
  Transport transport = Transport::kAuto;
  OnWait on_wait;  // as for sockets
};

/// Ranks there may be.
inline constexpr int kMostRanks = 256;

/// The two connections with another rank: what has gone wrong, and data.
struct PeerLink {
  Socket control;
  Socket data;
};

/// Makes connections between all ranks. Rank 0 listens at a known address; the others come to it
/// and are told each other's addresses. Rank r connects to all below it.
///
/// Who connects gets 32 random bytes, and says hello: "CNEPARL1", u32 kind (0 control, 1 data), u32
/// rank, u32 size, u32 port that it listens on, 32 random bytes, and HMAC-SHA256 by the token of
/// "client", the bytes it got and its hello. The answer is the HMAC of "server" and the same. Rank
/// 0 then sends to all, when it has heard of all, their addresses (u32 port, 60 bytes of host) and
/// the HMAC of "table", the random bytes of the hello, and these. All numbers are little-endian.
/// The token itself is never sent. What follows is neither encrypted nor signed.
class Rendezvous {
 public:
  /// Rank 0 listens at once. Throws ArgumentError for options that do not fit, IoError for an
  /// address that cannot be had.
  explicit Rendezvous(const GroupOptions& options);
  /// The port that rank 0 listens on, for the others.
  int port() const { return port_; }
  /// Links by rank; the own one is empty. Throws IoError naming a rank that does not come in time.
  std::vector<PeerLink> meet();
  /// Listens no more.
  void close() { listener_.close(); }

 private:
  struct Hello;
  struct Guest;
  struct Address;
  std::string mac(const std::string& what) const;
  void greet(std::vector<Guest>& guests, std::vector<PeerLink>& links);
  bool admit(Guest& guest, std::vector<PeerLink>& links);
  template <typename Done>
  void accept_until(std::vector<PeerLink>& links, const Done& done);
  Socket introduce(const std::string& host, int port, int to, uint32_t kind, std::string* nonce);
  void send_table(std::vector<PeerLink>& links);
  std::vector<Address> receive_table(const Socket& control, const std::string& nonce);
  [[noreturn]] void miss(const std::vector<PeerLink>& links) const;

  GroupOptions options_;
  int port_ = 0;
  Socket listener_;
  std::vector<std::string> nonces_;  // of the hellos of controls, by rank
  std::vector<int> ports_;
  int64_t until_ns_ = 0;
};

}  // namespace cne::tensor
