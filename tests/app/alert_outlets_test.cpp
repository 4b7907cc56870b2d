// Requirement J3: what leaves the program, how often, and which receivers it accepts.
#include "app/alert_outlets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/config/refusal.hpp"
#include "support/remembering_mailer.hpp"
#include "support/scratch_folder.hpp"

namespace evently::app {
namespace {

using security::AlertNote;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchFolder;
using namespace std::chrono_literals;

AlertNote note_of(const std::string& key) {
  AlertNote note;
  note.kind = "BRUTE_FORCE_DETECTED";
  note.key = key;
  note.count = 5;
  return note;
}

TEST(AlertNotes, AreJsonForProgramsAndALineForPeople) {
  AlertNote note;
  note.kind = "TOKEN_REPLAY";
  note.key = "a\"b";
  note.count = 3;
  note.opened_at = *parse_rfc3339("2026-11-25T09:00:00Z");
  note.last_at = *parse_rfc3339("2026-11-25T09:00:07.5Z");
  EXPECT_EQ(to_json(note),
            R"({"event":"security.alert","id":"00000000-0000-0000-0000-000000000000",)"
            R"("kind":"TOKEN_REPLAY","state":"open","key":"a\"b","last_network":null,"count":3,)"
            R"("opened_at":"2026-11-25T09:00:00Z","last_at":"2026-11-25T09:00:07.500000Z",)"
            R"("left_out":0})");
  note.is_open = false;
  EXPECT_EQ(to_line(note), "2026-11-25T09:00:07Z TOKEN_REPLAY closed: a\"b, count 3");
  note.last_network = "203.0.113.9/32";
  EXPECT_THAT(to_json(note), HasSubstr(R"("last_network":"203.0.113.9/32")"));
  EXPECT_THAT(to_line(note), HasSubstr("closed: a\"b, count 3, last from 203.0.113.9/32"));
}

TEST(AlertMailTest, IsOneAMinuteForAllThatCameMeanwhile) {
  testing::RememberingMailer mailer;
  AlertMail mail("ops@example.org", mailer);
  TimePoint now = *parse_rfc3339("2026-11-25T09:00:00Z");
  mail.tick(now);
  EXPECT_TRUE(mailer.posted().empty());
  mail.tell(note_of("203.0.113.1/32"), now);
  mail.tick(now);
  ASSERT_EQ(mailer.posted().size(), 1U) << "the first goes at once";
  EXPECT_EQ(mailer.posted()[0].to, "ops@example.org");
  EXPECT_EQ(mailer.posted()[0].subject, "Evently: 1 security alert");
  EXPECT_THAT(mailer.posted()[0].body, HasSubstr("BRUTE_FORCE_DETECTED open: 203.0.113.1/32"));

  for (int i = 0; i < 150; ++i) mail.tell(note_of("key" + std::to_string(i)), now);
  mail.tick(now + 59s);
  EXPECT_EQ(mailer.posted().size(), 1U);
  mail.tick(now + 60s);
  ASSERT_EQ(mailer.posted().size(), 2U);
  EXPECT_EQ(mailer.posted()[1].subject, "Evently: 100 security alerts");
  EXPECT_THAT(mailer.posted()[1].body, HasSubstr(": key99,"));
  EXPECT_THAT(mailer.posted()[1].body, Not(HasSubstr(": key100,")));
  EXPECT_THAT(mailer.posted()[1].body, HasSubstr("50 more were left out"));
  mail.tick(now + 10min);
  EXPECT_EQ(mailer.posted().size(), 2U);
}

std::string refusal_of_settings(const ServeOptions& options) {
  try {
    alert_settings(options);
  } catch (const config::StartRefused& refused) {
    return refused.what();
  }
  return "";
}

TEST(AlertSettingsTest, SayAllThatIsWrongAndNeverTheSecretOrTheUrl) {
  const ScratchFolder folder;
  const auto file = [&](const std::string& name, const std::string& text, mode_t mode) {
    testing::write_text(folder / name, text);
    ::chmod((folder / name).c_str(), mode);
    return folder / name;
  };
  const std::string secret(32, 's');
  ServeOptions good;
  good.alert_mail = "ops@example.org";
  good.alert_webhook = "https://example.org/hook?token=hush";
  good.alert_webhook_secret = file("good", secret + "\r\nnot this\n", 0400);
  const AlertSettings settings = alert_settings(good);
  EXPECT_EQ(settings.mail_to, good.alert_mail);
  EXPECT_EQ(settings.webhook->secret, secret);
  EXPECT_EQ(settings.webhook->url, good.alert_webhook);

  ServeOptions bad;
  bad.alert_mail = "nobody";
  bad.alert_webhook = "http://example.org/hush";
  bad.alert_webhook_secret = file("open", secret, 0644);
  const std::string words = refusal_of_settings(bad);
  EXPECT_THAT(words, HasSubstr("3 faults"));
  EXPECT_THAT(words, HasSubstr("--alert-mail is not an address"));
  EXPECT_THAT(words, HasSubstr("--alert-webhook must be https://"));
  EXPECT_THAT(words, HasSubstr("readable by others"));
  EXPECT_THAT(words, Not(HasSubstr("hush")));
  EXPECT_THAT(words, Not(HasSubstr(secret)));

  for (const auto& [path, why] : std::vector<std::pair<std::filesystem::path, std::string>>{
           {file("short", std::string(31, 's') + "\n", 0600), "32 characters or more"},
           {file("empty", "", 0600), "32 characters or more"},
           {folder / "missing", "is not there"},
           {"", "go together"}}) {
    good.alert_webhook_secret = path;
    EXPECT_THAT(refusal_of_settings(good), HasSubstr(why)) << path;
  }
}

}  // namespace
}  // namespace evently::app
