#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine with systemd as its first process, in a process namespace of the
# user-mode kernel, and tandem.service on it: see test_systemd.py, which reads
# the lines NAME=VALUE of /mnt/results.
#
#	systemd-machine.sh BUILD SRCDIR

build=$1
srcdir=$2
units=/run/units
conf=/etc/tandem/tandem.conf
export SYSTEMD_UNIT_PATH=$units SYSTEMD_COLORS=0 SYSTEMD_PAGER=cat

result()
{
	echo "$1=$2" >> /mnt/results
}

# --- outside of the namespace: make the machine, and boot it ---

make_units()
{
	local from=/usr/lib/systemd/system name

	mkdir -p $units/tandem.service.d
	cp $from/systemd-journald.service $from/systemd-journald*.socket $units
	# Targets that want nothing: no other unit of this machine is started.
	for name in sysinit basic shutdown network-online network sockets; do
		printf '[Unit]\nDescription=%s\n' $name > $units/$name.target
	done
	printf '[Unit]\nRequires=basic.target\nWants=systemd-journald.service\n' \
		> $units/lab.target
	# The unit sees no /tmp but its own, so the programs are not run from a
	# build tree; this machine's root is a throw-away layer.
	install -D -m 755 "$build/daemon/tandemd" /usr/local/sbin/tandemd
	install -D -m 755 "$build/daemon/tandem-role" \
		/usr/local/libexec/tandem/tandem-role
	install -D -m 755 "$build/ctl/tandemctl" /usr/local/bin/tandemctl
	sed -e "s|^ExecStart=[^ ]*|ExecStart=/usr/local/sbin/tandemd|" \
		-e "s|^ExecReload=[^ ]*|ExecReload=/usr/local/bin/tandemctl|" \
		"$build/etc/tandem.service" > $units/tandem.service
	printf '[Service]\nWatchdogSec=1\n' > $units/tandem.service.d/watchdog.conf
	systemd-sysusers "$srcdir/etc/tandem.sysusers"
}

script()
{
	printf '#!/bin/sh\n%s\n' "$2" > /etc/tandem/$1
	chmod 755 /etc/tandem/$1
}

write_conf()
{
	cat > $conf <<-X
	$1
	global_defs {
		script_user nobody
		enable_script_security
		startup_script /etc/tandem/startup
		shutdown_script /etc/tandem/shutdown
		vrrp_rt_priority 7
		checker_no_swap
		checker_priority -3
		notify_fifo /run/tandem/events
		notify_fifo_script /etc/tandem/reader
		notification_email {
			admin@example.com
		}
		smtp_server 127.0.0.1 2525
		smtp_alert
	}
	vrrp_script good {
		script /bin/true
		interval 1
		timeout 10
	}
	vrrp_instance VI_1 {
		interface ve0
		virtual_router_id 51
		priority 255
		track_script {
			good
		}
		notify /etc/tandem/notify
		virtual_ipaddress {
			10.66.0.100/32
		}
	}
	X
}

# A mail server that notes the subjects.
sink()
{
	python3 -c '
import socketserver
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 hi\r\n")
        for line in self.rfile:
            if line.startswith(b"Subject:"):
                print(line.decode().strip(), flush=True)
            if line[:4] in (b"HELO", b"MAIL", b"RCPT", b"QUIT", b".\r\n"):
                self.wfile.write(b"250 ok\r\n")
            elif line == b"DATA\r\n":
                self.wfile.write(b"354 go\r\n")
socketserver.ThreadingTCPServer(("127.0.0.1", 2525), Session).serve_forever()
' > /run/mails &
}

make_machine()
{
	mkdir -p /etc/tandem
	: > /run/notes
	chmod 666 /run/notes
	script startup 'echo startup $(id -un) >> /run/notes'
	script shutdown 'echo shutdown $(id -un) >> /run/notes'
	script notify 'echo notify $3 $(id -un) >> /run/notes'
	script reader 'while read -r line; do echo "$line" >> /run/lines; done < $1'
	: > /run/lines
	chmod 666 /run/lines
	ip link set lo up
	sink
	ip link add ve0 type veth peer name ve1
	ip addr add 10.66.0.1/24 dev ve0
	ip link set ve1 up
	ip link set ve0 up
	write_conf
	make_units
}

boot()
{
	local outer inner i

	unshare --pid --fork --mount --uts --cgroup --mount-proc \
		env container=lab /lib/systemd/systemd --system \
		--unit=lab.target --log-target=console --show-status=no \
		< /dev/null &
	outer=$!
	for ((i = 0; i < 200; i++)); do
		inner=$(pgrep -P $outer -x systemd)
		[ "$inner" ] && [ -S /run/systemd/private ] && break
		sleep 0.05
	done
	nsenter -t "$inner" -p -m "$BASH" "$0" "$build" "$srcdir" inside
	kill -KILL "$inner"
}

