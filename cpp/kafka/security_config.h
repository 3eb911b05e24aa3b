#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cne::kafka {

/// The settings of TLS, SASL and rules, under Kafka's names. Those of listeners can be given for
/// one listener, and for one of its mechanisms: `listener.name.internal.ssl.client.auth`,
/// `listener.name.internal.plain.sasl.jaas.config`.
class SecurityConfig {
 public:
  enum class Type { kString, kBoolean, kInt };
  struct Setting {
    const char* name;
    const char* standard;
    Type type = Type::kString;
    bool of_listener = false;
    bool secret = false;
    const char* documentation = "";
  };
  /// By name.
  static const std::vector<Setting>& settings();
  /// The setting of a name, which may be that of a listener; null when there is none.
  static const Setting* find(std::string_view name);

  /// Throws ArgumentError for a name that is none or a value that it cannot have.
  void set(std::string_view name, std::string_view value);

  /// The value for a mechanism of a listener, else for the listener, else for all.
  std::string get(std::string_view name, std::string_view listener = {},
                  std::string_view mechanism = {}) const;
  int64_t get_int(std::string_view name, std::string_view listener = {},
                  std::string_view mechanism = {}) const;
  bool get_bool(std::string_view name) const { return get(name) == "true"; }
  /// Of a list with commas, without the spaces around the parts.
  std::vector<std::string> get_list(std::string_view name, std::string_view listener = {}) const;
  bool is_set(std::string_view name, std::string_view listener) const;

  struct Entry {
    std::string name;
    std::string value;  // empty for a secret
    bool is_default;
    const char* type;  // "int", "boolean", "string"
    const char* documentation;
    bool is_secret;
  };
  /// Every setting, and what was set for listeners.
  std::vector<Entry> entries() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// The parts between `separator`, without spaces around them; empty ones are left out.
std::vector<std::string> split_list(std::string_view text, char separator);

}  // namespace cne::kafka
