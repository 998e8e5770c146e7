/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/track.h"

#include "vrrp/fsm.h"

#define EFFECTIVE_MIN 1
#define EFFECTIVE_MAX 254
/* A file that takes away more than this is a fault. */
#define FILE_MIN (-253)

const char *vrrp_track_kind_name(enum vrrp_track_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
		return "interface";
	case VRRP_TRACK_SCRIPT:
		return "script";
	case VRRP_TRACK_FILE:
		return "file";
	case VRRP_TRACK_BFD:
		return "bfd";
	case VRRP_TRACK_PROCESS:
		return "process";
	}
	return "";
}

void vrrp_tracked_init_script(struct vrrp_tracked *tracked, unsigned int rise,
	unsigned int fall, bool init_fail)
{
	*tracked = (struct vrrp_tracked){
		.kind = VRRP_TRACK_SCRIPT,
		.status = init_fail ? VRRP_TRACK_DOWN : VRRP_TRACK_PENDING,
		.rise = rise ? rise : 1,
		.fall = fall ? fall : 1,
	};
}

void vrrp_tracked_init_status(struct vrrp_tracked *tracked,
	enum vrrp_track_kind kind, enum vrrp_track_status status)
{
	*tracked = (struct vrrp_tracked){
		.kind = kind,
		.status = status,
		.rise = 1,
		.fall = 1,
	};
}

void vrrp_tracked_init_interface(struct vrrp_tracked *tracked, bool up)
{
	vrrp_tracked_init_status(tracked, VRRP_TRACK_INTERFACE,
		up ? VRRP_TRACK_UP : VRRP_TRACK_DOWN);
}

static bool set_status(struct vrrp_tracked *tracked, enum vrrp_track_status to)
{
	bool changed = tracked->status != to;

	tracked->status = to;
	tracked->in_a_row = 0;
	return changed;
}

bool vrrp_tracked_script_result(struct vrrp_tracked *tracked, bool ok)
{
	enum vrrp_track_status to = ok ? VRRP_TRACK_UP : VRRP_TRACK_DOWN;
	unsigned int needed = ok ? tracked->rise : tracked->fall;

	if (tracked->status == VRRP_TRACK_PENDING || tracked->status == to)
		return set_status(tracked, to);
	if (++tracked->in_a_row < needed)
		return false;
	return set_status(tracked, to);
}

bool vrrp_tracked_set_interface(struct vrrp_tracked *tracked, bool up)
{
	return set_status(tracked, up ? VRRP_TRACK_UP : VRRP_TRACK_DOWN);
}

bool vrrp_tracked_set_status(
	struct vrrp_tracked *tracked, enum vrrp_track_status status)
{
	return set_status(tracked, status);
}

void vrrp_tracked_init_file(struct vrrp_tracked *tracked, int64_t value)
{
	*tracked = (struct vrrp_tracked){
		.kind = VRRP_TRACK_FILE,
		.status = VRRP_TRACK_UP,
		.value = value,
	};
}

bool vrrp_tracked_set_value(struct vrrp_tracked *tracked, int64_t value)
{
	bool changed = tracked->value != value;

	tracked->value = value;
	return changed;
}

static enum reason fault_reason(enum vrrp_track_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
		return REASON_VRRP_TRACK_INTERFACE;
	case VRRP_TRACK_SCRIPT:
		return REASON_VRRP_TRACK_SCRIPT;
	case VRRP_TRACK_FILE:
		return REASON_VRRP_TRACK_FILE;
	case VRRP_TRACK_BFD:
		return REASON_VRRP_TRACK_BFD;
	case VRRP_TRACK_PROCESS:
		return REASON_VRRP_TRACK_PROCESS;
	}
	return REASON_NONE;
}

/* An object without weight: its failure is a fault. */
static void add_fault(
	const struct vrrp_track_ref *ref, struct vrrp_track_result *result)
{
	enum vrrp_track_status bad = ref->reverse ? VRRP_TRACK_UP
						  : VRRP_TRACK_DOWN;

	if (ref->object->status == VRRP_TRACK_PENDING) {
		result->pending = true;
	} else if (ref->object->status == bad && !result->fault) {
		result->fault = true;
		result->reason = fault_reason(ref->object->kind);
	}
}

/* What a file adds to the priority; or it is a fault. */
static int64_t add_file(
	const struct vrrp_track_ref *ref, struct vrrp_track_result *result)
{
	int64_t value = ref->object->value;
	int64_t product = value * ref->weight;
	bool fault = (value != 0) != ref->reverse;

	if (ref->reverse)
		product = -product;
	if (ref->weight)
		fault = product < FILE_MIN;
	if (fault && !result->fault) {
		result->fault = true;
		result->reason = REASON_VRRP_TRACK_FILE;
	}
	return fault ? 0 : product;
}

static int weight_now(const struct vrrp_track_ref *ref)
{
	enum vrrp_track_status counts = ref->weight > 0 ? VRRP_TRACK_UP
							: VRRP_TRACK_DOWN;

	if (ref->object->status != counts)
		return 0;
	return ref->reverse ? -ref->weight : ref->weight;
}

struct vrrp_track_result vrrp_track_evaluate(uint8_t base,
	const struct vrrp_track_ref *refs, size_t n_refs, bool ignore_weights)
{
	struct vrrp_track_result result = { .reason = REASON_NONE };
	int64_t sum = base;

	for (size_t i = 0; i < n_refs; i++) {
		int64_t file = 0;

		if (refs[i].object->kind == VRRP_TRACK_FILE)
			file = add_file(&refs[i], &result);
		else if (refs[i].weight == 0)
			add_fault(&refs[i], &result);
		else if (!ignore_weights)
			sum += weight_now(&refs[i]);
		if (!ignore_weights)
			sum += file;
	}
	if (base == VRRP_PRIORITY_OWNER)
		sum = VRRP_PRIORITY_OWNER;
	else if (sum < EFFECTIVE_MIN)
		sum = EFFECTIVE_MIN;
	else if (sum > EFFECTIVE_MAX)
		sum = EFFECTIVE_MAX;
	result.priority = (uint8_t)sum;
	return result;
}
