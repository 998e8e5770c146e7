/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual-MAC interfaces: names, adoption, and the difference to what is. */
#include <linux/if_link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/settings_plan.h"
#include "vrrp/vmac_plan.h"

#define PARENT 7
#define VRF 9

static struct vrrp_vmac_want a_want(bool inet6)
{
	struct vrrp_vmac_want want;

	memset(&want, 0, sizeof(want));
	strcpy(want.parent, "eth0");
	strcpy(want.prefix, "vrrp");
	want.kind = NETLINK_KIND_MACVLAN;
	want.group = VRRP_VMAC_NO_GROUP;
	want.vrid = 51;
	want.inet6 = inet6;
	want.uses_inet = !inet6;
	want.uses_inet6 = inet6;
	vrrp_vmac_default_mac(inet6, 51, want.mac);
	return want;
}

static const struct netlink_link_info parent = {
	.ifindex = PARENT,
	.name = "eth0",
	.group = 3,
};

/* What the kernel has after MAKE and CHANGE. */
static struct netlink_link_info applied(const struct netlink_link_make *make,
	const struct netlink_link_change *change)
{
	struct netlink_link_info link = {
		.ifindex = 11,
		.parent = make->parent,
		.kind = make->kind,
		.mode = make->mode,
		.mode_flags = make->mode_flags,
		.group = make->group,
		.mac_len = NETLINK_MAC_BYTES,
		.has_devconf = true,
	};
	unsigned int i;

	memcpy(link.mac, make->mac, NETLINK_MAC_BYTES);
	if (change->set_master)
		link.master = change->master;
	if (change->set_group)
		link.group = change->group;
	for (i = 0; i < NETLINK_DEVCONF_COUNT; i++)
		if (change->devconf_mask & 1u << i)
			link.devconf[i] = change->devconf[i];
	return link;
}

static void test_macs_are_those_of_the_rfc(void **state)
{
	const uint8_t v4[] = { 0x00, 0x00, 0x5e, 0x00, 0x01, 0x33 };
	const uint8_t v6[] = { 0x00, 0x00, 0x5e, 0x00, 0x02, 0x33 };
	uint8_t mac[NETLINK_MAC_BYTES];

	(void)state;
	vrrp_vmac_default_mac(false, 51, mac);
	assert_memory_equal(mac, v4, sizeof(mac));
	vrrp_vmac_default_mac(true, 51, mac);
	assert_memory_equal(mac, v6, sizeof(mac));
}

static void test_names_are_tried_from_the_usual_on(void **state)
{
	struct vrrp_vmac_want want = a_want(false);
	char name[IFNAMSIZ];

	(void)state;
	assert_true(vrrp_vmac_name(&want, 0, name));
	assert_string_equal(name, "vrrp.51");
	assert_true(vrrp_vmac_name(&want, 1, name));
	assert_string_equal(name, "vrrp1.51");
	want.inet6 = true;
	assert_true(vrrp_vmac_name(&want, 0, name));
	assert_string_equal(name, "vrrp6.51");
	strcpy(want.prefix, "eightchr");
	want.vrid = 255;
	assert_true(vrrp_vmac_name(&want, 254, name));
	assert_string_equal(name, "eightchr254.255");
	assert_false(vrrp_vmac_name(&want, 1000, name));
	strcpy(want.name, "mine");
	assert_true(vrrp_vmac_name(&want, 0, name));
	assert_string_equal(name, "mine");
	assert_false(vrrp_vmac_name(&want, 1, name));
}

static void test_names_that_fit_are_known_again(void **state)
{
	struct vrrp_vmac_want want = a_want(false);
	char name[IFNAMSIZ];
	unsigned int n;

	(void)state;
	for (n = 0; n < 1000; n++) {
		assert_true(vrrp_vmac_name(&want, n, name));
		assert_true(vrrp_vmac_name_fits(&want, name));
	}
	assert_false(vrrp_vmac_name_fits(&want, "vrrp.5"));
	assert_false(vrrp_vmac_name_fits(&want, "vrrp.511"));
	assert_false(vrrp_vmac_name_fits(&want, "mine.51"));
	strcpy(want.name, "mine");
	assert_true(vrrp_vmac_name_fits(&want, "mine"));
	assert_false(vrrp_vmac_name_fits(&want, "vrrp.51"));
}

