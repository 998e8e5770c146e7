# SPDX-License-Identifier: GPL-2.0-or-later
# Routes and rules: the lines of the configuration, and the kernel's.
vrrp_libvrrp_conf_a_SOURCES += \
	vrrp/iproute_names.c vrrp/iproute_names.h \
	vrrp/line_words.c vrrp/line_words.h \
	vrrp/route_conf.c vrrp/route_conf.h \
	vrrp/route_conf_hops.c \
	vrrp/route_conf_internal.h \
	vrrp/rule_conf.c \
	vrrp/vrrp_conf_routes.c
vrrp_libvrrp_a_SOURCES += \
	vrrp/fib.c vrrp/fib.h \
	vrrp/fib_heritage.c \
	vrrp/fib_internal.h \
	vrrp/fib_kernel.c \
	vrrp/hmac_role.c \
	vrrp/instance_routes.c \
	vrrp/status_routes.c vrrp/status_routes.h

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test-netlink-route \
	tests/unit/test-vrrp-fib \
	tests/unit/test-vrrp-route-conf
tests_unit_test_vrrp_fib_SOURCES = tests/unit/test-vrrp-fib.c
tests_unit_test_vrrp_fib_LDADD = vrrp/libvrrp.a $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_netlink_route_SOURCES = tests/unit/test-netlink-route.c
tests_unit_test_netlink_route_LDADD = $(LIB_LIBS) $(UNIT_LIBS)
tests_unit_test_vrrp_route_conf_SOURCES = tests/unit/test-vrrp-route-conf.c
tests_unit_test_vrrp_route_conf_LDADD = vrrp/libvrrp-conf.a $(CONFIG_LIBS) \
	$(LIB_LIBS) $(UNIT_LIBS)
endif

# Any line, and its corpus replayed by `make check`.
VRRP_ROUTES_FUZZ_LIBS = vrrp/libvrrp-conf.a $(CONFIG_LIBS) $(LIB_LIBS)
if ENABLE_FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz-vrrp-routes
tests_fuzz_fuzz_vrrp_routes_SOURCES = tests/fuzz/fuzz-vrrp-routes.c
tests_fuzz_fuzz_vrrp_routes_LDADD = $(VRRP_ROUTES_FUZZ_LIBS)
tests_fuzz_fuzz_vrrp_routes_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay-vrrp-routes
tests_fuzz_replay_vrrp_routes_SOURCES = tests/fuzz/fuzz-vrrp-routes.c \
	tests/fuzz/replay.c
tests_fuzz_replay_vrrp_routes_LDADD = $(VRRP_ROUTES_FUZZ_LIBS)

EXTRA_DIST += tests/fuzz/corpus/vrrp-routes
