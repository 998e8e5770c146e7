# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LIBRARIES += runner/librunner-conf.a runner/librunner.a

runner_librunner_conf_a_SOURCES = \
	runner/mail_conf.c runner/mail_conf.h \
	runner/runner_conf.c runner/runner_conf.h \
	runner/script_check.c runner/script_check.h \
	runner/script_user.c runner/script_user.h \
	runner/script_verify.c runner/script_verify.h

runner_librunner_a_SOURCES = \
	runner/event_names.c runner/event_names.h \
	runner/event_text.c runner/event_text.h \
	runner/events.c runner/events.h \
	runner/fifo_queue.c runner/fifo_queue.h \
	runner/fifo_script.c runner/fifo_script.h \
	runner/fifos.c runner/fifos.h \
	runner/fifos_internal.h \
	runner/fifos_status.c \
	runner/history.c runner/history.h \
	runner/jobs.c runner/jobs.h \
	runner/leftover.c runner/leftover.h \
	runner/mail_last.c runner/mail_last.h \
	runner/mail_message.c runner/mail_message.h \
	runner/mail_queue.c runner/mail_queue.h \
	runner/mail_text.c runner/mail_text.h \
	runner/mailer.c runner/mailer.h \
	runner/notify_plan.c runner/notify_plan.h \
	runner/output.c runner/output.h \
	runner/queue.c runner/queue.h \
	runner/role.c runner/role.h \
	runner/run.c runner/run.h \
	runner/script_table.c runner/script_table.h \
	runner/spawn.c runner/spawn.h

RUNNER_LIBS = runner/librunner.a runner/librunner-conf.a \
	$(CONFIG_LIBS) $(LIB_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-runner-conf \
	tests/unit/test-runner-fifo-queue \
	tests/unit/test-runner-fifos \
	tests/unit/test-runner-mail \
	tests/unit/test-runner-queue \
	tests/unit/test-runner-role \
	tests/unit/test-runner-run \
	tests/unit/test-runner-script
endif
tests_unit_test_runner_conf_SOURCES = tests/unit/test-runner-conf.c \
	tests/unit/runner-toy.c tests/unit/runner-toy.h
tests_unit_test_runner_conf_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_fifo_queue_SOURCES = tests/unit/test-runner-fifo-queue.c
tests_unit_test_runner_fifo_queue_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_fifos_SOURCES = tests/unit/test-runner-fifos.c \
	tests/unit/runner-toy.c tests/unit/runner-toy.h
tests_unit_test_runner_fifos_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_mail_SOURCES = tests/unit/test-runner-mail.c
tests_unit_test_runner_mail_LDADD = runner/librunner.a $(LANGUAGE_LIBS) \
	$(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_queue_SOURCES = tests/unit/test-runner-queue.c
tests_unit_test_runner_queue_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_role_SOURCES = tests/unit/test-runner-role.c \
	tests/unit/runner-toy.c tests/unit/runner-toy.h
tests_unit_test_runner_role_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_run_SOURCES = tests/unit/test-runner-run.c
tests_unit_test_runner_run_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
tests_unit_test_runner_script_SOURCES = tests/unit/test-runner-script.c
tests_unit_test_runner_script_LDADD = $(RUNNER_LIBS) $(UNIT_LIBS)
