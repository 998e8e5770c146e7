/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runner/mailer.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timeutil.h"
#include "runner/history.h"
#include "runner/leftover.h"
#include "runner/mail_conf.h"
#include "runner/mail_last.h"
#include "runner/mail_message.h"
#include "runner/mail_queue.h"
#include "runner/mail_text.h"
#include "runner/run.h"

#define KEY "mail/"
/* This program itself, in another part; see mail/program.h. */
#define PROGRAM "/proc/self/exe"
/* Who talks to the server: not the roles' account, whose processes it could
 * end. */
#define MAIL_USER "nobody"
#define SESSION_MAILS 50
/* How long one that puts others together waits for more. */
#define HOLD_US (5 * USEC_PER_SEC)
/* Of a whole session, whatever the steps may take. */
#define SESSION_US (300 * USEC_PER_SEC)
#define TRIES_MAX 8
/* How long a mail that was refused or lost is a problem to be shown. */
#define PROBLEM_US (3600 * USEC_PER_SEC)
#define HOST_MAX 256

/* Waits after the first, second ... failure in a row. */
static const int64_t waits_us[] = {
	5 * USEC_PER_SEC,
	15 * USEC_PER_SEC,
	60 * USEC_PER_SEC,
	300 * USEC_PER_SEC,
};

#define N_WAITS (sizeof(waits_us) / sizeof(waits_us[0]))

struct mailer {
	struct role *role;
	struct run_pool *runs;
	struct script_users *users;
	struct script_table *table;
	const struct mail_conf *conf; /* of the table */
	struct mail_queue *queue;
	struct mail_last *last;
	struct run *run;
	unsigned int in_session; /* mails at the front of the queue */
	struct loop_timer *timer;
	unsigned int failures; /* sessions in a row */
	bool waits;
	bool hurries; /* told to stop: nothing is held */
	uint64_t last_id;
	uint64_t sent; /* notifications, as the next two */
	uint64_t refused;
	uint64_t lost;
	int64_t lost_us; /* when the last one was, or was refused */
	char *error; /* what failed in the last session; NULL = nothing */
	struct log_limit limit;
	char host[HOST_MAX];
	void (*changed)(void *user_data);
	void *user_data;
};

static void start_session(struct mailer *mailer);

/* --- what the supervisor keeps of it --- */

static void make_key(char *key, size_t size, uint64_t id)
{
	snprintf(key, size, KEY "%020" PRIu64, id);
}

static void remember(struct mailer *mailer, const struct mail *mail)
{
	struct buf_writer w = { .data = NULL };
	char key[32];

	make_key(key, sizeof(key), mail->id);
	buf_put_i64(&w, mail->realtime_us);
	buf_put_str(&w, mail->subject);
	buf_put_str(&w, mail->body);
	role_checkpoint(mailer->role, key, w.data, w.len);
	buf_writer_free(&w);
}

static void forget_first(struct mailer *mailer)
{
	char key[32];

	make_key(key, sizeof(key), mail_queue_first(mailer->queue)->id);
	role_checkpoint(mailer->role, key, NULL, 0);
	mail_queue_pop(mailer->queue);
}

bool mailer_restore(
	struct mailer *mailer, const char *key, const void *data, size_t len)
{
	struct buf_reader r;
	const char *subject;
	const char *body;
	int64_t realtime_us;
	uint64_t id;
	size_t count;

	if (strncmp(key, KEY, strlen(KEY)) != 0)
		return false;
	buf_reader_init(&r, data, len);
	realtime_us = buf_get_i64(&r);
	subject = buf_get_str(&r);
	body = buf_get_str(&r);
	if (buf_reader_finish(&r) < 0)
		return true;
	id = strtoull(key + strlen(KEY), NULL, 10);
	if (id > mailer->last_id)
		mailer->last_id = id;
	count = mail_queue_count(mailer->queue);
	mail_queue_push(mailer->queue, id, realtime_us, subject, body);
	/* Put together with another, it is noted there. */
	if (mail_queue_count(mailer->queue) == count)
		role_checkpoint(mailer->role, key, NULL, 0);
	return true;
}

/* --- one session --- */

