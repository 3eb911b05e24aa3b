#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace cne::kafka {

/// The rules by which the name in a client's certificate becomes the name of a user
/// (ssl.principal.mapping.rules, KIP-371): "RULE:pattern/replacement/", with L or U behind it for
/// lower or upper case, and "DEFAULT" for the name as it is, with commas between them. The first
/// rule whose pattern matches the whole name is taken; without one the name stays.
class PrincipalMapping {
 public:
  /// Throws ArgumentError for rules that are none.
  explicit PrincipalMapping(std::string_view rules);
  ~PrincipalMapping();

  std::string user_of(const std::string& name) const;

 private:
  struct Rules;
  std::unique_ptr<const Rules> rules_;
};

}  // namespace cne::kafka
