# SPDX-License-Identifier: GPL-2.0-or-later

TESTS += tests/unit/test-paths
EXTRA_DIST += tests/unit/test-paths
AM_TESTS_ENVIRONMENT = TANDEM_SYSCONFDIR='$(sysconfdir)' \
	TANDEM_RUNSTATEDIR='$(runstatedir)'; \
	export TANDEM_SYSCONFDIR TANDEM_RUNSTATEDIR;
EXTRA_DIST += \
	tests/lab/README.md \
	tests/lab/conftest.py \
	tests/lab/httpprobe.c \
	tests/lab/labexec.c \
	tests/lab/pytest.ini \
	tests/lab/tandemlab/__init__.py \
	tests/lab/tandemlab/client.py \
	tests/lab/tandemlab/config.py \
	tests/lab/tandemlab/directors.py \
	tests/lab/tandemlab/guard.py \
	tests/lab/tandemlab/kernel.py \
	tests/lab/tandemlab/node.py \
	tests/lab/tandemlab/packets.py \
	tests/lab/tandemlab/process.py \
	tests/lab/tandemlab/routing.py \
	tests/lab/tandemlab/servers.py \
	tests/lab/tandemlab/tools.py \
	tests/lab/tandemlab/topology.py \
	tests/lab/tandemlab/uml.py \
	tests/lab/tandemlab/wait.py \
	tests/lab/test_import.py \
	tests/lab/test_lab_selfcheck.py \
	tests/lab/uml-init.c
EXTRA_DIST += \
	tests/lab/test_notify_fifo.py tests/lab/test_notify_mail.py \
	tests/lab/test_vrrp_interop.py \
	tests/lab/test_vrrp_auth.py tests/lab/test_vrrp_hmac.py \
	tests/lab/test_vrrp_links.py \
	tests/lab/test_vrrp_pair.py tests/lab/test_vrrp_filter.py tests/lab/test_vrrp_vmac.py \
	tests/lab/test_vrrp_vmac_kinds.py \
	tests/lab/test_vrrp_routes.py
EXTRA_DIST += \
	tests/lab/test_bad_packets.py \
	tests/lab/test_capabilities.py \
	tests/lab/test_ipvs.py \
	tests/lab/test_reload.py \
	tests/lab/test_programs.py \
	tests/lab/test_roles.py \
	tests/lab/test_dump.py tests/lab/test_startup.py \
	tests/lab/systemd-machine.sh tests/lab/test_systemd.py
EXTRA_DIST += \
	tests/lab/demo.py \
	tests/lab/test_bad_input.py \
	tests/lab/test_check_protocols.py tests/lab/test_checks.py
EXTRA_DIST += tests/lab/test_bfd.py tests/lab/test_track_process.py tests/lab/test_ctl.py
EXTRA_DIST += tests/lab/failover.py
EXTRA_DIST += tests/lab/test_corpus.py tests/lab/test_keywords_peer.py \
	tests/lab/test_meaning.py tests/lab/test_samples.py
EXTRA_DIST += \
	tests/bench/bench.py \
	tests/bench/bench_checks.py \
	tests/bench/bench_config.py \
	tests/bench/bench_routes.py \
	tests/bench/bench_vrrp.py \
	tests/bench/benchlib.py \
	tests/bench/no-ipvs.c
EXTRA_DIST += \
	tests/run.py \
	tests/tree/test_rules.py
