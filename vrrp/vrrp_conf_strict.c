/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vrrp_strict and strict_mode change in an instance, as in keepalived:
 * its settings are made those of the RFC, and those that the instance states
 * are told.  Authentication, adverts and vmac_xmit_base ask for strict
 * themselves.
 */
#include "vrrp/vrrp_conf_internal.h"

/* RFC 9568 6.1: Active_Down_Interval. */
#define DOWN_TIMER_ADVERTS 3

/* A statement of the instance that does not count; what it inherits is not
 * told. */
static void overrule(struct conf_bind *ctx,
	const struct vrrp_instance_conf *inst, const char *keyword,
	const char *hint, const char *text)
{
	uint32_t node = vrrp_conf_child(ctx, inst->node, keyword);

	if (node != inst->node)
		conf_report(ctx, DIAG_WARNING, DIAG_IGNORED, node, -1, hint,
			"with vrrp_strict %s", text);
}

static void resolve_state(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (inst->priority == VRRP_PRIORITY_OWNER) {
		inst->want = VRRP_STATE_ACTIVE;
		return;
	}
	if (inst->want == VRRP_STATE_ACTIVE)
		overrule(ctx, inst, "state", "write 'state BACKUP'",
			"only the address owner (priority 255) begins as "
			"MASTER: it is BACKUP");
	inst->want = VRRP_STATE_BACKUP;
}

/* RFC 9568 6.1: Accept_Mode is off unless somebody says it; RFC 3768 has
 * none. */
static void resolve_accept(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	bool said = inst->accept_said && inst->accept;

	if (inst->priority == VRRP_PRIORITY_OWNER ||
		(said && inst->version == 3))
		return;
	if (said)
		overrule(ctx, inst, "accept",
			"'version 3', on all routers, has it",
			"version 2 accepts no packets to the addresses");
	inst->accept = false;
	inst->no_accept_said = true;
}

static void resolve_lower_priority(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	static const char silence[] =
		"an advert of lower priority is not answered";

	if (!inst->lower_prio_no_advert)
		overrule(ctx, inst, "lower_prio_no_advert", NULL, silence);
	if (inst->garp_lower_prio_delay_us)
		overrule(ctx, inst, "garp_lower_prio_delay", NULL, silence);
	if (inst->garp_lower_prio_repeat)
		overrule(ctx, inst, "garp_lower_prio_repeat", NULL, silence);
	inst->lower_prio_no_advert = 1;
	inst->garp_lower_prio_delay_us = 0;
	inst->garp_lower_prio_repeat = 0;
}

void vrrp_conf_resolve_strict(
	struct conf_bind *ctx, struct vrrp_instance_conf *inst)
{
	if (inst->strict != 1)
		return;
	resolve_state(ctx, inst);
	resolve_accept(ctx, inst);
	resolve_lower_priority(ctx, inst);
	if (inst->higher_prio_send_advert == 1)
		overrule(ctx, inst, "higher_prio_send_advert", NULL,
			"an advert of higher priority is not answered");
	inst->higher_prio_send_advert = 0;
	if (inst->down_timer_adverts != DOWN_TIMER_ADVERTS)
		overrule(ctx, inst, "down_timer_adverts", NULL,
			"a router is missed after 3 intervals");
	inst->down_timer_adverts = DOWN_TIMER_ADVERTS;
}
