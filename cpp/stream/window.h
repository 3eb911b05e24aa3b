#pragma once

#include <cstdint>
#include <string>

namespace cne::stream {

/// Which windows an event belongs to, by its event time in ms since 1970 (UTC).
struct WindowSpec {
  enum class Kind : uint8_t {
    kNone,     // no windows: one state a key for all time, emitted at each record
    kSliding,  // [offset + k*slide, offset + k*slide + size) for every k; tumbling: slide == size
    kSession,  // events of a key less than `gap` apart; ends `gap` after the last one
  };
  /// When a window's result is emitted first: the watermark, or the clock, has reached its end.
  enum class Emit : uint8_t { kWatermark, kClock };

  Kind kind = Kind::kNone;
  Emit emit = Emit::kWatermark;
  int64_t size_ms = 0;
  int64_t slide_ms = 0;
  int64_t offset_ms = 0;
  int64_t gap_ms = 0;
  int64_t lateness_ms = 0;
};

WindowSpec tumbling(int64_t size_ms, int64_t offset_ms = 0);
WindowSpec sliding(int64_t size_ms, int64_t slide_ms, int64_t offset_ms = 0);
WindowSpec session(int64_t gap_ms);

/// Throws ArgumentError when a length is not positive, the slide is longer than the size, or the
/// lateness is negative.
void check_window(const WindowSpec& spec, const char* function);

/// As in `sliding(21600000 ms, 600000 ms), lateness 0 ms, emit clock`: part of a checkpoint's
/// description of its job.
std::string to_string(const WindowSpec& spec);

}  // namespace cne::stream
