#include "core/logging.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/iso8601.h"
#include "core/json_writer.h"
#include "core/utf8.h"

namespace cne {

namespace {

constexpr std::array<const char*, 4> kNames = {"error", "warn", "info", "debug"};
constexpr size_t kMostText = 256;
constexpr size_t kMostLine = 4000;  // below PIPE_BUF: written in one piece
constexpr size_t kMostWaiting = 1024;
constexpr int64_t kBurst = 10;
constexpr int64_t kFarewellMs = 1000;

void put_escape(uint32_t unit, ByteBuffer& out) {
  char text[7];
  std::snprintf(text, sizeof text, "\\u%04x", unit);
  out.append(text, 6);
}

/// The character that begins at `at`, which moves behind it; U+FFFD for a byte that is none.
uint32_t next_character(std::string_view text, size_t& at) {
  const auto lead = static_cast<uint8_t>(text[at]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > text.size() || !is_utf8(text.substr(at, size))) {
    ++at;
    return 0xfffd;
  }
  uint32_t out = size == 1 ? lead : lead & (0xff >> (size + 1));
  for (size_t i = 1; i < size; ++i) out = out << 6 | (static_cast<uint8_t>(text[at + i]) & 0x3f);
  at += size;
  return out;
}

void put_text(std::string_view text, ByteBuffer& out) {
  const bool cut = text.size() > kMostText;
  if (cut) text = text.substr(0, kMostText);
  out.push('"');
  for (size_t at = 0; at < text.size();) {
    const uint32_t character = next_character(text, at);
    if (character == '"' || character == '\\') {
      out.push('\\');
      out.push(static_cast<char>(character));
    } else if (character >= 0x20 && character < 0x7f) {
      out.push(static_cast<char>(character));
    } else if (character < 0x10000) {
      put_escape(character, out);
    } else {
      put_escape(0xd800 + ((character - 0x10000) >> 10), out);
      put_escape(0xdc00 + ((character - 0x10000) & 0x3ff), out);
    }
  }
  if (cut) out.append("...");
  out.push('"');
}

}  // namespace

const char* level_name(LogLevel level) { return kNames[static_cast<size_t>(level)]; }

LogLevel parse_level(std::string_view name, const char* what) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<LogLevel>(i);
  throw ArgumentError(
      message(what, " to be error, warn, info or debug, got \"", std::string(name), "\""));
}

void EventFields::begin(std::string_view name) {
  text_.push(',');
  put_text(name, text_);
  text_.push(':');
}

EventFields& EventFields::add(std::string_view name, std::string_view value) {
  begin(name);
  put_text(value, text_);
  return *this;
}

EventFields& EventFields::add(std::string_view name, int64_t value) {
  begin(name);
  json_integer(value, text_);
  return *this;
}

EventFields& EventFields::add(std::string_view name, double value) {
  begin(name);
  json_number(value, text_);
  return *this;
}

struct Logger::State {
  /// Lines that may still be written, of one level.
  struct Bucket {
    double left = 0;
    int64_t since_ns = 0;
    int64_t suppressed = 0;
  };

  explicit State(Options with) : options(std::move(with)), owner(getpid()) {
    for (Bucket& bucket : buckets) {
      bucket.left = static_cast<double>(options.max_lines_per_s * kBurst);
      bucket.since_ns = monotonic_ns();
    }
    if (!options.file.empty()) open();
    thread = std::thread([this] { write_all(); });
  }

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      give_up_ns = monotonic_ns() + kFarewellMs * 1'000'000;
    }
    wake.notify_all();
    thread.join();
    if (descriptor != STDERR_FILENO) ::close(descriptor);
  }

  void open() {
    descriptor = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor < 0)
      throw IoError(message("logging: cannot open ", options.file, ": ", std::strerror(errno)));
    const off_t size = ::lseek(descriptor, 0, SEEK_END);
    file_bytes = std::max<int64_t>(size, 0);
  }

  /// Whether a line of the level may be written now. The mutex is held.
  bool may_write(Bucket& bucket) {
    const int64_t now = monotonic_ns();
    const auto rate = static_cast<double>(options.max_lines_per_s);
    bucket.left = std::min(bucket.left + static_cast<double>(now - bucket.since_ns) / 1e9 * rate,
                           rate * static_cast<double>(kBurst));
    bucket.since_ns = now;
    if (bucket.left < 1 || lines.size() >= kMostWaiting) return false;
    bucket.left -= 1;
    return true;
  }

  void write_all() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return stopping || !lines.empty(); });
      if (lines.empty()) return;
      const std::string line = std::move(lines.front());
      lines.pop_front();
      lock.unlock();
      write(line);
      lock.lock();
    }
  }

  void write(const std::string& line) {
    if (descriptor != STDERR_FILENO &&
        file_bytes + static_cast<int64_t>(line.size()) > options.max_file_bytes)
      rotate();
    if (descriptor < 0) return;
    for (size_t at = 0; at < line.size();) {
      pollfd wait{descriptor, POLLOUT, 0};
      const int ready = ::poll(&wait, 1, 100);
      if (stopping && monotonic_ns() > give_up_ns) return;
      if (ready <= 0) continue;
      const ssize_t done = ::write(descriptor, line.data() + at, line.size() - at);
      if (done < 0 && errno != EINTR && errno != EAGAIN) return;  // a full disk, a closed terminal
      at += static_cast<size_t>(std::max<ssize_t>(done, 0));
    }
    file_bytes += static_cast<int64_t>(line.size());
  }

  void rotate() {
    ::close(descriptor);
    descriptor = -1;
    ::rename(options.file.c_str(), (options.file + ".1").c_str());
    try {
      open();
      if (file_bytes > 0 && ::ftruncate(descriptor, 0) == 0) file_bytes = 0;  // it was not renamed
    } catch (const IoError&) {
      // Lines are lost until the broker is started again; it goes on without them.
    }
  }

  const Options options;
  const pid_t owner;
  int descriptor = STDERR_FILENO;  // of the thread from here on
  int64_t file_bytes = 0;
  std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::deque<std::string> lines;
  std::array<Bucket, kNames.size()> buckets;
  std::atomic<bool> stopping{false};
  std::atomic<int64_t> give_up_ns{0};
  std::thread thread;
};

Logger::Logger(Options options)
    : level_(options.level), state_(std::make_unique<State>(std::move(options))) {}

Logger::~Logger() {
  // In a forked child there is no thread to end, and what waited for it cannot be destroyed.
  if (getpid() != state_->owner) static_cast<void>(state_.release());
}

void Logger::tell(LogLevel level, std::string_view event, const EventFields& fields) {
  if (!wants(level) || getpid() != state_->owner) return;
  ByteBuffer line;
  line.append("{\"time\":");
  json_timestamp(state_->options.clock->now_ms(), TimeUnit::kMilli, true, line);
  line.append(",\"level\":\"");
  line.append(level_name(level));
  line.append("\",\"event\":");
  put_text(event, line);
  if (fields.text().size() < kMostLine) line.append(fields.text());
  {
    const std::lock_guard lock(state_->mutex);
    State::Bucket& bucket = state_->buckets[static_cast<size_t>(level)];
    if (!state_->may_write(bucket)) {
      ++bucket.suppressed;
      return;
    }
    if (const int64_t count = std::exchange(bucket.suppressed, 0); count > 0) {
      line.append(",\"suppressed\":");
      json_integer(count, line);
    }
    line.append("}\n");
    state_->lines.emplace_back(line.view());
  }
  state_->wake.notify_one();
}

}  // namespace cne