static void test_what_was_made_is_adopted_without_a_write(void **state)
{
	struct netlink_link_change change;
	struct netlink_link_make make;
	struct netlink_link_info link;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct vrrp_vmac_want want = a_want(i & 1);
		uint32_t vrf = i & 2 ? VRF : 0;

		if (i == 3)
			want.group = 42;
		vrrp_vmac_fill_make(&want, &parent, "vrrp.51", &make);
		assert_string_equal(make.name, "vrrp.51");
		assert_int_equal(make.parent, PARENT);
		assert_int_equal(make.mode, MACVLAN_MODE_PRIVATE);
		assert_int_equal(make.group, i == 3 ? 42 : 3);
		assert_true(vrrp_vmac_fill_change(
			&want, &parent, vrf, "vrrp.51", NULL, &change));
		assert_int_equal(change.ifindex, 0);
		assert_true(change.no_auto_address);
		link = applied(&make, &change);
		assert_int_equal(link.master, vrf);
		assert_int_equal(vrrp_vmac_compare(&want, PARENT, &link),
			VRRP_VMAC_MATCHES);
		assert_false(vrrp_vmac_fill_change(
			&want, &parent, vrf, "vrrp.51", &link, &change));
	}
}

static void test_an_adopted_one_is_put_right(void **state)
{
	struct vrrp_vmac_want want = a_want(false);
	struct netlink_link_change change;
	struct netlink_link_make make;
	struct netlink_link_info link;

	(void)state;
	vrrp_vmac_fill_make(&want, &parent, "vrrp.51", &make);
	vrrp_vmac_fill_change(&want, &parent, 0, "vrrp.51", NULL, &change);
	link = applied(&make, &change);
	link.devconf[NETLINK_DEVCONF_RP_FILTER] = 2;
	link.group = 0;
	assert_true(vrrp_vmac_fill_change(
		&want, &parent, 0, "vrrp.51", &link, &change));
	assert_int_equal(change.ifindex, 11);
	assert_int_equal(
		change.devconf_mask, 1u << NETLINK_DEVCONF_RP_FILTER);
	assert_int_equal(change.devconf[NETLINK_DEVCONF_RP_FILTER], 0);
	assert_true(change.set_group);
	assert_int_equal(change.group, 3);
	assert_false(change.set_master);
}

static void test_what_is_not_ours_is_told_apart(void **state)
{
	struct vrrp_vmac_want want = a_want(false);
	struct netlink_link_change change;
	struct netlink_link_make make;
	struct netlink_link_info good, link;

	(void)state;
	vrrp_vmac_fill_make(&want, &parent, "vrrp.51", &make);
	vrrp_vmac_fill_change(&want, &parent, 0, "vrrp.51", NULL, &change);
	good = applied(&make, &change);
	link = good;
	link.kind = NETLINK_KIND_OTHER;
	assert_int_equal(vrrp_vmac_compare(&want, PARENT, &link),
		VRRP_VMAC_OTHER_KIND);
	link = good;
	link.mac[5]++;
	assert_int_equal(
		vrrp_vmac_compare(&want, PARENT, &link), VRRP_VMAC_OTHER_MAC);
	assert_int_equal(vrrp_vmac_compare(&want, PARENT + 1, &good),
		VRRP_VMAC_OTHER_PARENT);
	link = good;
	link.mode = MACVLAN_MODE_BRIDGE;
	assert_int_equal(
		vrrp_vmac_compare(&want, PARENT, &link), VRRP_VMAC_OTHER_MODE);
	want.kind = NETLINK_KIND_IPVLAN;
	link = good;
	link.kind = NETLINK_KIND_IPVLAN;
	link.mode = 0;
	assert_int_equal(
		vrrp_vmac_compare(&want, PARENT, &link), VRRP_VMAC_MATCHES);
	link.mode_flags = 1;
	assert_int_equal(
		vrrp_vmac_compare(&want, PARENT, &link), VRRP_VMAC_OTHER_MODE);
}

/* --- settings --- */

#define LINKS 4

static uint32_t kernel[LINKS][NETLINK_DEVCONF_COUNT];
static uint32_t all_rp_filter;

static uint32_t *place_of(const struct vrrp_setting_key *key)
{
	if (key->scope == VRRP_SETTING_ALL_RP_FILTER)
		return &all_rp_filter;
	return key->ifindex < LINKS ? &kernel[key->ifindex][key->what] : NULL;
}

static bool read_kernel(
	const struct vrrp_setting_key *key, uint32_t *ret, void *user_data)
{
	uint32_t *place = place_of(key);

	(void)user_data;
	if (place)
		*ret = *place;
	return place;
}

struct holding {
	struct vrrp_setting held[16];
	size_t n;
};

static bool verify;

