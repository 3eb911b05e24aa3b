#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/byte_buffer.h"
#include "core/clock.h"

namespace cne {

enum class LogLevel : uint8_t { kError, kWarn, kInfo, kDebug };

/// "error", "warn", "info", "debug".
const char* level_name(LogLevel level);
/// Throws ArgumentError, which begins with `what`, for another name.
LogLevel parse_level(std::string_view name, const char* what);

/// The fields of one event: JSON in ASCII. Text from outside is safe in it: it is cut at 256 bytes,
/// what is no letter of ASCII is escaped, and bytes that are no UTF-8 are U+FFFD.
class EventFields {
 public:
  EventFields& add(std::string_view name, std::string_view value);
  EventFields& add(std::string_view name, const char* value) {
    return add(name, std::string_view(value));
  }
  EventFields& add(std::string_view name, int64_t value);
  EventFields& add(std::string_view name, double value);
  std::string_view text() const { return text_.view(); }

 private:
  void begin(std::string_view name);
  ByteBuffer text_;
};

/// Events as lines of JSON in a file or on the standard error, written by a thread of its own.
///
/// Whoever tells an event never waits: lines beyond the rate of their level, and those for which a
/// slow disk or terminal leaves no room, are dropped, and the next line says how many
/// (`suppressed`). A file that grows over `max_file_bytes` becomes `<file>.1` in place of the one
/// before it. So neither time nor the disk can be used up from outside. Thread safe; a forked child
/// writes nothing.
class Logger {
 public:
  struct Options {
    LogLevel level = LogLevel::kWarn;
    std::string file;  // empty: the standard error
    int64_t max_file_bytes = 64 << 20;
    int64_t max_lines_per_s = 100;  // of each level, and ten times as many at once
    const Clock* clock = &system_clock();
  };
  /// Throws IoError when the file cannot be opened.
  explicit Logger(Options options);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  /// Writes what is waiting, for at most a second.
  ~Logger();

  /// Whether an event of this level is written: ask before making its fields.
  bool wants(LogLevel level) const { return level <= level_; }
  void tell(LogLevel level, std::string_view event, const EventFields& fields);

 private:
  struct State;
  const LogLevel level_;
  std::unique_ptr<State> state_;
};

}  // namespace cne
