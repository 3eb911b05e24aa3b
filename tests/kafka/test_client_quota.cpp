#include <doctest/doctest.h>

#include <filesystem>

#include "core/error.h"
#include "core/file.h"
#include "kafka/quota_meter.h"

using namespace cne;
using namespace cne::kafka;

namespace {

const std::string kAlice = "alice", kBob = "bob", kApp = "app", kOther = "other";

struct Directory {
  std::string path = std::filesystem::temp_directory_path() / "cne_test_client_quota";
  Directory() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

QuotaEntity entity(std::optional<std::optional<std::string>> user,
                   std::optional<std::optional<std::string>> client_id) {
  QuotaEntity out;
  if (user) out.emplace(kQuotaUser, *user);
  if (client_id) out.emplace(kQuotaClientId, *client_id);
  return out;
}

}  // namespace

TEST_CASE("client quota: what goes over the rate rests until it is within") {
  Rate rate;
  // Ten whole seconds, and what has passed of this one.
  CHECK(rate.add(10'000, 1000, 100'000) == 0);
  CHECK(rate.add(500, 1000, 100'500) == 0);
  CHECK(rate.add(300, 1000, 100'500) == 300);
  // After it nothing is left of the rest, and what comes counts in full.
  CHECK(rate.add(0, 1000, 100'800) == 0);
  CHECK(rate.add(2000, 1000, 100'800) == 2000);
  // Of eleven seconds ago nothing counts.
  CHECK_FALSE(rate.is_over(110'999));
  CHECK(rate.is_over(111'000));
  CHECK(rate.add(10'000, 1000, 111'000) == 0);
  // A limit that is never met again is cut to what an answer can tell.
  CHECK(rate.add(1e18, 1e-9, 111'000) == std::numeric_limits<int32_t>::max());
}

TEST_CASE("client quota: the most particular one counts") {
  const Directory directory;
  QuotaStore store(directory.path);
  const std::optional<std::string> none;
  const std::string key(kProducerByteRate);
  const auto found = [&](const std::string& user, const std::string& client_id) {
    const auto limit = store.find(kProducerByteRate, user, client_id);
    return limit ? limit->value : 0.0;
  };
  CHECK(found(kAlice, kApp) == 0);
  // From the least to the most particular, each with a value of its own.
  const QuotaEntity order[] = {
      entity({}, none),   entity({}, kApp),   entity(none, {}),     entity(none, none),
      entity(none, kApp), entity(kAlice, {}), entity(kAlice, none), entity(kAlice, kApp),
  };
  double value = 0;
  for (const QuotaEntity& each : order) {
    store.change({{each, {{key, ++value}}}});
    CHECK(found(kAlice, kApp) == value);
  }
  CHECK(found(kAlice, kOther) == 7);
  CHECK(found(kBob, kApp) == 5);
  CHECK(found(kBob, kOther) == 4);
  CHECK_FALSE(store.find(kConsumerByteRate, kAlice, kApp));
  // A restart has the same.
  const QuotaStore again(directory.path);
  CHECK(again.list({}) == store.list({}));
  CHECK(again.list({}).size() == 8);
  for (const QuotaEntity& each : order) store.change({{each, {{key, std::nullopt}}}});
  CHECK(store.list({}).empty());
  CHECK(QuotaStore(directory.path).list({}).empty());
}

TEST_CASE("client quota: who shares a limit") {
  const Directory directory;
  QuotaStore store(directory.path);
  const std::string key(kProducerByteRate);
  const std::optional<std::string> none;
  const auto sharers = [&](const std::string& user, const std::string& client_id) {
    return store.find(kProducerByteRate, user, client_id)->sharers;
  };
  // Each client-id has the default for itself, whoever its user is.
  store.change({{entity({}, none), {{key, 1}}}});
  CHECK(sharers(kAlice, kApp) == sharers(kBob, kApp));
  CHECK(sharers(kAlice, kApp) != sharers(kAlice, kOther));
  // All clients of a user share that user's.
  store.change({{entity(none, {}), {{key, 1}}}});
  CHECK(sharers(kAlice, kApp) != sharers(kBob, kApp));
  CHECK(sharers(kAlice, kApp) == sharers(kAlice, kOther));
  store.change({{entity(none, none), {{key, 1}}}});
  CHECK(sharers(kAlice, kApp) != sharers(kBob, kApp));
  CHECK(sharers(kAlice, kApp) != sharers(kAlice, kOther));
}

TEST_CASE("client quota: a damaged file is told") {
  const Directory directory;
  QuotaStore(directory.path).change({{entity(kAlice, {}), {{std::string(kProducerByteRate), 5}}}});
  const std::string file = directory.path + "/broker.quotas";
  std::string text = read_file(file);
  CHECK(text.starts_with(R"({"entity":{"user":"alice"},"quotas":{"producer_byte_rate":5)"));
  text[12] ^= 1;
  write_file_atomic(file, text);
  CHECK_THROWS_AS(QuotaStore{directory.path}, CorruptionError);
}
