#pragma once

#include <array>
#include <string_view>

namespace evently::observability {

/// A counter or gauge, and what Prometheus shows as its HELP.
struct MetricName {
  std::string_view name;
  std::string_view help;
};

/// Shown at 0 from the start.
inline constexpr std::array<MetricName, 9> kCounters{{
    {"evently_csp_reports_total", "Policy violations that browsers reported"},
    {"evently_late_wishes_lost_total",
     "Mailed codes and notes of failed sign-ins that were not made"},
    {"evently_limits_refused_total", "Requests and sign-ins over a rate limit"},
    {"evently_mail_lost_total", "Mails given up, or refused by a full queue"},
    {"evently_mail_sent_total", "Mails handed to the server, or written to files"},
    {"evently_proxy_header_refused_total",
     "Connections closed for want of a right PROXY protocol header"},
    {"evently_security_dropped_total", "Security events there was no room to look at"},
    {"evently_webhook_lost_total", "Alerts not posted: given up, or refused by a full queue"},
    {"evently_webhook_sent_total", "Alerts that the receiver of the webhook took"},
}};
inline constexpr std::array<MetricName, 2> kLabelledCounters{{
    {"evently_security_alerts_total", "Security alerts opened, by kind"},
    {"evently_security_events_total", "Security events observed, by type"},
}};
inline constexpr std::array<MetricName, 6> kGauges{{
    {"evently_address_blocks", "Blocked networks that this node knows"},
    {"evently_api_key_calls_uncounted",
     "Calls by API key that found no room in the counts since the start"},
    {"evently_database_up", "1 when the last background query succeeded, 0 otherwise"},
    {"evently_errors_suppressed", "Errors left out of the error log since the start"},
    {"evently_event_pages_age_seconds", "Time since the event pages in memory were renewed"},
    {"evently_hash_queue_length", "Passwords that wait for a hashing thread"},
}};

}  // namespace evently::observability