static size_t plan(struct holding *h, const struct vrrp_setting *want, size_t n)
{
	struct vrrp_setting held[16], writes[16];
	size_t n_held, n_writes, i;

	vrrp_settings_plan(h->held, h->n, want, n, read_kernel, NULL, verify,
		held, &n_held, writes, &n_writes);
	for (i = 0; i < n_writes; i++) {
		uint32_t *place = place_of(&writes[i].key);

		if (place)
			*place = writes[i].value;
	}
	memcpy(h->held, held, sizeof(held));
	h->n = n_held;
	return n_writes;
}

static struct vrrp_setting on_link(
	uint32_t ifindex, enum netlink_devconf what, uint32_t value)
{
	return (struct vrrp_setting){
		.key = { VRRP_SETTING_LINK, ifindex, what },
		.value = value,
	};
}

static int reset(void **state)
{
	(void)state;
	memset(kernel, 0, sizeof(kernel));
	all_rp_filter = 0;
	verify = false;
	return 0;
}

static void test_settings_are_put_back(void **state)
{
	struct vrrp_setting want[] = {
		on_link(1, NETLINK_DEVCONF_ARP_IGNORE, 1),
		on_link(1, NETLINK_DEVCONF_ARP_FILTER, 1),
		on_link(2, NETLINK_DEVCONF_ARP_IGNORE, 1),
		{ .key = { VRRP_SETTING_ALL_RP_FILTER, 0, 0 }, .value = 0 },
	};
	struct holding h = { .n = 0 };

	(void)state;
	kernel[1][NETLINK_DEVCONF_ARP_IGNORE] = 2;
	kernel[2][NETLINK_DEVCONF_ARP_IGNORE] = 1;
	all_rp_filter = 1;
	assert_int_equal(plan(&h, want, 4), 3);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_IGNORE], 1);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_FILTER], 1);
	assert_int_equal(all_rp_filter, 0);
	/* What was right already is nobody's to put back. */
	assert_int_equal(h.n, 3);
	assert_int_equal(plan(&h, want, 4), 0);
	assert_int_equal(plan(&h, want, 2), 1);
	assert_int_equal(all_rp_filter, 1);
	assert_int_equal(plan(&h, NULL, 0), 2);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_IGNORE], 2);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_FILTER], 0);
	assert_int_equal(kernel[2][NETLINK_DEVCONF_ARP_IGNORE], 1);
	assert_int_equal(h.n, 0);
}

static void test_what_others_changed_is_left_alone(void **state)
{
	struct vrrp_setting want = on_link(1, NETLINK_DEVCONF_ARP_IGNORE, 1);
	struct holding h = { .n = 0 };

	(void)state;
	assert_int_equal(plan(&h, &want, 1), 1);
	kernel[1][NETLINK_DEVCONF_ARP_IGNORE] = 8;
	assert_int_equal(plan(&h, &want, 1), 0);
	assert_int_equal(plan(&h, NULL, 0), 0);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_IGNORE], 8);
}

static void test_what_others_changed_is_put_back_to_that(void **state)
{
	struct vrrp_setting want = on_link(1, NETLINK_DEVCONF_ARP_IGNORE, 1);
	struct holding h = { .n = 0 };

	(void)state;
	verify = true;
	assert_int_equal(plan(&h, &want, 1), 1);
	assert_int_equal(plan(&h, &want, 1), 0);
	kernel[1][NETLINK_DEVCONF_ARP_IGNORE] = 8;
	assert_int_equal(plan(&h, &want, 1), 1);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_IGNORE], 1);
	assert_int_equal(plan(&h, NULL, 0), 1);
	assert_int_equal(kernel[1][NETLINK_DEVCONF_ARP_IGNORE], 8);
}

static void test_a_link_that_is_gone_is_no_error(void **state)
{
	struct vrrp_setting want = on_link(99, NETLINK_DEVCONF_ARP_IGNORE, 1);
	struct holding h = { .n = 1 };

	(void)state;
	h.held[0] = on_link(98, NETLINK_DEVCONF_ARP_IGNORE, 1);
	assert_int_equal(plan(&h, &want, 1), 0);
	assert_int_equal(h.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_macs_are_those_of_the_rfc),
		cmocka_unit_test(test_names_are_tried_from_the_usual_on),
		cmocka_unit_test(test_names_that_fit_are_known_again),
		cmocka_unit_test(test_what_was_made_is_adopted_without_a_write),
		cmocka_unit_test(test_an_adopted_one_is_put_right),
		cmocka_unit_test(test_what_is_not_ours_is_told_apart),
		cmocka_unit_test_setup(test_settings_are_put_back, reset),
		cmocka_unit_test_setup(
			test_what_others_changed_is_left_alone, reset),
		cmocka_unit_test_setup(
			test_what_others_changed_is_put_back_to_that, reset),
		cmocka_unit_test_setup(
			test_a_link_that_is_gone_is_no_error, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