static void log_failure(struct mailer *mailer, const char *why)
{
	x_free(mailer->error);
	mailer->error = x_strdup(why);
	log_limited(&mailer->limit, LOG_LEVEL_WARNING,
		"mail: %zu notifications wait, server %s: %s",
		mail_queue_events(mailer->queue), mailer->conf->server, why);
}

static void try_later(struct mailer *mailer)
{
	unsigned int n = mailer->failures++;

	mailer->waits = true;
	loop_timer_set(mailer->timer,
		time_monotonic_us() +
			waits_us[n < N_WAITS ? n : N_WAITS - 1]);
}

static void on_timer(void *user_data)
{
	struct mailer *mailer = user_data;

	mailer->waits = false;
	start_session(mailer);
}

/* Each mail of the session that was answered has a sign: '+' or '-'. */
static unsigned int take_signs(struct mailer *mailer, const char *output)
{
	unsigned int n;

	for (n = 0; n < mailer->in_session &&
		    (output[n] == '+' || output[n] == '-');
		n++) {
		struct mail *mail = mail_queue_first(mailer->queue);

		if (output[n] == '+') {
			mailer->sent += mail->events;
		} else {
			mailer->refused += mail->events;
			mailer->lost_us = time_monotonic_us();
			log_error("mail '%s' is refused by %s: %s",
				mail->subject, mailer->conf->server,
				output + strspn(output, "+-"));
		}
		forget_first(mailer);
	}
	return n;
}

/* The next mail has been tried once more. */
static void count_try(struct mailer *mailer)
{
	struct mail *mail = mail_queue_first(mailer->queue);

	if (!mail || ++mail->tries < TRIES_MAX)
		return;
	mailer->lost += mail->events;
	mailer->lost_us = time_monotonic_us();
	log_error("mail '%s' is given up after %d tries", mail->subject,
		TRIES_MAX);
	forget_first(mailer);
}

static void session_failed(
	struct mailer *mailer, const struct run_result *result)
{
	const char *why = result->output + strspn(result->output, "+-");
	char *how = NULL;

	if (result->outcome != RUN_EXITED || !*why)
		how = history_describe(result->outcome, result->value);
	log_failure(mailer, how ? how : why);
	x_free(how);
	count_try(mailer);
	try_later(mailer);
}

/* All is answered; but one of the recipients may not have what others have. */
static void note_missed(struct mailer *mailer, const char *output)
{
	const char *why = output + strspn(output, "+-");

	/* A mail that nobody has was told. */
	if (!*why || output[strspn(output, "+")] == '-')
		return;
	mailer->error = x_strdup(why);
	log_limited(&mailer->limit, LOG_LEVEL_WARNING,
		"mail: not all that was asked for is done by %s: %s",
		mailer->conf->server, why);
}

static void session_ended(const struct run_result *result, void *user_data)
{
	struct mailer *mailer = user_data;
	unsigned int answered;

	leftover_forget(mailer->role, run_pid(mailer->run));
	mailer->run = NULL;
	answered = take_signs(mailer, result->output);
	if (answered == mailer->in_session) {
		mailer->failures = 0;
		x_free(mailer->error);
		mailer->error = NULL;
		note_missed(mailer, result->output);
		start_session(mailer);
	} else {
		session_failed(mailer, result);
	}
	mailer->changed(mailer->user_data);
}

/* --- starting one --- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* The length of a mail in decimal, a line feed, the mail; and so on. */
static int put_mail(struct mailer *mailer, int fd, const struct mail *mail)
{
	char *text = mail_message_make(mailer->conf, mailer->host, mail);
	char head[32];
	int err;

	snprintf(head, sizeof(head), "%zu\n", strlen(text));
	err = write_all(fd, head, strlen(head));
	if (!err)
		err = write_all(fd, text, strlen(text));
	x_free(text);
	return err;
}

/* How long MAIL is to be held for more to come. */
static int64_t hold_us(const struct mailer *mailer, const struct mail *mail)
{
	int64_t age = time_realtime_us() - mail->realtime_us;

	if (mailer->hurries || !mail_queue_is_open(mailer->queue, mail) ||
		age < 0 || age >= HOLD_US)
		return 0;
	return HOLD_US - age;
}

