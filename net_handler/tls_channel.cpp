#include "net_handler/tls_channel.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace runtime::net {
namespace {

/// u8 type, u16 version, u16 length (big-endian); TLS 1.3, RFC 8446, 5.1, and every version before.
constexpr std::size_t record_header = 5;

/// The first error that OpenSSL has noted, for people.
std::string noted_error() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "unknown error" : reason;
}

void require_readable(const char* what, const std::string& file) {
    std::FILE* opened = std::fopen(file.c_str(), "re");
    if (opened == nullptr)
        throw std::runtime_error(std::string("the TLS ") + what + " " + file +
                                 " cannot be read: " + std::strerror(errno));
    std::fclose(opened);
}

void require(int success, const char* what, const std::string& file) {
    if (success != 1)
        throw std::runtime_error(std::string("the TLS ") + what + " " + file +
                                 " cannot be used: " + noted_error());
}

/// For the robot: its computer has no clock that goes on without power, and starts with a time that has been.
int accept_from_the_future(int valid, X509_STORE_CTX* context) {
    if (X509_STORE_CTX_get_error(context) != X509_V_ERR_CERT_NOT_YET_VALID)
        return valid;
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

}  // namespace

TlsContext::TlsContext(Role role, const TlsFiles& files)
    : role_(role), context_(SSL_CTX_new(role == Role::server ? TLS_server_method() : TLS_client_method())) {
    if (!context_)
        throw std::runtime_error("TLS cannot be used: " + noted_error());
    require_readable("certificate", files.certificate);
    require_readable("key", files.key);
    require_readable("certificate authority", files.authority);
    ERR_clear_error();
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // No session is resumed, so that each connection shows its certificate.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // A passphrase would be asked for on the terminal.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
    require(SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()), "certificate",
            files.certificate);
    require(SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM), "key", files.key);
    require(SSL_CTX_load_verify_locations(context, files.authority.c_str(), nullptr), "certificate authority",
            files.authority);
    // OpenSSL compares the purpose of the other side's certificate with its role by itself.
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       role == Role::server ? accept_from_the_future : nullptr);
    if (role == Role::server)
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.authority.c_str()));
}

TlsChannel::TlsChannel(const TlsContext& context)
    : ssl_(SSL_new(context.get())), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    if (!ssl_ || in_ == nullptr || out_ == nullptr) {
        BIO_free(in_);
        BIO_free(out_);
        throw std::bad_alloc();
    }
    SSL_set_bio(ssl_.get(), in_, out_);
    if (context.role() == TlsContext::Role::server) {
        SSL_set_accept_state(ssl_.get());
    } else {
        SSL_set_connect_state(ssl_.get());
        go_on();
    }
}

void TlsChannel::go_on() {
    if (established_ || failed_)
        return;
    ERR_clear_error();
    if (const int result = SSL_do_handshake(ssl_.get()); result == 1)
        established_ = true;
    else
        fail(result);
    collect_output();
}

void TlsChannel::follow_records(std::span<const std::uint8_t> bytes) noexcept {
    record_ended_ = false;
    while (!bytes.empty()) {
        if (record_left_ == 0) {
            header_ += static_cast<char>(bytes[0]);
            bytes = bytes.subspan(1);
            if (header_.size() < record_header)
                continue;
            record_left_ = static_cast<std::size_t>(static_cast<std::uint8_t>(header_[3])) << 8 |
                           static_cast<std::uint8_t>(header_[4]);
            header_.clear();
        }
        const std::size_t count = std::min(record_left_, bytes.size());
        bytes = bytes.subspan(count);
        record_left_ -= count;
        record_ended_ = record_ended_ || record_left_ == 0;
    }
}

void TlsChannel::receive(std::span<const std::uint8_t> bytes) {
    if (failed_)
        return;
    // A memory BIO takes everything, or there is no memory.
    if (BIO_write(in_, bytes.data(), static_cast<int>(bytes.size())) != static_cast<int>(bytes.size()))
        throw std::bad_alloc();
    follow_records(bytes);
    go_on();
}

std::size_t TlsChannel::read(std::span<std::uint8_t> space) {
    if (!established_ || failed_)
        return 0;
    ERR_clear_error();
    std::size_t count = 0;
    if (const int result = SSL_read_ex(ssl_.get(), space.data(), space.size(), &count); result != 1) {
        fail(result);
        count = 0;
    }
    collect_output();
    return count;
}

void TlsChannel::write(std::span<const std::uint8_t> bytes) {
    if (!established_ || failed_ || bytes.empty())
        return;
    ERR_clear_error();
    std::size_t count = 0;
    if (const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count); result != 1)
        fail(result);
    collect_output();
}

void TlsChannel::sent(std::size_t count) {
    output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(count));
}

void TlsChannel::collect_output() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    if (size <= 0)
        return;
    output_.insert(output_.end(), data, data + size);
    BIO_reset(out_);
    if (output_.size() > max_output && !failed_) {
        failed_ = true;
        failure_ = "it does not read what TLS answers";
    }
}

void TlsChannel::fail(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return;
    failed_ = true;
    if (error == SSL_ERROR_ZERO_RETURN)
        return;
    const long verified = SSL_get_verify_result(ssl_.get());
    failure_ = verified != X509_V_OK ? X509_verify_cert_error_string(verified) : noted_error();
    ERR_clear_error();
}

}  // namespace runtime::net
