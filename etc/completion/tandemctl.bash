# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of tandemctl and tandemd; installed under both names.

_tandem_keywords()
{
	# Words so far name a block; its keywords come next.
	tandemctl keywords "$@" --json 2>/dev/null |
		sed -n 's/^      "keyword": "\([^"]*\)".*/\1/p'
}

_tandem_files()
{
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	compopt -o filenames
}

_tandemctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local commands="status show explain check config digest format help import keywords lint plan reload"
	local options="--runtime-dir --json --timeout --format= --config-id
		--lenient --live --in-place --check --peer --disable
		--origin --defaults
		--version --help"
	local command="" word i
	local -a words=()

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--runtime-dir | --timeout | --config-id | -i | --peer | --disable)
			((i++)) ;;
		-* | =) ;;
		*)
			if [[ -z $command ]]; then
				command=$word
			else
				words+=("$word")
			fi
			;;
		esac
	done
	case $prev in
	--runtime-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		compopt -o filenames
		return
		;;
	--timeout | --config-id | -i)
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
		return
	fi
	case $command in
	"")
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
		;;
	show)
		[[ ${#words[@]} == 0 ]] && mapfile -t COMPREPLY < <(
			compgen -W "vrrp services roles config log" -- "$cur")
		[[ ${words[0]-} == config ]] && _tandem_files
		;;
	config)
		if [[ ${#words[@]} == 0 ]]; then
			mapfile -t COMPREPLY < <(compgen -W diff -- "$cur")
		else
			_tandem_files
		fi
		;;
	explain)
		[[ ${#words[@]} == 0 ]] && mapfile -t COMPREPLY < <(
			compgen -W "instance service real_server" -- "$cur")
		;;
	check | format | lint | plan)
		_tandem_files
		;;
	import)
		if [[ ${#words[@]} == 0 ]]; then
			mapfile -t COMPREPLY < <(compgen -W \
				"ldirectord ipvsadm keepalived" -- "$cur")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			compopt -o filenames
		fi
		;;
	help)
		mapfile -t COMPREPLY < <(compgen -W \
			"$(tandemctl keywords --json 2>/dev/null |
				sed -n 's/.*"keyword": "\(.*\)".*/\1/p')" \
			-- "$cur")
		;;
	keywords)
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_tandem_keywords "${words[@]}")" -- "$cur")
		;;
	esac
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
