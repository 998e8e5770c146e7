/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a thing is in the state it is in.
 *
 * One list serves the log, the messages, tandemctl, metrics and
 * notification.  A reason travels as its number between processes of one
 * build and as its text everywhere else.  Add new ones at the end of their
 * group; the texts are part of the JSON contract and do not change.
 */
#ifndef TANDEM_LIB_REASON_H
#define TANDEM_LIB_REASON_H

#define REASON_LIST(X)                                                        \
	/* any subject */                                                     \
	X(NONE, "none")                                                       \
	X(STARTUP, "startup")                                                 \
	X(SHUTDOWN, "shutdown")                                               \
	X(RELOAD, "configuration-reloaded")                                   \
	X(ADOPTED, "adopted-from-predecessor")                                \
	X(OPERATOR, "operator-request")                                       \
	/* VRRP */                                                            \
	X(VRRP_OWNER, "address-owner")                                        \
	X(VRRP_TIMEOUT, "no-adverts-heard")                                   \
	X(VRRP_PRIO_ZERO, "active-router-resigned")                           \
	X(VRRP_PREEMPT, "higher-priority-than-active")                        \
	X(VRRP_HIGHER_ADVERT, "higher-priority-advert")                       \
	X(VRRP_EQUAL_HIGHER_ADDR, "equal-priority-higher-address")            \
	X(VRRP_LINK_DOWN, "interface-down")                                   \
	X(VRRP_LINK_UP, "interface-up")                                       \
	X(VRRP_LINK_MISSING, "interface-missing")                             \
	X(VRRP_TRACK_INTERFACE, "tracked-interface-down")                     \
	X(VRRP_TRACK_SCRIPT, "tracked-script-failed")                         \
	X(VRRP_TRACK_FILE, "tracked-file-says-fault")                         \
	X(VRRP_TRACK_BFD, "tracked-bfd-session-down")                         \
	X(VRRP_TRACK_PROCESS, "tracked-process-number")                       \
	X(VRRP_TRACK_RECOVERED, "tracked-object-recovered")                   \
	X(VRRP_SYNC_GROUP, "sync-group")                                      \
	X(VRRP_NO_SOURCE, "no-source-address")                                \
	X(VRRP_ADDRESS_LOST, "virtual-address-lost")                          \
	X(VRRP_SOCKET, "socket-error")                                        \
	X(VRRP_NO_PERMISSION, "no-permission")                                \
	X(VRRP_NO_VMAC, "no-virtual-mac-interface")                           \
	X(VRRP_NO_PEER, "no-unicast-peer")                                    \
	X(VRRP_TIMER_EXPIRED, "was-not-run-in-time")                          \
	X(VRRP_ROUTE_LOST, "route-or-rule-removed")                           \
	X(VRRP_STATIC_LOST, "static-route-or-rule-missing")                   \
	/* health checks */                                                   \
	X(CHECK_PENDING, "not-checked-yet")                                   \
	X(CHECK_OK, "ok")                                                     \
	X(CHECK_TIMEOUT_CONNECT, "connect-timeout")                           \
	X(CHECK_REFUSED, "connection-refused")                                \
	X(CHECK_UNREACHABLE, "host-unreachable")                              \
	X(CHECK_RESET, "connection-reset")                                    \
	X(CHECK_SOCKET, "socket-error-local")                                 \
	X(CHECK_TIMEOUT_REPLY, "reply-timeout")                               \
	X(CHECK_CLOSED_EARLY, "closed-early")                                 \
	X(CHECK_BAD_REPLY, "malformed-reply")                                 \
	X(CHECK_REPLY_TOO_LONG, "reply-too-long")                             \
	X(CHECK_BAD_STATUS, "unexpected-status")                              \
	X(CHECK_DIGEST, "digest-mismatch")                                    \
	X(CHECK_NO_MATCH, "content-mismatch")                                 \
	X(CHECK_TLS, "tls-handshake-failed")                                  \
	X(CHECK_TLS_TIMEOUT, "tls-handshake-timeout")                         \
	X(CHECK_TLS_VERIFY, "tls-certificate-rejected")                       \
	X(CHECK_TLS_EXPIRED, "tls-certificate-expired")                       \
	X(CHECK_SCRIPT_FAILED, "script-failed")                               \
	X(CHECK_SCRIPT_TIMEOUT, "script-timeout")                             \
	X(CHECK_SCRIPT_NOT_RUN, "script-could-not-run")                       \
	X(CHECK_TOO_SLOW, "reply-too-slow")                                   \
	X(CHECK_HEADERS_TOO_LONG, "headers-too-long")                         \
	X(CHECK_TLS_NAME, "tls-name-mismatch")                                \
	X(CHECK_BFD, "bfd-session-down")                                      \
	X(CHECK_MISCONFIGURED, "check-misconfigured")                         \
	X(CHECK_FILE, "tracked-file-says-down")                               \
	/* services and real servers */                                       \
	X(SERVICE_QUORUM_MET, "quorum-met")                                   \
	X(SERVICE_QUORUM_LOST, "quorum-lost")                                 \
	X(SERVICE_SORRY, "sorry-server-in-use")                               \
	X(SERVICE_NO_SERVER, "no-server-left")                                \
	X(SERVER_CHECK_FAILED, "check-failed")                                \
	X(SERVER_CHECKS_OK, "checks-passed")                                  \
	X(SERVER_UNCHECKED, "no-check-configured")                            \
	X(SERVICE_SERVERS_DOWN, "some-servers-down")                          \
	/* runner and roles */                                                \
	X(ROLE_HUNG, "role-hung")                                             \
	X(ROLE_DIED, "role-died")                                             \
	X(KERNEL_NO_IPVS, "kernel-has-no-ipvs")                               \
	X(KERNEL_NO_SCHEDULER, "kernel-has-no-such-scheduler")                \
	X(KERNEL_NO_PERMISSION, "kernel-denies-permission")                   \
	X(KERNEL_ERROR, "kernel-error")

enum reason {
#define REASON_ENUM(name, text) REASON_##name,
	REASON_LIST(REASON_ENUM)
#undef REASON_ENUM
		REASON_COUNT
};

/* Never NULL; "unknown" for a number out of range. */
const char *reason_text(enum reason reason);

#endif
