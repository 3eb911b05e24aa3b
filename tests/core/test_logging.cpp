#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/logging.h"
#include "scratch.h"

using namespace cne;

namespace {

std::string field(std::string_view value) {
  EventFields fields;
  fields.add("a", value);
  return std::string(fields.text());
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> out;
  if (!file_exists(path)) return out;
  const std::string text = read_file(path);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("logging: text from outside is ASCII in one line") {
  CHECK(field("plain") == ",\"a\":\"plain\"");
  CHECK(field("\"\\\n\r\x1b[2J\x7f") == ",\"a\":\"\\\"\\\\\\u000a\\u000d\\u001b[2J\\u007f\"");
  CHECK(field("\xc3\xbc") == ",\"a\":\"\\u00fc\"");
  CHECK(field("\xf0\x9f\x98\x80") == ",\"a\":\"\\ud83d\\ude00\"");
  CHECK(field("\xff|\xc3|\xed\xa0\x80") == ",\"a\":\"\\ufffd|\\ufffd|\\ufffd\\ufffd\\ufffd\"");
  CHECK(field(std::string_view("\0", 1)) == ",\"a\":\"\\u0000\"");
  CHECK(field(std::string(300, 'x')) == ",\"a\":\"" + std::string(256, 'x') + "...\"");
}

TEST_CASE("logging: a line an event, of the levels that are wanted") {
  const Scratch scratch;
  const ManualClock clock(1'700'000'000'123);
  Logger::Options options;
  options.level = LogLevel::kInfo;
  options.file = scratch.at("log");
  options.clock = &clock;
  {
    Logger logger(options);
    CHECK(logger.wants(LogLevel::kError));
    CHECK_FALSE(logger.wants(LogLevel::kDebug));
    logger.tell(LogLevel::kInfo, "one", EventFields().add("n", int64_t{-5}).add("x", 1.5));
    logger.tell(LogLevel::kDebug, "two", {});
    logger.tell(LogLevel::kWarn, "three", {});
  }
  CHECK(lines_of(options.file) ==
        std::vector<std::string>{
            R"({"time":"2023-11-14T22:13:20.123Z","level":"info","event":"one","n":-5,"x":1.5})",
            R"({"time":"2023-11-14T22:13:20.123Z","level":"warn","event":"three"})"});
}

TEST_CASE("logging: lines beyond the rate are counted, those of other levels come") {
  const Scratch scratch;
  Logger::Options options;
  options.file = scratch.at("log");
  options.max_lines_per_s = 1;
  {
    Logger logger(options);
    for (int i = 0; i < 50; ++i) logger.tell(LogLevel::kWarn, "often", {});
    logger.tell(LogLevel::kError, "rare", {});
  }
  const auto lines = lines_of(options.file);
  CHECK(lines.size() >= 11);
  CHECK(lines.size() <= 20);  // more than ten only when the loop took seconds
  CHECK(lines.back().find("\"rare\"") != std::string::npos);
}

TEST_CASE("logging: files do not grow over their limit") {
  const Scratch scratch;
  Logger::Options options;
  options.file = scratch.at("log");
  options.max_lines_per_s = 1000;
  options.max_file_bytes = 4096;
  {
    Logger logger(options);
    for (int i = 0; i < 500; ++i)
      logger.tell(LogLevel::kWarn, "event", EventFields().add("n", int64_t{i}));
  }
  CHECK(file_size(options.file) <= 4096);
  CHECK(file_size(options.file + ".1") <= 4096);
  CHECK(lines_of(options.file).back().find("\"n\":499") != std::string::npos);
}

TEST_CASE("logging: levels by name") {
  CHECK(parse_level("warn", "x") == LogLevel::kWarn);
  CHECK_THROWS_WITH_AS(parse_level("loud", "test: expected a level"),
                       "test: expected a level to be error, warn, info or debug, got \"loud\"",
                       ArgumentError);
  Logger::Options options;
  options.file = "/nowhere/log";
  CHECK_THROWS_AS(Logger{options}, IoError);
}
