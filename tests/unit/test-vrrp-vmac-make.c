/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making virtual-MAC interfaces in a network namespace of its own: needs root
 * and macvlan, is skipped (77) without. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/loop.h"
#include "lib/timeutil.h"
#include "vrrp/vmac.h"

#define QUIET_US (100 * USEC_PER_MSEC)

struct fixture {
	struct loop *loop;
	struct loop_timer *timer;
	struct netlink *netlink;
	struct netlink_writer *writer;
	struct vrrp_vmacs *vmacs;
	int64_t until_us;
};

static void changed(void *user_data)
{
	(void)user_data;
}

static void owned(uint32_t ifindex, bool is_owned, void *user_data)
{
	(void)ifindex;
	(void)is_owned;
	(void)user_data;
}

static const struct vrrp_vmac_events events = { changed, owned };

static void on_timer(void *user_data)
{
	struct fixture *f = user_data;
	int64_t now = time_monotonic_us();

	if (!netlink_writer_is_idle(f->writer))
		f->until_us = now + QUIET_US;
	if (now >= f->until_us)
		loop_stop(f->loop);
	else
		loop_timer_set(f->timer, now + 500);
}

static void settle(struct fixture *f)
{
	f->until_us = time_monotonic_us() + QUIET_US;
	loop_timer_set(f->timer, time_monotonic_us() + 500);
	loop_run(f->loop);
}

static const struct vrrp_vmac *claim(struct fixture *f, bool wanted)
{
	const struct vrrp_vmac *vmac = NULL;
	struct vrrp_vmac_want want;

	memset(&want, 0, sizeof(want));
	strcpy(want.parent, "br9");
	strcpy(want.prefix, "vrrp");
	want.kind = NETLINK_KIND_MACVLAN;
	want.group = VRRP_VMAC_NO_GROUP;
	want.vrid = 51;
	want.uses_inet = true;
	vrrp_vmac_default_mac(false, 51, want.mac);
	vrrp_vmacs_begin(f->vmacs);
	if (wanted)
		vmac = vrrp_vmacs_claim(f->vmacs, &want, "a", true);
	vrrp_vmacs_end(f->vmacs, false);
	return vmac;
}

/* As udev does it, before we have heard of the interface. */
static void call_the_next(struct fixture *f, const char *name)
{
	struct ifinfomsg info = { .ifi_index =
					  (int)if_nametoindex("br9") + 1 };
	struct netlink_job *job = netlink_job_new(f->writer, NULL, NULL);
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_SETLINK, 0);

	nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO);
	nla_put_string(msg, IFLA_IFNAME, name);
	netlink_job_add_message(job, msg);
	netlink_job_submit(job);
}

static void test_one_that_has_another_name_at_once_is_kept(void **state)
{
	struct fixture *f = *state;
	const struct vrrp_vmac *vmac = claim(f, true);

	call_the_next(f, "udev0");
	settle(f);
	assert_int_equal(vrrp_vmac_ifindex(vmac), if_nametoindex("udev0"));
	assert_string_equal(vrrp_vmac_interface(vmac), "udev0");
	claim(f, false);
	settle(f);
	assert_int_equal(if_nametoindex("udev0"), 0);
}

static void test_one_that_nobody_wants_when_it_is_made_goes(void **state)
{
	struct fixture *f = *state;

	claim(f, true);
	call_the_next(f, "udev0");
	claim(f, false);
	settle(f);
	assert_int_equal(if_nametoindex("udev0"), 0);
	assert_int_equal(if_nametoindex("vrrp.51"), 0);
	assert_false(vrrp_vmacs_is_busy(f->vmacs));
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static const struct netlink_events no_events = { .link = NULL };

	assert_int_equal(system("ip link add br9 type bridge"), 0);
	f->loop = loop_new();
	f->timer = loop_timer_new(f->loop, on_timer, f);
	assert_int_equal(netlink_writer_new(f->loop, &f->writer), 0);
	assert_int_equal(
		netlink_new(f->loop, &no_events, f, &f->netlink), 0);
	f->vmacs = vrrp_vmacs_new(
		f->loop, f->netlink, f->writer, &events, f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vrrp_vmacs_free(f->vmacs);
	netlink_free(f->netlink);
	netlink_writer_free(f->writer);
	loop_timer_free(f->timer);
	loop_free(f->loop);
	free(f);
	return system("ip link del br9");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_one_that_has_another_name_at_once_is_kept),
		T(test_one_that_nobody_wants_when_it_is_made_goes),
	};

	if (unshare(CLONE_NEWNET) < 0 ||
		system("ip link add d0 type bridge && "
		       "ip link add link d0 type macvlan && "
		       "ip link del d0") != 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
