# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of tandemctl and tandemd; installed under both names.

# Words so far name a block; its keywords come next.
_tandem_keywords()
{
	tandemctl keywords "$@" --json 2>/dev/null |
		sed -n 's/^      "keyword": "\([^"]*\)".*/\1/p'
}

# Every keyword once, and what is read before keywords.
_tandem_help_words()
{
	printf '%s\n' include include{r,m,w,b,a} '~SEQ' '~SEQx' '~LST'
	tandemctl keywords --json 2>/dev/null |
		sed -n 's/.*"keyword": "\(.*\)".*/\1/p' | sort -u
}

# Rules that are not in what stands before the last comma.
_tandem_rules()
{
	local before="" rule

	[[ $cur == *,* ]] && before=${cur%,*},
	for rule in $(tandemctl lint 2>/dev/null | cut -d' ' -f1); do
		[[ ,$before == *,$rule,* || $before$rule != "$cur"* ]] ||
			COMPREPLY+=("$before$rule")
	done
	compopt -o nospace
}

_tandem_files()
{
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	compopt -o filenames
}

_tandem_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Options of COMMAND, whose first argument is WHAT.
_tandem_options()
{
	local daemon="--runtime-dir --timeout"
	local always="--json --help"

	case $1 in
	"") echo "$daemon $always --format= --config-id --lenient --live
		--in-place --check --peer --disable --origin --defaults
		--version" ;;
	show) if [[ $2 == config ]]; then
			echo "$daemon $always --origin --defaults --config-id"
		else
			echo "$daemon $always"
		fi ;;
	status | explain | plan | reload) echo "$daemon $always" ;;
	check) echo "$always --format= --config-id --lenient" ;;
	config) echo "$always" ;;
	digest) echo "$always --server --port --url --use-ssl --use-sni
		--use-virtualhost --protocol --timeout --fwmark --verbose" ;;
	format) echo "--in-place --check --config-id --help" ;;
	import) if [[ $2 == ipvsadm ]]; then
			echo "--live --help"
		else
			echo "--config-id --help"
		fi ;;
	keywords) echo "$always --format=" ;;
	lint) echo "$always --format= --config-id --peer --disable" ;;
	*) echo "$always" ;;
	esac
}

_tandem_formats()
{
	case $1 in
	check | lint) echo text json gcc ;;
	keywords) echo text json man ;;
	"") echo text json gcc man ;;
	*) echo text json ;;
	esac
}

# The value of option $1 of COMMAND; fails when it is none that takes one.
_tandem_value()
{
	case $1 in
	--runtime-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		compopt -o filenames
		;;
	--format) _tandem_words "$(_tandem_formats "$2")" ;;
	--disable) _tandem_rules ;;
	--peer) _tandem_files ;;
	--timeout | --config-id | -i) ;;
	*) return 1 ;;
	esac
}

_tandem_argument()
{
	case $1 in
	"") _tandem_words "status show explain check config digest format help
		import keywords lint plan reload" ;;
	show)
		[[ $# == 1 ]] &&
			_tandem_words "vrrp services roles config log"
		[[ ${2-} == config ]] && _tandem_files
		;;
	config) if [[ $# == 1 ]]; then _tandem_words diff; else _tandem_files; fi ;;
	explain)
		[[ $# == 1 ]] && _tandem_words "instance service real_server bfd
			group script file process interface"
		;;
	check | format | lint | plan) _tandem_files ;;
	import) if [[ $# == 1 ]]; then
			_tandem_words "ldirectord ipvsadm keepalived"
		else
			_tandem_files
		fi ;;
	help) [[ $# == 1 ]] && _tandem_words "$(_tandem_help_words)" ;;
	keywords) _tandem_words "$(_tandem_keywords "${@:2}")" ;;
	esac
}

_tandemctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local word i
	local -a words=() # the command and its arguments

	COMPREPLY=()
	# '=' is a word of its own.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--runtime-dir | --timeout | --config-id | -i | --peer | \
			--disable | --format)
			[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
			((i++))
			;;
		-* | =) ;;
		*) words+=("$word") ;;
		esac
	done
	_tandem_value "$prev" "${words[0]-}" && return
	if [[ $cur == -* ]]; then
		_tandem_words "$(_tandem_options "${words[0]-}" "${words[1]-}")"
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
		return
	fi
	_tandem_argument "${words[@]-}"
}

_tandemd()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	case $prev in
	-f | --use-file | -p | --pid | -r | --vrrp_pid | -c | --checkers_pid)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames
		return
		;;
	--runtime-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		compopt -o filenames
		return
		;;
	-S | --log-facility)
		mapfile -t COMPREPLY < <(
			compgen -W "daemon user local{0..7}" -- "$cur")
		return
		;;
	-s | --namespace)
		mapfile -t COMPREPLY < <(compgen -W \
			"$(ls /run/netns 2>/dev/null)" -- "$cur")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W \
		"$(tandemd --help 2>/dev/null | grep -o -e ' --[a-z_-]*')" \
		-- "$cur")
}

complete -F _tandemctl tandemctl
complete -F _tandemd tandemd
