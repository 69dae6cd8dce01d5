// SPDX-License-Identifier: Apache-2.0
// The completion scripts of the shells: they hand the line to `skulk-weights complete` and offer its answer.
#include "cli/completion_scripts.hpp"

namespace skw::cli {
namespace {

// Bash cuts a line into words at "=" and ":" too, and replaces only the last of those parts: the script glues
// parts that no blank divides, and takes off again what stands in front of the last part.
constexpr std::string_view bash = R"script(# Bash completion for skulk-weights.
_skulk_weights()
{
    local program=${COMP_WORDS[0]/#\~\//$HOME/} rest=$COMP_LINE part word kept plain directive line
    local -a words=() found=()
    local -i i
    COMPREPLY=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        part=${COMP_WORDS[i]}
        line=${rest#"${rest%%[![:blank:]]*}"}
        if ((i > 1)) && [[ -n $part && $line == "$rest" ]]; then
            words[-1]+=$part
            kept=${words[-1]%"$part"}
            [[ $part == [=:] ]] && kept=${words[-1]}
        else
            words+=("$part")
            kept=
        fi
        rest=${line#"$part"}
    done
    kept=${kept//[\"\'\\]/}
    for ((i = 1; i < ${#words[@]}; i++)); do
        # Quotes and backslashes go, and ~/ becomes the home folder; nothing else is expanded, so nothing can run.
        word=${words[i]//[\"\'\\]/}
        [[ ${words[i]} == \~/* ]] && words[i]=$HOME/${word:2} || words[i]=$word
    done
    while IFS= read -r line; do
        if [[ -z $directive ]]; then directive=$line; else found+=("${line#"$kept"}"); fi
    done < <("$program" complete --shell bash -- "${words[@]:1}" 2>/dev/null)
    case $directive in
        files | folders)
            plain=
            [[ $word == --*=* ]] && plain=${word%%=*}= && word=${word#*=}
            line=-f
            [[ $directive == folders ]] && line=-d
            compopt -o filenames 2>/dev/null
            while IFS= read -r part; do
                part=$plain$part
                COMPREPLY+=("${part#"$kept"}")
            done < <(compgen "$line" -- "$word")
            ;;
        words)
            COMPREPLY=("${found[@]}")
            [[ ${#found[@]} -eq 1 && ${found[0]} == *= ]] && compopt -o nospace 2>/dev/null
            ;;
    esac
    return 0
}
complete -F _skulk_weights skulk-weights
)script";

constexpr std::string_view zsh = R"script(#compdef skulk-weights
# Zsh completion for skulk-weights.
_skulk_weights()
{
    local program=${(Q)words[1]} directive line
    local -a typed lines plain shown open_plain open_shown
    program=${program/#\~\//$HOME/}
    typed=("${(@)words[2,CURRENT-1]/#\~\//${(q)HOME}/}" "$PREFIX")
    lines=("${(@f)$("$program" complete --shell zsh -- "${(@Q)typed}" 2>/dev/null)}")
    directive=$lines[1]
    case $directive in
        files | folders)
            [[ $PREFIX == --*=* ]] && compset -P '*='
            if [[ $directive == files ]]; then _files; else _files -/; fi
            return
            ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        [[ -n $line ]] || continue
        if [[ $line == *=$'\t'* || $line == *= ]]; then
            open_plain+=("${line%%$'\t'*}")
            open_shown+=("${line/$'\t'/  -- }")
        else
            plain+=("${line%%$'\t'*}")
            shown+=("${line/$'\t'/  -- }")
        fi
    done
    (( $#plain )) && compadd -l -d shown -a plain
    (( $#open_plain )) && compadd -S '' -l -d open_shown -a open_plain
    (( $#plain + $#open_plain ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _skulk_weights "$@"
else
    compdef _skulk_weights skulk-weights
fi
)script";

constexpr std::string_view fish = R"script(# Fish completion for skulk-weights.
function __skulk_weights_complete
    set -l words (commandline -opc | string replace -r -- '^~/' "$HOME/")
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l lines ($program complete --shell fish -- $words "$current" 2>/dev/null)
    set -l directive $lines[1]
    set -e lines[1]
    switch "$directive"
        case files folders
            set -l prefix ''
            set -l value "$current"
            if string match -q -- '--*=*' "$current"
                set prefix (string replace -r -- '=.*$' '=' "$current")
                set value (string replace -r -- '^[^=]*=' '' "$current")
            end
            if test "$directive" = files
                for path in (__fish_complete_path "$value")
                    printf '%s%s\n' $prefix $path
                end
            else
                for path in (__fish_complete_directories "$value" '')
                    printf '%s%s\n' $prefix $path
                end
            end
        case '*'
            if set -q lines[1]
                printf '%s\n' $lines
            end
    end
end
complete -c skulk-weights -f -a '(__skulk_weights_complete)'
)script";

} // namespace

std::string_view completion_script(std::string_view shell)
{
    return shell == "zsh" ? zsh : shell == "fish" ? fish : bash;
}

} // namespace skw::cli
