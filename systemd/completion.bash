# bash completion for the programs of the robot. What a program takes stands in its --help.
# shellcheck shell=bash disable=SC2207  # the words of completions have no spaces

_robot_runtime() {
    local cur prev words cword split
    _init_completion -s || return
    local help value=
    help=$("$1" --help 2>/dev/null) || return
    [[ $prev != -* ]] || value=$(sed -n "s/^ *\(-., \)\?$prev \([A-Z_]*\).*/\2/p" <<<"$help")
    case $value in
    FILE) _filedir && return ;;
    DIRECTORY) _filedir -d && return ;;
    HOST) _known_hosts_real -- "$cur" && return ;;
    LEVEL) COMPREPLY=($(compgen -W "debug info warning error" -- "$cur")) && return ;;
    MODE) COMPREPLY=($(compgen -W "auto teleop idle" -- "$cur")) && return ;;
    WHAT) COMPREPLY=($(compgen -W "devices logs" -- "$cur")) && return ;;
    TYPE_UID)
        COMPREPLY=($(compgen -W "$(runtime devices --json 2>/dev/null | grep -o '"id": "[^"]*"' | cut -d '"' -f 4)" \
            -- "$cur"))
        return
        ;;
    NAME)
        [[ $prev != --instance ]] ||
            COMPREPLY=($(compgen -W "$(printf '%s\n' /dev/shm/runtime-*-types-shm |
                sed -n 's|^/dev/shm/runtime-\([A-Za-z0-9_]*\)-types-shm$|\1|p')" -- "$cur"))
        return
        ;;
    ?*) return ;;
    esac

    if [[ $cur != -* && $help =~ Usage:[^$'\n']*' DIRECTORY' ]]; then
        _filedir -d
        return
    fi
    local commands
    commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$help")
    if [[ $cur != -* && -n $commands ]]; then
        local word
        for word in "${words[@]:1:cword-1}"; do
            [[ $'\n'$commands$'\n' != *$'\n'"$word"$'\n'* ]] || commands=
        done
        [[ -z $commands ]] || { COMPREPLY=($(compgen -W "$commands" -- "$cur")) && return; }
    fi
    COMPREPLY=($(compgen -W "$(_parse_help - <<<"$help")" -- "$cur"))
} &&
    complete -F _robot_runtime shm_start shm_stop dev_handler executor net_handler runtime station wire_log \
        make-certificates
