#include "support/front_proxy.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "support/free_port.hpp"

namespace evently::testing {
namespace {

constexpr std::chrono::seconds kStartLimit{20};

std::string nginx_config(const std::string& folder, std::uint16_t port, std::uint16_t behind) {
  return "daemon off; master_process off; worker_processes 1; pid " + folder + "/pid; error_log " +
         folder +
         "/log warn;\nevents { worker_connections 256; }\nhttp { access_log off;\n"
         "client_body_temp_path " +
         folder + "/body; proxy_temp_path " + folder + "/proxy; fastcgi_temp_path " + folder +
         "/f; uwsgi_temp_path " + folder + "/u; scgi_temp_path " + folder +
         "/s;\nupstream behind { server 127.0.0.1:" + std::to_string(behind) +
         "; keepalive 4; }\nserver { listen 127.0.0.1:" + std::to_string(port) +
         ";\nlocation / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header "
         "Connection \"\"; proxy_set_header X-Front 1; proxy_request_buffering off; } } }\n";
}

std::string haproxy_config(std::uint16_t port, std::uint16_t behind) {
  return "defaults\n mode http\n timeout connect 5s\n timeout client 10s\n timeout server 10s\n"
         " http-reuse always\nlisten front\n bind 127.0.0.1:" +
         std::to_string(port) + "\n http-request set-header X-Front 1\n server behind 127.0.0.1:" +
         std::to_string(behind) + "\n";
}

std::string haproxy_v2_config(std::uint16_t port, std::uint16_t behind) {
  return "defaults\n mode tcp\n timeout connect 5s\n timeout client 10s\n timeout server 10s\n"
         "listen front\n bind 127.0.0.1:" +
         std::to_string(port) + "\n server behind 127.0.0.1:" + std::to_string(behind) +
         " send-proxy-v2 proxy-v2-options crc32c,unique-id\n";
}

std::string config_of(FrontProxy::Kind kind, const std::string& folder, std::uint16_t port,
                      std::uint16_t behind) {
  if (kind == FrontProxy::Kind::Nginx) return nginx_config(folder, port, behind);
  if (kind == FrontProxy::Kind::Haproxy) return haproxy_config(port, behind);
  return haproxy_v2_config(port, behind);
}

pid_t start(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

FrontProxy::FrontProxy(Kind kind, std::uint16_t behind) : port_(free_port()) {
  const std::string folder = (folder_ / "").string();
  const std::string config = folder + "config";
  const std::string log = folder + "output";
  const bool is_nginx = kind == Kind::Nginx;
  write_text(config, config_of(kind, folder, port_, behind));
  process_ = is_nginx ? start({"/usr/sbin/nginx", "-c", config}, log)
                      : start({"/usr/sbin/haproxy", "-db", "-f", config}, log);
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  while (!is_listening(port_)) {
    if (std::chrono::steady_clock::now() > limit || ::waitpid(process_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error("no front proxy: " + read_text(log));
    }
    ::poll(nullptr, 0, 10);
  }
}

FrontProxy::~FrontProxy() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace evently::testing
