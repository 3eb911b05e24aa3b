#include "frame/time_zone.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/fork_guard.h"
#include "frame/calendar.h"

namespace cne::frame {

namespace {

/// A walk over bytes, most significant byte first; running over the end is an error.
struct Reader {
  const std::string& bytes;
  const std::string& name;
  size_t at = 0;

  [[noreturn]] void fail() const {
    throw CorruptionError(
        message("time zone: the file of \"", name, "\" is malformed at byte ", at));
  }
  const char* take(size_t n) {
    if (n > bytes.size() - at) fail();
    at += n;
    return bytes.data() + at - n;
  }
  int64_t number(size_t n) {
    uint64_t out = 0;
    const char* p = take(n);
    for (size_t i = 0; i < n; ++i) out = (out << 8) | static_cast<uint8_t>(p[i]);
    const auto shift = 64 - 8 * n;
    return static_cast<int64_t>(out << shift) >> shift;
  }
};

struct Header {
  int version;
  size_t utc, standard, leaps, changes, types, chars;
};

Header read_header(Reader& in) {
  if (std::memcmp(in.take(4), "TZif", 4) != 0) in.fail();
  Header out;
  out.version = in.take(1)[0];
  in.take(15);
  for (size_t* count :
       {&out.utc, &out.standard, &out.leaps, &out.changes, &out.types, &out.chars}) {
    const int64_t n = in.number(4);
    if (n < 0 || n > 1'000'000) in.fail();
    *count = static_cast<size_t>(n);
  }
  if (out.types == 0) in.fail();
  return out;
}

/// The parts of a POSIX TZ rule: "EST5EDT,M3.2.0,M11.1.0".
struct RuleText {
  const std::string& text;
  const std::string& name;
  size_t at = 0;

  [[noreturn]] void fail() const {
    throw CorruptionError(
        message("time zone: the rule \"", text, "\" of \"", name, "\" is malformed"));
  }
  bool end() const { return at == text.size(); }
  bool take(char c) {
    if (end() || text[at] != c) return false;
    ++at;
    return true;
  }
  void skip_name() {
    const size_t begin = at;
    if (take('<')) {
      while (!end() && text[at] != '>') ++at;
      if (!take('>')) fail();
      return;
    }
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    while (!end() && letter(text[at])) ++at;
    if (at == begin) fail();
  }
  int number() {
    const size_t begin = at;
    int out = 0;
    while (!end() && text[at] >= '0' && text[at] <= '9' && out < 10000)
      out = out * 10 + (text[at++] - '0');
    if (at == begin) fail();
    return out;
  }
  int64_t seconds() {
    const int64_t sign = take('-') ? -1 : 1;
    take('+');
    int64_t out = number() * 3600;
    if (take(':')) out += number() * 60;
    if (take(':')) out += number();
    return sign * out;
  }
  TimeZone::RuleDay day() {
    TimeZone::RuleDay out;
    if (take('M')) {
      out.month = number();
      if (!take('.')) fail();
      out.week = number();
      if (!take('.')) fail();
      out.day = number();
      if (out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 || out.day > 6) fail();
    } else {
      out.kind = take('J') ? 'J' : '0';
      out.day = number();
      if (out.day > 366) fail();
    }
    if (take('/')) out.second = seconds();
    return out;
  }
};

/// The wall-clock second (since 1970) at which a rule's day begins its change in a year.
int64_t rule_second(const TimeZone::RuleDay& rule, int64_t year) {
  int64_t days;
  if (rule.kind == 'M') {
    const int64_t first = days_from_civil(year, rule.month, 1);
    const int64_t weekday = floor_mod(first + 4, 7);  // Sunday is 0
    int64_t day = 1 + floor_mod(rule.day - weekday, 7) + 7 * (rule.week - 1);
    while (day > days_in_month(year, rule.month)) day -= 7;
    days = first + day - 1;
  } else {
    days = days_from_civil(year, 1, 1) + rule.day;
    if (rule.kind == 'J') days += (is_leap(year) && rule.day >= 60) - 1;
  }
  return days * 86400 + rule.second;
}

}  // namespace

void TimeZone::parse_rule(const std::string& text, const std::string& name) {
  if (text.empty()) return;
  RuleText in{text, name};
  has_rule_ = true;
  in.skip_name();
  standard_ = -in.seconds();
  if (in.end()) return;
  in.skip_name();
  daylight_ = standard_ + 3600;
  if (!in.end() && text[in.at] != ',') daylight_ = -in.seconds();
  if (!in.take(',')) in.fail();
  start_ = in.day();
  if (!in.take(',')) in.fail();
  end_ = in.day();
  if (!in.end()) in.fail();
  rule_saves_ = true;
}

TimeZone TimeZone::parse(const std::string& bytes, const std::string& name) {
  Reader in{bytes, name};
  Header header = read_header(in);
  size_t width = 4;
  if (header.version >= '2') {
    in.take(header.changes * 5 + header.types * 6 + header.chars + header.leaps * 8 +
            header.standard + header.utc);
    header = read_header(in);
    width = 8;
  }
  TimeZone out;
  for (size_t i = 0; i < header.changes; ++i) {
    out.changes_.push_back(in.number(width));
    if (i > 0 && out.changes_[i] <= out.changes_[i - 1]) in.fail();
  }
  const char* kinds = in.take(header.changes);
  std::vector<int64_t> offsets;
  for (size_t i = 0; i < header.types; ++i) {
    offsets.push_back(in.number(4));
    if (offsets.back() < -90000 || offsets.back() > 90000) in.fail();
    in.take(2);
  }
  in.take(header.chars + header.leaps * (width + 4) + header.standard + header.utc);
  out.offsets_ = {offsets[0]};
  for (size_t i = 0; i < header.changes; ++i) {
    const auto kind = static_cast<uint8_t>(kinds[i]);
    if (kind >= offsets.size()) in.fail();
    out.offsets_.push_back(offsets[kind]);
  }
  if (width == 8) {
    if (*in.take(1) != '\n') in.fail();
    const size_t end = bytes.find('\n', in.at);
    if (end == std::string::npos) in.fail();
    out.parse_rule(bytes.substr(in.at, end - in.at), name);
  }
  return out;
}

int64_t TimeZone::rule_offset(int64_t utc_s) const {
  if (!rule_saves_) return standard_;
  // The calendar repeats every 400 years, so that any second can be counted with.
  constexpr int64_t kEra = int64_t{146097} * 86400;
  if (utc_s > kEra || utc_s < -kEra) utc_s %= kEra;
  const int64_t year = civil_from_days(floor_div(utc_s + standard_, 86400)).year;
  const int64_t start = rule_second(start_, year) - standard_;
  const int64_t end = rule_second(end_, year) - daylight_;
  // South of the equator summer time runs over the end of the year.
  const bool saving = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
  return saving ? daylight_ : standard_;
}

int64_t TimeZone::offset_at(int64_t utc_s) const {
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), utc_s);
  if (next == changes_.end() && has_rule_) return rule_offset(utc_s);
  return offsets_[static_cast<size_t>(next - changes_.begin())];
}

