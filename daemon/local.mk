# SPDX-License-Identifier: GPL-2.0-or-later
sbin_PROGRAMS += daemon/tandemd
pkglibexec_PROGRAMS += daemon/tandem-role
noinst_LIBRARIES += daemon/libsupervisor.a daemon/liblanguage.a

# What the supervisor is made of, without the roles' names.
daemon_libsupervisor_a_SOURCES = \
	daemon/background.c daemon/background.h \
	daemon/backoff.c daemon/backoff.h \
	daemon/capabilities.c daemon/capabilities.h \
	daemon/config_child.c daemon/config_child.h \
	daemon/config_save.c daemon/config_save.h \
	daemon/replace_file.c daemon/replace_file.h \
	daemon/config_test.c daemon/config_test.h \
	daemon/control.c daemon/control.h \
	daemon/diag_log.c daemon/diag_log.h \
	daemon/dump.c daemon/dump.h daemon/dump_text.c \
	daemon/fifo_files.c daemon/fifo_files.h \
	daemon/gather.c daemon/gather.h \
	daemon/generation.c daemon/generation.h \
	daemon/liveness.c daemon/liveness.h \
	daemon/merge.c daemon/merge.h \
	daemon/netns.c daemon/netns.h \
	daemon/options.c daemon/options.h \
	daemon/orphans.c daemon/orphans.h \
	daemon/own_plan.c daemon/own_plan.h \
	daemon/pidfile.c daemon/pidfile.h \
	daemon/reload.c daemon/reload.h \
	daemon/reload_answer.c daemon/reload_answer.h \
	daemon/reload_clock.c daemon/reload_clock.h \
	daemon/reload_time.c daemon/reload_time.h \
	daemon/reload_fsm.c daemon/reload_fsm.h \
	daemon/reload_job.c daemon/reload_job.h \
	daemon/request_job.c \
	daemon/requests.c daemon/requests.h daemon/requests_internal.h \
	daemon/role_table.c daemon/role_table.h \
	daemon/roles.c daemon/roles.h daemon/roles_internal.h \
	daemon/roles_json.c daemon/roles_stop.c daemon/roles_succeed.c \
	daemon/roles_talk.c daemon/roles_tune.c daemon/roles_watch.c \
	daemon/show_config.c daemon/show_config.h \
	daemon/spawn.c daemon/spawn.h \
	daemon/startup.c daemon/startup.h \
	daemon/supervisor.c daemon/supervisor.h \
	daemon/supervisor_generation.c daemon/supervisor_internal.h \
	daemon/systemd.c daemon/systemd.h \
	daemon/transaction.c daemon/transaction.h \
	daemon/tuning.c daemon/tuning.h \
	daemon/worker.c daemon/worker.h

# The keyword tables of all roles.
daemon_liblanguage_a_SOURCES = \
	daemon/fifo_conf.c daemon/fifo_conf.h \
	daemon/foreign_conf.c daemon/foreign_conf.h \
	daemon/global_conf.c daemon/global_conf.h \
	daemon/language.c daemon/language.h \
	daemon/files_conf.c daemon/files_conf.h \
	daemon/process_conf.c daemon/process_conf.h \
	daemon/umask.c daemon/umask.h
LANGUAGE_LIBS = daemon/liblanguage.a \
	vrrp/libvrrp-conf.a \
	healthcheck/libhealthcheck-conf.a \
	ipvs-ctl/libipvs-conf.a \
	runner/librunner-conf.a

ROLES_LIBS = vrrp/libvrrp.a healthcheck/libhealthcheck.a \
	ipvs-ctl/libipvs.a runner/librunner.a \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) \
	$(NL_LIBS) $(MNL_LIBS) $(SSL_LIBS) $(PCRE2_LIBS)

# The supervisor, which links none of the roles and none of their libraries,
daemon_tandemd_SOURCES = daemon/main.c
daemon_tandemd_LDADD = daemon/libsupervisor.a \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS)
# and the roles.
daemon_tandem_role_SOURCES = daemon/role_program.c \
	daemon/role_ops.c daemon/role_ops.h