/* The mails of a session in memory, to be read from its start; or -errno. */
static int make_input(struct mailer *mailer)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);
	struct mail *mail;
	int err = 0;

	if (fd < 0)
		return -errno;
	mailer->in_session = 0;
	for (mail = mail_queue_first(mailer->queue);
		mail && mailer->in_session < SESSION_MAILS && !err &&
		!hold_us(mailer, mail);
		mail = mail->next) {
		mail_queue_seal(mailer->queue, mail);
		err = put_mail(mailer, fd, mail);
		mailer->in_session++;
	}
	if (!err && lseek(fd, 0, SEEK_SET) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static char **make_argv(const struct mailer *mailer)
{
	const struct mail_conf *conf = mailer->conf;
	char **argv = x_new(char *, conf->recipients.n + 8);
	uint32_t i;
	int n = 0;

	argv[n++] = x_strdup(PROGRAM);
	argv[n++] = x_strdup("--mail");
	argv[n++] = x_strdup(conf->server);
	argv[n++] = x_asprintf("%" PRId64, conf->port);
	argv[n++] = x_asprintf("%" PRId64, conf->timeout_us / USEC_PER_MSEC);
	argv[n++] = x_strdup(conf->helo ? conf->helo : mailer->host);
	argv[n++] = conf->from ? x_strdup(conf->from->address)
			       : x_asprintf("root@%s", mailer->host);
	for (i = 0; i < conf->recipients.n; i++) {
		const struct mail_recipient *recipient =
			conf->recipients.items[i];

		argv[n++] = x_strdup(recipient->address);
	}
	return argv;
}

static void free_argv(char **argv)
{
	char **arg;

	for (arg = argv; *arg; arg++)
		x_free(*arg);
	x_free(argv);
}

static int run_session(struct mailer *mailer)
{
	const struct script_identity *identity =
		script_users_get(mailer->users, MAIL_USER, NULL, false);
	int fd = make_input(mailer);
	char **argv;
	int err;

	if (fd < 0)
		return fd;
	argv = make_argv(mailer);
	err = run_start_with(mailer->runs, argv, identity, SESSION_US, fd,
		session_ended, mailer, &mailer->run);
	free_argv(argv);
	close(fd);
	return err;
}

static bool may_start(const struct mailer *mailer)
{
	return !mailer->run && !mailer->waits && mailer->conf &&
	       mail_conf_is_on(mailer->conf) &&
	       mail_queue_first(mailer->queue);
}

static void start_session(struct mailer *mailer)
{
	int64_t hold;
	int err;

	if (!may_start(mailer))
		return;
	hold = hold_us(mailer, mail_queue_first(mailer->queue));
	if (hold) {
		loop_timer_set(mailer->timer, time_monotonic_us() + hold);
		return;
	}
	err = run_session(mailer);
	if (!err) {
		leftover_remember(mailer->role, run_pid(mailer->run));
		return;
	}
	log_failure(mailer, strerror(-err));
	count_try(mailer);
	try_later(mailer);
}

/* --- what is mailed --- */

void mailer_tell(struct mailer *mailer, struct event_names *names,
	const struct msg_event *event)
{
	struct mail_text text;
	struct mail *mail;
	size_t count = mail_queue_count(mailer->queue);

	if (!mailer->conf || !mail_conf_is_on(mailer->conf) ||
		!mail_text_make(names, mailer->conf, event, &text))
		return;
	if (!text.about ||
		!mail_last_is_repeated(
			mailer->last, text.about, event->what)) {
		mail = mail_queue_push(mailer->queue, mailer->last_id + 1,
			time_realtime_us(), text.subject, text.body);
		/* The one that puts the rest together is noted as it began. */
		if (mail_queue_count(mailer->queue) > count) {
			mailer->last_id++;
			remember(mailer, mail);
		}
		start_session(mailer);
	}
	mail_text_clear(&text);
}

/* --- generations --- */

static void cancel_session(struct mailer *mailer)
{
	if (!mailer->run)
		return;
	/* What the server has taken so far is sent, and not sent again. */
	take_signs(mailer, run_output(mailer->run));
	leftover_forget(mailer->role, run_pid(mailer->run));
	run_cancel(mailer->run);
	mailer->run = NULL;
}

static bool is_same_server(
	const struct mail_conf *a, const struct mail_conf *b)
{
	if (!a || !a->server || !b->server)
		return false;
	return a->port == b->port && !strcmp(a->server, b->server);
}

void mailer_commit(struct mailer *mailer, struct script_table *table)
{
	struct script_table *old = mailer->table;

	/* What one server has not taken goes to the other. */
	if (!is_same_server(mailer->conf, script_table_mail(table)) ||
		!mail_conf_is_on(script_table_mail(table)))
		cancel_session(mailer);
	mailer->table = script_table_ref(table);
	mailer->conf = script_table_mail(table);
	mail_last_keep(mailer->last,
		event_names_tree(script_table_names(table)));
	script_table_unref(old);
	/* Another server may take it. */
	mailer->waits = false;
	loop_timer_set(mailer->timer, TIME_NEVER);
	if (mail_conf_is_on(mailer->conf)) {
		start_session(mailer);
		return;
	}
	if (mail_queue_first(mailer->queue))
		log_warning("mail is no longer configured: %zu notifications "
			    "that waited are lost",
			mail_queue_events(mailer->queue));
	while (mail_queue_first(mailer->queue)) {
		mailer->lost += mail_queue_first(mailer->queue)->events;
		forget_first(mailer);
	}
}

void mailer_hurry(struct mailer *mailer)
{
	mailer->hurries = true;
	start_session(mailer);
}

bool mailer_is_busy(const struct mailer *mailer)
{
	return mailer->run != NULL;
}

size_t mailer_abandon(struct mailer *mailer)
{
	size_t lost;

	cancel_session(mailer);
	lost = mail_queue_events(mailer->queue);
	mailer->waits = true;
	loop_timer_set(mailer->timer, TIME_NEVER);
	while (mail_queue_first(mailer->queue))
		forget_first(mailer);
	mailer->lost += lost;
	return lost;
}

/* --- status --- */

struct json_object *mailer_status(
	const struct mailer *mailer, struct json_object *problems)
{
	struct json_object *json = json_object_new_object();
	size_t waiting = mail_queue_events(mailer->queue);
	bool lost = mailer->lost_us &&
		    time_monotonic_us() - mailer->lost_us < PROBLEM_US;
	char *text;

	json_object_object_add(
		json, "sent", json_object_new_uint64(mailer->sent));
	json_object_object_add(
		json, "refused", json_object_new_uint64(mailer->refused));
	json_object_object_add(
		json, "lost", json_object_new_uint64(mailer->lost));
	json_object_object_add(
		json, "waiting", json_object_new_uint64(waiting));
	json_object_object_add(json, "error",
		mailer->error ? json_object_new_string(mailer->error) : NULL);
	if (!mailer->error && !lost)
		return json;
	text = x_asprintf("mail: %zu notifications wait, %" PRIu64
			  " were refused, %" PRIu64 " are lost%s%s",
		waiting, mailer->refused, mailer->lost,
		mailer->error ? "; " : "", mailer->error ? mailer->error : "");
	json_object_array_add(problems, json_object_new_string(text));
	x_free(text);
	return json;
}

/* --- life --- */

struct mailer *mailer_new(
	struct role *role, void (*changed)(void *user_data), void *user_data)
{
	struct mailer *mailer = x_new(struct mailer, 1);

	mailer->role = role;
	mailer->changed = changed;
	mailer->user_data = user_data;
	mailer->runs = run_pool_new(role_loop(role));
	mailer->users = script_users_new();
	mailer->queue = mail_queue_new();
	mailer->last = mail_last_new();
	mailer->timer = loop_timer_new(role_loop(role), on_timer, mailer);
	if (gethostname(mailer->host, sizeof(mailer->host) - 1) < 0 ||
		!mailer->host[0])
		snprintf(mailer->host, sizeof(mailer->host), "localhost");
	return mailer;
}

void mailer_free(struct mailer *mailer)
{
	mail_last_free(mailer->last);
	loop_timer_free(mailer->timer);
	run_pool_free(mailer->runs);
	mail_queue_free(mailer->queue);
	script_users_free(mailer->users);
	script_table_unref(mailer->table);
	x_free(mailer->error);
	x_free(mailer);
}