# --- inside: what an administrator does ---

wait_for()
{
	local until=$((SECONDS + 15))

	while [ $SECONDS -lt $until ]; do
		"$@" && return
		sleep 0.05
	done
	return 1
}

property()
{
	systemctl show -p "$1" --value tandem
}

tandem_status()
{
	"$build/ctl/tandemctl" --json status 2>/dev/null
}

is_active()
{
	tandem_status | grep -q '"state": "ACTIVE"'
}

role_pid()
{
	cat /run/tandem/$1.pid
}

field()
{
	awk -v key="$2:" '$1 == key { print $2 }' /proc/$(role_pid $1)/status
}

use_start()
{
	timeout 20 systemctl start tandem
	result start $?
	result active "$(property ActiveState)"
	wait_for is_active
	result vrrp $?
	result user "$(stat -c %U /proc/$(role_pid vrrp))"
	result vrrp_priority "$(chrt -p $(role_pid vrrp) | awk '/priority/ { print $NF }')"
	result checker_nice "$(ps -o ni= -p $(role_pid healthcheck) | tr -d ' ')"
	result checker_locked "$(field healthcheck VmLck)"
	result seccomp "$(field healthcheck Seccomp)"
	wait_for grep -q 'notify MASTER' /run/notes
	result fifo "$(stat -c '%U %a %F' /run/tandem/events)"
	wait_for grep -q '^INSTANCE "VI_1" MASTER 255$' /run/lines
	result line $?
	wait_for grep -q '^Subject: .* VRRP Instance VI_1 - Entering MASTER state$' /run/mails
	result mail $?
}

use_reload()
{
	timeout 20 systemctl reload tandem
	result reload $?
	result generation "$(tandem_status | awk '/"generation"/ { print $2; exit }')"
	echo 'vrrp_instanse A {' >> $conf
	timeout 20 systemctl reload tandem 2>/dev/null
	result bad_reload $?
	result after_bad_reload "$(property ActiveState)"
	logged()
	{
		journalctl -q -u tandem | grep -q 'vrrp_instanse'
	}
	wait_for logged
	result journal $?
	write_conf
}

# The supervisor dies, and its successors do not take the file until systemd has
# given up; the roles stay, and are ended by the one that takes it at last.
use_leave()
{
	local old

	write_conf $'global_defs {\n\tsupervisor_death leave\n}'
	timeout 20 systemctl reload tandem
	old=$(role_pid vrrp)
	echo 'vrrp_instanse A {' >> $conf
	kill -KILL $(property MainPID)
	given_up()
	{
		[ "$(property ActiveState)" = failed ]
	}
	wait_for given_up
	result given_up $?
	kill -0 $old
	result stayed $?
	write_conf
	systemctl reset-failed tandem
	timeout 20 systemctl start tandem
	wait_for is_active
	result went_on $?
	kill -0 $old
	result old_one_left $?
}

# In a network namespace, with the drop-in that the unit names; and the
# supervisor hangs, so that the watchdog makes that start.
use_watchdog()
{
	local old=$(property MainPID)

	ip netns add blue
	ip -n blue link add ve0 type veth peer name ve1
	ip -n blue addr add 10.66.0.1/24 dev ve0
	ip -n blue link set ve1 up
	ip -n blue link set ve0 up
	printf '[Service]\n%s\n%s\n' CapabilityBoundingSet=CAP_SYS_ADMIN \
		RestrictNamespaces=net > $units/tandem.service.d/namespace.conf
	write_conf 'net_namespace blue'
	systemctl daemon-reload
	: > /run/lines
	kill -STOP $old
	restarted()
	{
		[ "$(property NRestarts)" = 1 ] && is_active
	}
	wait_for restarted
	result watchdog $?
	[ $old != "$(property MainPID)" ]
	result watchdog_pid $?
	[ -z "$(ip -o addr show | grep 10.66.0.100)" ]
	result old_address_gone $?
	ip -n blue -o addr show | grep -q 10.66.0.100
	result namespace_address $?
	# The FIFO is there, and not root's.
	wait_for grep -q '^INSTANCE "VI_1" MASTER 255$' /run/lines
	result line_after_restart $?
}

use_stop()
{
	: > /run/notes
	timeout 20 systemctl stop tandem
	result stop $?
	result result "$(property Result)"
	ip -n blue -o addr show | grep -q 10.66.0.100
	result address_left $?
	pgrep -u tandem || pgrep -x tandemd
	result processes_left $?
	result last_notes "$(tr '\n' ',' < /run/notes)"
}

if [ "$3" = inside ]; then
	wait_for systemctl -q is-active lab.target
	result boot $?
	use_start
	result notes "$(sort -u /run/notes | tr '\n' ',')"
	use_reload
	use_leave
	use_watchdog
	use_stop
	journalctl -q -u tandem > /mnt/journal
	exit 0
fi
make_machine
boot
