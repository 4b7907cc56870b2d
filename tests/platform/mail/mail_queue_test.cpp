#include "platform/mail/mail_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>

#include "support/scratch_folder.hpp"

namespace evently::mail {
namespace {

using ::testing::HasSubstr;

/// Answers with what the test says, and tells what it was given.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> answers;  ///< taken from the front; then "" for ever
  std::vector<std::string> messages;
  bool held = false;

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(
        changed.wait_for(lock, std::chrono::seconds(20), [&] { return messages.size() >= count; }));
  }
};

class ScriptedCarrier final : public Carrier {
 public:
  explicit ScriptedCarrier(Script& script) : script_(script) {}
  std::string carry(const std::string&, const std::string&, const std::string&,
                    const std::string& message) override {
    std::unique_lock lock(script_.mutex);
    script_.messages.push_back(message);
    script_.changed.notify_all();
    script_.changed.wait(lock, [this] { return !script_.held; });
    if (script_.answers.empty()) return "";
    const std::string answer = script_.answers.front();
    script_.answers.erase(script_.answers.begin());
    return answer;
  }

 private:
  Script& script_;
};

class MailQueueTest : public ::testing::Test {
 protected:
  std::unique_ptr<MailQueue> queue(std::size_t max_waiting = 1'000) {
    return std::make_unique<MailQueue>(
        QueueOptions{"evently@example.org", max_waiting, 4, std::chrono::milliseconds(1)},
        std::make_unique<ScriptedCarrier>(script), clock, metrics);
  }
  static Mail mail(const std::string& subject = "s") { return {"ada@example.org", subject, "b"}; }
  void expect_metric(const std::string& line) { EXPECT_THAT(metrics.render(), HasSubstr(line)); }

  Script script;
  SystemClock clock;
  observability::Metrics metrics;
};

TEST_F(MailQueueTest, TriesAgainWithTheSameMessage) {
  script.answers = {"no", "not yet"};
  auto mails = queue();
  EXPECT_TRUE(mails->post(mail()));
  script.wait_for(3);
  EXPECT_TRUE(mails->post(mail("second")));
  script.wait_for(4);  // the first was delivered by then
  EXPECT_EQ(script.messages[0], script.messages[1]);
  EXPECT_EQ(script.messages[0], script.messages[2]);
  mails.reset();
  expect_metric("evently_mail_sent_total 2");
}

TEST_F(MailQueueTest, GivesUpAfterFourAttemptsAndCountsIt) {
  script.answers = {"no", "no", "no", "no"};
  auto mails = queue();
  mails->post(mail());
  mails->post(mail("second"));
  script.wait_for(5);
  mails.reset();
  EXPECT_EQ(script.messages.size(), 5U);
  expect_metric("evently_mail_lost_total 1");
}

TEST_F(MailQueueTest, RefusesWhatItHasNoRoomForAndCountsWhatItLeaves) {
  script.held = true;
  auto mails = queue(2);
  mails->post(mail());
  script.wait_for(1);  // in the carrier's hands: not waiting any more
  EXPECT_TRUE(mails->post(mail()));
  EXPECT_TRUE(mails->post(mail()));
  EXPECT_FALSE(mails->post(mail()));
  expect_metric("evently_mail_lost_total 1");
  auto ended = std::async(std::launch::async, [&] { mails.reset(); });
  {
    const std::lock_guard lock(script.mutex);
    script.held = false;
  }
  script.changed.notify_all();
  ended.get();
}

TEST_F(MailQueueTest, RefusesASenderThatIsNoAddress) {
  EXPECT_THROW(MailQueue({"evently\r\n@example.org"}, std::make_unique<ScriptedCarrier>(script),
                         clock, metrics),
               std::invalid_argument);
}

TEST(FileCarrier, WritesFilesForTheOwnerOnly) {
  const testing::ScratchFolder folder;
  const auto carrier = make_file_carrier(folder / "mail");
  EXPECT_EQ(carrier->carry("1", "", "", "a message"), "");
  EXPECT_NE(carrier->carry("1", "", "", "another"), "") << "a file is never written over";
  EXPECT_EQ(testing::read_text(folder / "mail" / "1.eml"), "a message");
  struct stat file{};
  struct stat parent{};
  ASSERT_EQ(::stat((folder / "mail/1.eml").c_str(), &file), 0);
  ASSERT_EQ(::stat((folder / "mail").c_str(), &parent), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  EXPECT_EQ(parent.st_mode & 0777U, 0700U);
}

TEST(FileCarrier, KeepsTheNewestThousand) {
  const testing::ScratchFolder folder;
  const auto carrier = make_file_carrier(folder / "mail");
  for (int i = 10'000; i < 11'005; ++i) carrier->carry(std::to_string(i), "", "", "m");
  EXPECT_FALSE(std::filesystem::exists(folder / "mail/10004.eml"));
  EXPECT_TRUE(std::filesystem::exists(folder / "mail/10005.eml"));
}

TEST(SmtpCarrier, TakesOnlyUrlsOfMailServers) {
  for (const std::string bad :
       {"", "example.org", "http://example.org", "smtp://", "file:///etc/passwd",
        "smtp://example.org/path", "smtp://exa mple.org"}) {
    EXPECT_THROW(make_smtp_carrier(bad), std::invalid_argument) << bad;
  }
  EXPECT_NE(make_smtp_carrier("smtps://user:secret@mail.example.org:465"), nullptr);
}

TEST(SmtpCarrier, TellsWhyNobodyAnswers) {
  const auto carrier = make_smtp_carrier("smtp://127.0.0.1:1");
  EXPECT_NE(carrier->carry("1", "a@b.cc", "c@d.ee", "m"), "");
}

}  // namespace
}  // namespace evently::mail
