#include "support/smtp_sink.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "support/free_port.hpp"

namespace evently::testing {
namespace {

constexpr std::chrono::seconds kLimit{20};

}  // namespace

SmtpSink::SmtpSink(const std::vector<std::string>& security) : port_(free_port()) {
  const std::string port = std::to_string(port_);
  const std::string folder = folder_.path().string();
  const std::string log = folder + "/output";
  std::vector<std::string> words{"python3", EVENTLY_SOURCE_DIR "/tests/support/smtp_sink.py", port,
                                 folder};
  words.insert(words.end(), security.begin(), security.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv("/usr/bin/python3", arguments.data());
    ::_exit(127);
  }
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (!is_listening(port_)) {
    if (std::chrono::steady_clock::now() > limit || ::waitpid(process_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error("no mail server: " + read_text(log));
    }
    ::poll(nullptr, 0, 10);
  }
}

SmtpSink::~SmtpSink() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

bool SmtpSink::has(int number) const {
  return std::filesystem::exists(folder_ / (std::to_string(number) + ".eml"));
}

std::string SmtpSink::message(int number) const {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (!has(number)) {
    if (std::chrono::steady_clock::now() > limit) return "";
    ::poll(nullptr, 0, 10);
  }
  return read_text(folder_ / (std::to_string(number) + ".eml"));
}

std::string SmtpSink::recipients(int number) const {
  return read_text(folder_ / (std::to_string(number) + ".rcpt"));
}

std::string body_of(const std::string& message) {
  std::string text;
  for (const char c : message.substr(message.find("\r\n\r\n") + 4)) {
    if (c != '\r' && c != '\n') text += c;
  }
  std::string out(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) throw std::runtime_error("no base64");
  out.resize(out.find('\0') == std::string::npos ? static_cast<std::size_t>(size) : out.find('\0'));
  return out;
}

}  // namespace evently::testing
