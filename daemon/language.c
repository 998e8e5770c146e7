/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/language.h"

#include <string.h>

#include "daemon/files_conf.h"
#include "daemon/foreign_conf.h"
#include "daemon/global_conf.h"
#include "daemon/process_conf.h"
#include "healthcheck/check_conf.h"
#include "ipvs-ctl/ipvs_conf.h"
#include "runner/mail_conf.h"
#include "runner/runner_conf.h"
#include "vrrp/vrrp_conf.h"

/* Where two views know a keyword, the first documents it. */
static const struct conf_block *const views[] = {
	&vrrp_conf_root,
	&ipvs_conf_root,
	&check_conf_root,
	&runner_conf_root,
	&mail_conf_root,
	&global_conf_root,
	&process_conf_root,
	&files_conf_root,
	&foreign_conf_root,
	NULL,
};

/* As for scripts: what enable_script_security is there for is not only told. */
static bool strict_secrets(const struct conf_tree *tree)
{
	conf_for_each_child(tree, 0, block)
	{
		if (strcmp(conf_node_keyword(tree, block), "global_defs"))
			continue;
		conf_for_each_child(tree, block, child)
		{
			if (!strcmp(conf_node_keyword(tree, child),
				    "enable_script_security"))
				return true;
		}
	}
	return false;
}

const struct conf_language tandem_language = {
	.views = views,
	.strict_secrets = strict_secrets,
	.check_present = vrrp_conf_check_present,
};
