#pragma once
#include <string>
#include <vector>

namespace runtime::test {

/// A team's certificates, made by make-certificates in a directory of their own that goes with the
/// object: ca, robot, and `driver`. Throws std::runtime_error with what the script says if that fails.
class Certificates {
  public:
    Certificates();
    ~Certificates();
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    /// The certificate, or the key, of a name.
    std::string pem(const std::string& name) const { return directory_ + "/" + name + ".pem"; }
    std::string key(const std::string& name) const { return directory_ + "/" + name + ".key"; }
    const std::string& directory() const noexcept { return directory_; }

  private:
    std::string directory_;
};

}  // namespace runtime::test
