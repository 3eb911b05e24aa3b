#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cne::frame {

/// When the offset of a zone from UTC changes: the file format of RFC 8536 (TZif), and the rule at
/// its end (POSIX TZ) for the years that it does not list. Immutable.
class TimeZone {
 public:
  /// A fixed offset.
  explicit TimeZone(int64_t offset_s = 0) : offsets_{offset_s} {}
  /// Reads the bytes of a TZif file. Throws CorruptionError that names `name`.
  static TimeZone parse(const std::string& bytes, const std::string& name);

  /// Seconds to add to UTC at an instant (seconds since 1970) to get the wall clock.
  int64_t offset_at(int64_t utc_s) const;
  /// The instant of a wall-clock time: the earlier one of two, with the offset before a gap.
  int64_t to_utc(int64_t local_s) const;
  /// When the wall clock first shows `local_s`; the moment of the change for a time that is
  /// skipped.
  int64_t first_instant(int64_t local_s) const;
  bool is_utc() const { return changes_.empty() && !has_rule_ && offsets_[0] == 0; }

  /// A day of the year by a rule, and the second of it at which the offset changes.
  struct RuleDay {
    char kind = 'M';  // M: weekday `day` of week `week` of `month`; J: day 1-365 but 29 February;
                      // 0: day 0-365
    int month = 1;
    int week = 1;
    int day = 0;
    int64_t second = 7200;
  };

 private:
  void parse_rule(const std::string& text, const std::string& name);
  int64_t rule_offset(int64_t utc_s) const;

  std::vector<int64_t> changes_;  // instants, ascending
  std::vector<int64_t> offsets_;  // one more: before the first, then from each on
  bool has_rule_ = false;
  bool rule_saves_ = false;  // the rule has a second offset
  int64_t standard_ = 0;
  int64_t daylight_ = 0;
  RuleDay start_;
  RuleDay end_;
};

/// The zone of an IANA name ("America/New_York"), "UTC", "" (as UTC) or a fixed "+02:00". Files are
/// looked for in the folders of set_zone_folders and /usr/share/zoneinfo, and kept in memory.
/// Throws NotFoundError naming `function`.
const TimeZone& find_zone(const std::string& name, const char* function);

/// Where to look for zone files, before the system's folder.
void set_zone_folders(std::vector<std::string> folders);

}  // namespace cne::frame