daemon_tandem_role_LDADD = daemon/libsupervisor.a mail/libmail.a $(ROLES_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-daemon-backoff \
	tests/unit/test-daemon-control \
	tests/unit/test-daemon-diag-log \
	tests/unit/test-daemon-dump \
	tests/unit/test-daemon-files \
	tests/unit/test-daemon-include \
	tests/unit/test-daemon-reload-time \
	tests/unit/test-daemon-language \
	tests/unit/test-daemon-liveness \
	tests/unit/test-daemon-merge \
	tests/unit/test-daemon-options \
	tests/unit/test-daemon-reload-fsm \
	tests/unit/test-daemon-process \
	tests/unit/test-daemon-role-table \
	tests/unit/test-daemon-roles \
	tests/unit/test-daemon-tuning
tests_unit_test_daemon_tuning_SOURCES = tests/unit/test-daemon-tuning.c
tests_unit_test_daemon_tuning_LDADD = daemon/libsupervisor.a \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_backoff_SOURCES = tests/unit/test-daemon-backoff.c
tests_unit_test_daemon_backoff_LDADD = \
	daemon/libsupervisor.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_reload_time_SOURCES = \
	tests/unit/test-daemon-reload-time.c
tests_unit_test_daemon_reload_time_LDADD = \
	daemon/libsupervisor.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_include_SOURCES = tests/unit/test-daemon-include.c
tests_unit_test_daemon_include_LDADD = \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_diag_log_SOURCES = tests/unit/test-daemon-diag-log.c
tests_unit_test_daemon_diag_log_LDADD = \
	daemon/libsupervisor.a $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_dump_SOURCES = tests/unit/test-daemon-dump.c
tests_unit_test_daemon_dump_LDADD = \
	daemon/libsupervisor.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_language_SOURCES = tests/unit/test-daemon-language.c
tests_unit_test_daemon_language_LDADD = \
	$(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_role_table_SOURCES = \
	tests/unit/test-daemon-role-table.c daemon/role_ops.c
tests_unit_test_daemon_role_table_LDADD = daemon/libsupervisor.a \
	$(ROLES_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_liveness_SOURCES = tests/unit/test-daemon-liveness.c
tests_unit_test_daemon_liveness_LDADD = \
	daemon/libsupervisor.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_merge_SOURCES = tests/unit/test-daemon-merge.c
tests_unit_test_daemon_merge_LDADD = \
	daemon/libsupervisor.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_options_SOURCES = tests/unit/test-daemon-options.c
tests_unit_test_daemon_options_LDADD = \
	daemon/libsupervisor.a $(LANGUAGE_LIBS) $(CONFIG_LIBS) $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_reload_fsm_SOURCES = tests/unit/test-daemon-reload-fsm.c
tests_unit_test_daemon_reload_fsm_LDADD = \
	daemon/libsupervisor.a $(LIB_LIBS) $(UNIT_LIBS)

# The supervisor with roles that do what a test tells them.
noinst_PROGRAMS += tests/unit/fake/tandemd tests/unit/fake/tandem-role
FAKE_LANGUAGE = daemon/global_conf.c daemon/files_conf.c \
	daemon/process_conf.c daemon/umask.c daemon/fifo_conf.c \
	tests/unit/fake-roles.c
tests_unit_fake_tandemd_SOURCES = daemon/main.c $(FAKE_LANGUAGE)
tests_unit_fake_tandemd_LDADD = daemon/libsupervisor.a $(CONFIG_LIBS) \
	$(LIB_LIBS)
tests_unit_fake_tandem_role_SOURCES = daemon/role_program.c $(FAKE_LANGUAGE)
tests_unit_fake_tandem_role_LDADD = daemon/libsupervisor.a mail/libmail.a \
	$(CONFIG_LIBS) $(LIB_LIBS)
DAEMON_DRIVER = tests/unit/daemon-driver.c tests/unit/daemon-driver.h
tests_unit_test_daemon_control_SOURCES = tests/unit/test-daemon-control.c \
	$(DAEMON_DRIVER)
tests_unit_test_daemon_control_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_files_SOURCES = tests/unit/test-daemon-files.c \
	$(DAEMON_DRIVER)
tests_unit_test_daemon_files_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_process_SOURCES = tests/unit/test-daemon-process.c \
	$(DAEMON_DRIVER)
tests_unit_test_daemon_process_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_daemon_roles_SOURCES = tests/unit/test-daemon-roles.c \
	$(DAEMON_DRIVER)
tests_unit_test_daemon_roles_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
endif

EXTRA_DIST += tests/golden/keywords.txt
