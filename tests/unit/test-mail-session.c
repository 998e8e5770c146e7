/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "mail/session.h"

static char *const to[] = { (char *)(uintptr_t) "a@x", (char *)(uintptr_t) "b@x" };
static const char *const mails[] = { "Subject: 1\n\n.one\n", "two" };

static void open_session(struct mail_session *session)
{
	const struct mail_session_params params = {
		.helo = "me",
		.from = "from@x",
		.to = to,
		.n_to = 2,
		.mails = mails,
		.n_mails = 2,
	};

	mail_session_init(session, &params);
}

/* CODE comes, TEXT goes out, ANSWER is what became of a mail. */
static void expect(struct mail_session *session, unsigned int code,
	const char *text, enum mail_answer answer)
{
	char *said = NULL;

	assert_int_equal(
		mail_session_reply(session, code, "5 line", &said), answer);
	if (text)
		assert_string_equal(said, text);
	else
		assert_null(said);
	x_free(said);
}

#define GOOD(code, text) expect(&s, code, text, MAIL_ANSWER_NONE)

static void begin(struct mail_session *session)
{
	open_session(session);
	expect(session, 220, "HELO me\r\n", MAIL_ANSWER_NONE);
	expect(session, 250, "MAIL FROM:<from@x>\r\n", MAIL_ANSWER_NONE);
}

static void test_two_mails_go_in_one_session(void **state)
{
	struct mail_session s;

	(void)state;
	begin(&s);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(250, "RCPT TO:<b@x>\r\n");
	GOOD(251, "DATA\r\n");
	GOOD(354, "Subject: 1\r\n\r\n..one\r\n.\r\n");
	expect(&s, 250, "MAIL FROM:<from@x>\r\n", MAIL_ANSWER_SENT);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(250, "RCPT TO:<b@x>\r\n");
	GOOD(250, "DATA\r\n");
	GOOD(354, "two\r\n.\r\n");
	expect(&s, 250, "QUIT\r\n", MAIL_ANSWER_SENT);
	GOOD(221, NULL);
	assert_int_equal(s.state, MAIL_SESSION_DONE);
	assert_int_equal(s.mail, 2);
	assert_false(s.failed);
	assert_string_equal(s.error, "");
}

static void test_one_recipient_is_enough(void **state)
{
	struct mail_session s;

	(void)state;
	begin(&s);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(550, "RCPT TO:<b@x>\r\n");
	GOOD(250, "DATA\r\n");
	assert_string_equal(s.error, "RCPT TO:<a@x>: 5 line");
}

static void test_a_mail_refused_for_good_is_passed_over(void **state)
{
	struct mail_session s;

	(void)state;
	begin(&s);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(550, "RCPT TO:<b@x>\r\n");
	expect(&s, 550, "RSET\r\n", MAIL_ANSWER_REFUSED);
	GOOD(250, "MAIL FROM:<from@x>\r\n");
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(250, "RCPT TO:<b@x>\r\n");
	GOOD(250, "DATA\r\n");
	GOOD(354, "two\r\n.\r\n");
	expect(&s, 554, "RSET\r\n", MAIL_ANSWER_REFUSED);
	/* Each of what failed is told. */
	assert_string_equal(s.error, "RCPT TO:<a@x>: 5 line; "
				     "RCPT TO:<b@x>: 5 line; the mail: 5 line");
	GOOD(250, "QUIT\r\n");
	assert_int_equal(s.mail, 2);
	assert_false(s.failed);
}

static void test_many_mails_with_one_error_tell_it_once(void **state)
{
	const struct mail_session_params params = {
		.helo = "me",
		.from = "from@x",
		.to = to,
		.n_to = 2,
		.mails = mails,
		.n_mails = 2,
	};
	struct mail_session s;
	char line[400];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	mail_session_init(&s, &params);
	GOOD(220, "HELO me\r\n");
	GOOD(250, "MAIL FROM:<from@x>\r\n");
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(550, "RCPT TO:<b@x>\r\n");
	GOOD(250, "DATA\r\n");
	GOOD(354, "Subject: 1\r\n\r\n..one\r\n.\r\n");
	expect(&s, 250, "MAIL FROM:<from@x>\r\n", MAIL_ANSWER_SENT);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(550, "RCPT TO:<b@x>\r\n");
	assert_string_equal(s.error, "RCPT TO:<a@x>: 5 line");
	/* As much as there is room for. */
	for (s.to = 0; s.to < 2; s.to++) {
		char *said = NULL;
		unsigned int i = s.to;

		s.state = MAIL_SESSION_TO;
		mail_session_reply(&s, 551, line, &said);
		x_free(said);
		s.to = i;
	}
	assert_int_equal(strlen(s.error), 21 + 2 + 15 + 399);
}

static void test_what_is_refused_for_now_is_kept(void **state)
{
	struct mail_session s;

	(void)state;
	begin(&s);
	GOOD(451, "QUIT\r\n");
	assert_true(s.failed);
	assert_int_equal(s.mail, 0);
	GOOD(221, NULL);
	begin(&s);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(450, "RCPT TO:<b@x>\r\n");
	GOOD(450, "QUIT\r\n");
	/* It is enough that one may take it later. */
	begin(&s);
	GOOD(250, "RCPT TO:<a@x>\r\n");
	GOOD(450, "RCPT TO:<b@x>\r\n");
	GOOD(550, "QUIT\r\n");
	assert_int_equal(s.mail, 0);
	open_session(&s);
	GOOD(554, "QUIT\r\n");
	assert_true(s.failed);
}

static void test_text_ends_where_it_should(void **state)
{
	static const struct {
		const char *text;
		const char *wire;
	} cases[] = {
		{ "", ".\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ "a\n.\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\n.\r\n", "a\r\n..\r\n.\r\n" },
		{ "\n\n", "\r\n\r\n.\r\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *wire = mail_session_wire_text(cases[i].text);

		assert_string_equal(wire, cases[i].wire);
		x_free(wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_mails_go_in_one_session),
		cmocka_unit_test(test_one_recipient_is_enough),
		cmocka_unit_test(test_a_mail_refused_for_good_is_passed_over),
		cmocka_unit_test(test_many_mails_with_one_error_tell_it_once),
		cmocka_unit_test(test_what_is_refused_for_now_is_kept),
		cmocka_unit_test(test_text_ends_where_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
