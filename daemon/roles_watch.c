/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "daemon/roles_internal.h"
#include "lib/proc.h"

/* Until a role has its first generation: exec, dynamic linking and setup
 * take their time on a small or busy machine. */
#define ROLES_START_SILENCE_US (10 * USEC_PER_SEC)
/* While a role binds or applies a configuration of any size. */
#define ROLES_PATIENT_SILENCE_US (60 * USEC_PER_SEC)

int64_t role_silence_us(const struct role_process *p)
{
	if (p->patient)
		return ROLES_PATIENT_SILENCE_US;
	if (p->state == ROLE_PROCESS_STARTING)
		return ROLES_START_SILENCE_US;
	return p->roles->settings.silence_us;
}

void roles_set_patient(struct roles *roles, enum role_id id, bool patient)
{
	struct role_process *p = &roles->processes[id];
	int64_t now = time_monotonic_us();

	p->patient = patient;
	liveness_limit(&p->liveness, now, role_silence_us(p));
	if (p->pid)
		loop_timer_set(p->look_timer, now);
}

void roles_kill(struct roles *roles, enum role_id id, const char *why)
{
	struct role_process *p = &roles->processes[id];

	if (!p->pid || p->why[0])
		return;
	snprintf(p->why, sizeof(p->why), "%s", why);
	log_error("%s (pid %d): %s; killing it", role_id_name(id), (int)p->pid,
		why);
	kill(p->pid, SIGKILL);
}

/* CPU time that the process has used; 0 when nobody knows. */
static int64_t role_cpu_us(const struct role_process *p)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(p->pid, &clock) ||
		clock_gettime(clock, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / NSEC_PER_USEC;
}

static struct liveness_facts role_facts(const struct role_process *p)
{
	struct liveness_facts facts = {
		.state = proc_state(p->pid),
		.cpu_us = role_cpu_us(p) - p->cpu_us,
	};

	return facts;
}

static const char *verdict_text(enum liveness_verdict verdict)
{
	switch (verdict) {
	case LIVENESS_ALIVE:
		return "alive";
	case LIVENESS_WORKS:
		return "works";
	case LIVENESS_STOPPED:
		return "stopped";
	case LIVENESS_WAITS:
		return "blocked";
	case LIVENESS_LOOPS:
		return "in a loop or starved";
	}
	return "?";
}

/* What the role has said already, and nobody has read yet, counts.  It is read
 * after the look at the process: one that answers in between, late as it was,
 * sleeps when it has, and must not be taken for one that is blocked. */
static void role_judge(struct role_process *p, int64_t now)
{
	struct liveness_facts facts = role_facts(p);
	enum liveness_verdict verdict;
	int64_t silent;
	char why[96];

	channel_drain(p->channel);
	verdict = liveness_judge(
		&p->liveness, now, p->roles->settings.silence_us, &facts);
	silent = (now - p->liveness.heard_us) / USEC_PER_MSEC;
	switch (verdict) {
	case LIVENESS_ALIVE:
		break;
	case LIVENESS_WORKS:
		log_limited(&p->limit, LOG_LEVEL_WARNING,
			"%s is silent for %" PRId64 " ms but works (%" PRId64
			" ms of processor time): left alone",
			role_id_name(p->id), silent,
			facts.cpu_us / USEC_PER_MSEC);
		break;
	case LIVENESS_STOPPED:
	case LIVENESS_WAITS:
	case LIVENESS_LOOPS:
		snprintf(why, sizeof(why), "%s, silent for %" PRId64 " ms, %s",
			reason_text(REASON_ROLE_HUNG), silent,
			verdict_text(verdict));
		roles_kill(p->roles, p->id, why);
		break;
	}
}

void role_look(void *user_data)
{
	struct role_process *p = user_data;
	int64_t now = time_monotonic_us();
	struct liveness_look look = liveness_look(&p->liveness, now);

	if (look.ping)
		role_send_ping(p);
	if (p->cpu_heard_us != p->liveness.heard_us) {
		p->cpu_heard_us = p->liveness.heard_us;
		p->cpu_us = role_cpu_us(p);
	}
	if (now - p->liveness.heard_us >= p->roles->settings.silence_us &&
		p->state != ROLE_PROCESS_STOPPING && !p->why[0])
		role_judge(p, now);
	loop_timer_set(p->look_timer, look.next_us);
}