int64_t TimeZone::to_utc(int64_t local_s) const {
  // Offsets a day before and after are those around any change near this time.
  const int64_t before = offset_at(local_s - 86400);
  const int64_t after = offset_at(local_s + 86400);
  const int64_t early = local_s - std::max(before, after);
  const int64_t late = local_s - std::min(before, after);
  if (offset_at(early) == local_s - early) return early;
  if (offset_at(late) == local_s - late) return late;
  return local_s - before;
}

int64_t TimeZone::first_instant(int64_t local_s) const {
  int64_t high = to_utc(local_s);
  const int64_t before = local_s - high;
  if (offset_at(high) == before) return high;
  // In a gap: with the offset behind it the time would be an instant before the change.
  int64_t low = local_s - offset_at(high);
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (offset_at(middle) == before ? low : high) = middle;
  }
  return high;
}

namespace {

constinit std::mutex g_mutex;
const ForkGuard g_over_forks(g_mutex);
std::vector<std::string> g_folders;

std::map<std::string, std::unique_ptr<TimeZone>>& zones() {
  static auto* out = new std::map<std::string, std::unique_ptr<TimeZone>>();
  return *out;
}

std::optional<std::string> read_whole(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return std::nullopt;
  std::string out;
  char part[4096];
  for (size_t n; (n = std::fread(part, 1, sizeof part, file)) > 0;) out.append(part, n);
  std::fclose(file);
  return out;
}

/// "+hh:mm" or "-hh:mm".
std::optional<int64_t> fixed_offset(const std::string& name) {
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return std::nullopt;
  int64_t out = 0;
  for (const size_t i : {1, 2, 4, 5})
    if (name[i] < '0' || name[i] > '9') return std::nullopt;
  out = ((name[1] - '0') * 10 + name[2] - '0') * 3600 + ((name[4] - '0') * 10 + name[5] - '0') * 60;
  return name[0] == '-' ? -out : out;
}

/// Names such as "../../etc/passwd" are no zones.
bool plain_name(const std::string& name) {
  if (name.empty() || name.size() > 100 || name[0] == '/') return false;
  for (const char c : name)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' ||
          c == '_' || c == '-' || c == '+'))
      return false;
  return true;
}

}  // namespace

void set_zone_folders(std::vector<std::string> folders) {
  const std::lock_guard lock(g_mutex);
  g_folders = std::move(folders);
}

const TimeZone& find_zone(const std::string& name, const char* function) {
  static const TimeZone utc;
  if (name.empty() || name == "UTC" || name == "Z" || name == "Etc/UTC") return utc;
  const std::lock_guard lock(g_mutex);
  std::unique_ptr<TimeZone>& zone = zones()[name];
  if (zone) return *zone;
  if (const auto offset = fixed_offset(name)) {
    zone = std::make_unique<TimeZone>(*offset);
    return *zone;
  }
  std::vector<std::string> folders = g_folders;
  folders.emplace_back("/usr/share/zoneinfo");
  if (plain_name(name))
    for (const std::string& folder : folders)
      if (const auto bytes = read_whole(folder + "/" + name); bytes && !bytes->empty()) {
        zone = std::make_unique<TimeZone>(TimeZone::parse(*bytes, name));
        return *zone;
      }
  zones().erase(name);
  throw NotFoundError(message(function, ": no time zone \"", name,
                              "\"; expected an IANA name such as \"America/New_York\" (pip install "
                              "tzdata where the system has none)"));
}

}  // namespace cne::frame
