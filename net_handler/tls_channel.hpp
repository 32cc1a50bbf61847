#pragma once
#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace runtime::net {

/// Files in PEM format.
struct TlsFiles {
    std::string certificate;  ///< one's own, followed by those between it and the authority, if any
    std::string key;          ///< that belongs to it, not encrypted
    std::string authority;    ///< whose certificates the other side may have
};

/// What all TLS connections of one side share. TLS 1.2 or later; the other side must show a certificate of
/// the authority that is made for its role (server or client), or nothing that it sends is ever seen. Names
/// in certificates are not compared: a robot is often reached by its address, and whom the authority trusts
/// is trusted. A server takes certificates that are not yet valid by its clock, since a robot's may be
/// behind; neither side takes one that is valid no longer.
class TlsContext {
  public:
    enum class Role : std::uint8_t { server, client };

    /// Throws std::runtime_error with one line that names the file and what is wrong with it.
    TlsContext(Role role, const TlsFiles& files);

    Role role() const noexcept { return role_; }
    SSL_CTX* get() const noexcept { return context_.get(); }

  private:
    Role role_;
    struct Free {
        void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

/// TLS without I/O: what the network brings goes in, what the network is to carry comes out.
///
///     channel.receive(bytes);                              // from the network
///     while (const auto count = channel.read(space)) …     // what the other side has said
///     channel.write(text);
///     … channel.take_output()                              // to the network, after each of the above
class TlsChannel {
  public:
    /// The context must outlive it. Throws std::bad_alloc.
    explicit TlsChannel(const TlsContext& context);

    /// What has come from the network. At most max_receive bytes at a time.
    void receive(std::span<const std::uint8_t> bytes);
    /// Fills `space` with what the other side has said; 0: there is no more for now, or it has failed.
    std::size_t read(std::span<std::uint8_t> space);
    /// What the other side is to be told. Only once established.
    void write(std::span<const std::uint8_t> bytes);

    /// Whether a record has begun that has not come whole.
    bool in_record() const noexcept { return record_left_ > 0 || !header_.empty(); }
    /// Whether one has ended within the bytes that came last.
    bool record_ended() const noexcept { return record_ended_; }

    /// The handshake is done: the other side has shown a certificate that counts.
    bool established() const noexcept { return established_; }
    /// The connection is to be closed, after what is in the output has been tried to be sent: it says why.
    bool failed() const noexcept { return failed_; }
    /// Why, for people; empty where the other side has just ended it.
    const std::string& failure() const noexcept { return failure_; }

    bool has_output() const noexcept { return !output_.empty(); }
    /// What the network is to carry; it is empty then.
    std::vector<std::uint8_t> take_output() { return std::exchange(output_, {}); }
    const std::vector<std::uint8_t>& output() const noexcept { return output_; }
    /// The first `count` bytes of the output have been sent.
    void sent(std::size_t count);

    /// OpenSSL's own object; it stays the channel's.
    SSL* ssl() const noexcept { return ssl_.get(); }

    static constexpr std::size_t max_receive = 16384;
    /// What may wait to be sent: above the largest packet. The other side can make TLS answer; one that does
    /// and reads nothing is given up.
    static constexpr std::size_t max_output = std::size_t{128} * 1024;

  private:
    void follow_records(std::span<const std::uint8_t> bytes) noexcept;
    void go_on();
    void collect_output();
    void fail(int result);

    struct Free {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };
    std::unique_ptr<SSL, Free> ssl_;
    BIO* in_;   // owned by ssl_
    BIO* out_;  // owned by ssl_
    std::vector<std::uint8_t> output_;
    std::string header_;           // of a record, as far as it has come
    std::size_t record_left_ = 0;  // bytes of a record that have not come
    bool record_ended_ = false;
    bool established_ = false;
    bool failed_ = false;
    std::string failure_;
};

}  // namespace runtime::net
