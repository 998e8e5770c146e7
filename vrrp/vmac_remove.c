/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removing virtual-MAC interfaces. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "lib/mem.h"
#include "lib/timeutil.h"
#include "vrrp/vmac_internal.h"

/* Removed together: they are put into a group that nobody else has, and the
 * group is removed. */
#define REMOVE_GROUP 0x54414e44 /* "TAND" */
#define REMOVE_MAX 64

static void remove_some(struct vrrp_vmacs *vmacs);

/* ERROR is the kernel's. */
static void removed(struct vrrp_vmac *vmac, int error)
{
	struct vrrp_vmacs *vmacs = vmac->vmacs;

	/* Asked for: the news of many may still be waiting. */
	if (netlink_refresh_link(vmacs->netlink, vmac->ifindex) != -ENODEV)
		log_error("%s: cannot remove interface %s: %s", vmac->subject,
			vmac->interface, strerror(error ? -error : EBUSY));
	else
		vmacs->events->owned(vmac->ifindex, false, vmacs->user_data);
	LL_DELETE(vmacs->dying, vmac);
	vrrp_vmac_free(vmac);
}

static void remove_done(const int *errors, size_t n, void *user_data)
{
	struct vrrp_vmacs *vmacs = user_data;
	struct vrrp_vmac *vmac, *next;

	vmacs->removal = NULL;
	netlink_read(vmacs->netlink);
	LL_FOREACH_SAFE (vmacs->dying, vmac, next)
		if (vmac->removing)
			removed(vmac, errors[n - 1]);
	vrrp_vmacs_work(vmacs);
	if (vmacs->dying)
		remove_some(vmacs);
	vrrp_vmacs_tell(vmacs);
}

static void remove_some(struct vrrp_vmacs *vmacs)
{
	struct netlink_link_change change = {
		.set_group = true,
		.group = REMOVE_GROUP,
	};
	struct vrrp_vmac *vmac;
	unsigned int n = 0;

	vmacs->removal = netlink_job_new(vmacs->writer, remove_done, vmacs);
	LL_FOREACH (vmacs->dying, vmac) {
		if (n++ == REMOVE_MAX)
			break;
		log_info("%s: removes interface %s", vmac->subject,
			vmac->interface);
		vmac->removing = true;
		change.ifindex = vmac->ifindex;
		netlink_job_change_link(vmacs->removal, &change);
	}
	netlink_job_remove_link_group(vmacs->removal, REMOVE_GROUP);
	netlink_job_submit(vmacs->removal);
}

void vrrp_vmacs_remove(void *user_data)
{
	struct vrrp_vmacs *vmacs = user_data;

	if (!vmacs->removal && vmacs->dying)
		remove_some(vmacs);
}

/* From the loop, so that many go together. */
static void submit_removal(struct vrrp_vmac *vmac)
{
	struct vrrp_vmacs *vmacs = vmac->vmacs;

	vmac->state = VMAC_DYING;
	LL_PREPEND(vmacs->dying, vmac);
	loop_timer_set(vmacs->remove_timer, time_monotonic_us());
}

void vrrp_vmac_drop(struct vrrp_vmac *vmac, bool keep)
{
	struct vrrp_vmacs *vmacs = vmac->vmacs;

	/* Its job comes back here. */
	if (vmac->job && !keep)
		return;
	HASH_DELETE(hh, vmacs->all, vmac);
	if (vmac->ifindex && !keep)
		submit_removal(vmac);
	else
		vrrp_vmac_free(vmac);
}

void vrrp_vmacs_inherit(struct vrrp_vmacs *vmacs, uint32_t ifindex)
{
	const struct netlink_link *link =
		netlink_find_link(vmacs->netlink, ifindex);
	struct vrrp_vmac *vmac;

	for (vmac = vmacs->all; vmac; vmac = vmac->hh.next)
		if (vmac->ifindex == ifindex)
			return;
	if (!link || (link->info.kind != NETLINK_KIND_MACVLAN &&
			     link->info.kind != NETLINK_KIND_IPVLAN)) {
		vmacs->events->owned(ifindex, false, vmacs->user_data);
		return;
	}
	vmac = x_new(struct vrrp_vmac, 1);
	vmac->vmacs = vmacs;
	vmac->subject = x_strdup("leftover");
	vmac->ifindex = ifindex;
	vmac->want.kind = link->info.kind;
	memcpy(vmac->want.mac, link->info.mac, sizeof(vmac->want.mac));
	if (!vrrp_vmac_name_is_taken(vmacs, link->info.name))
		vrrp_vmac_hold(vmac, link->info.name, link->info.parent);
	submit_removal(vmac);
}
