#!/usr/bin/env bash
# The tmux plugin: binds keys, fills the placeholders of the status line, and does no work of its own.
#
#   tmuxorch.tmux                           load; again changes nothing more
#   tmuxorch.tmux unload                    everything as it was before
#   tmuxorch.tmux key VERB CLIENT [ARG…]    what a key or an entry of a menu does
#
# Options, keys and the status line: docs/plugin.md. What has been changed is remembered in the server options
# @tmuxorch-before-*, @tmuxorch-keys and @tmuxorch-told, and in the key table tmuxorch-before; unload removes them.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here self=$here/tmuxorch.tmux
readonly BEFORE=tmuxorch-before HOOK='client-attached[3201]' END='tmuxorch: end of a value'
readonly TIME=8000 # milliseconds that a message stays

# verb, default key, note
readonly VERBS=(
  'menu|O|tmuxorch: sessions, what waits, windows'
  'next|N|tmuxorch: go to the next that waits for you'
  'popup|A|tmuxorch: read and answer the oldest that waits'
  'tui|T|tmuxorch: swap a child for the TUI of Codex, or back'
)
readonly FORMATS=(
  status-left status-right 'status-format[0]' 'status-format[1]' 'status-format[2]' 'status-format[3]'
  'status-format[4]' window-status-format window-status-current-format
)

# ---- what tmux has now, in one question -----------------------------------------------------------------------------

# ask: prints every value that is set on lines of its own, END after each; then all keys, then the clients.
ask() {
  local words=() entry name
  local value=(display-message -p "$END" ';')
  words+=(display-message -p '#{version}' ';' "${value[@]}")
  words+=(show-options -sqv @tmuxorch-told ';' "${value[@]}" show-options -sqv @tmuxorch-keys ';' "${value[@]}")
  for entry in "${VERBS[@]}"; do
    words+=(show-options -gqv "@tmuxorch-${entry%%|*}-key" ';' "${value[@]}")
  done
  words+=(show-options -gqv @tmuxorch-command ';' "${value[@]}")
  for name in "${FORMATS[@]}"; do
    words+=(show-options -gqv "$name" ';' "${value[@]}" show-options -sqv "$(memory "$name")" ';' "${value[@]}")
  done
  # Without any session the last of these fails, and there is nobody to see it.
  tmux "${words[@]}" list-keys ';' "${value[@]}" list-clients -F '#{?client_control_mode,,#{client_name}}' 2>/dev/null
}

# memory OPTION: the server option that remembers what OPTION was.
memory() { local name=${1//[/-}; printf '@tmuxorch-before-%s' "${name//]/}"; }

# look: sets version, told, bound, wishes[], wished[] (whether set at all), command, now[], was[], had[], keys[], client.
look() {
  local fields=() set=() line field='' any='' at=0 i
  wishes=() wished=() now=() was=() had=() keys=() client=''
  local last=$((4 + ${#VERBS[@]} + 2 * ${#FORMATS[@]}))
  while IFS= read -r line; do
    if [ "$line" = "$END" ]; then
      fields[at]=$field set[at]=$any field='' any=''
      at=$((at + 1))
    elif [ "$at" = "$last" ]; then
      keys+=("$line")
    elif [ "$at" -gt "$last" ]; then
      client=${client:-$line}
    else
      field=$field${any:+$'\n'}$line any=1
    fi
  done < <(ask)
  version=${fields[0]} told=${fields[1]} bound=${fields[2]} command=${fields[3 + ${#VERBS[@]}]}
  for ((i = 0; i < ${#VERBS[@]}; i++)); do
    wishes[i]=${fields[3 + i]} wished[i]=${set[3 + i]}
  done
  for ((i = 0; i < ${#FORMATS[@]}; i++)); do
    at=$((4 + ${#VERBS[@]} + 2 * i))
    now[i]=${fields[at]} was[i]=${fields[at + 1]} had[i]=${set[at + 1]}
  done
}

# ---- what is changed, in one command --------------------------------------------------------------------------------

change=()

# add WORD…: one more command. tmux takes a `;` at the end of a word for the end of the command.
add() {
  local word
  for word in "$@"; do
    case $word in *\;) word=${word%;}'\;' ;; esac
    change+=("$word")
  done
  change+=(';')
}

apply() { [ ${#change[@]} = 0 ] || tmux "${change[@]}" >/dev/null 2>&1; }

filled() {
  local text=${1//'#{tmuxorch_status}'/'#{TMUXORCH_STATUS}'}
  printf '%s' "${text//'#{tmuxorch_mark}'/'#{E:@tmuxorch-mark}'}"
}

emptied() {
  local text=${1//'#{TMUXORCH_STATUS}'/'#{tmuxorch_status}'}
  printf '%s' "${text//'#{E:@tmuxorch-mark}'/'#{tmuxorch_mark}'}"
}

fill_formats() {
  local i text
  for ((i = 0; i < ${#FORMATS[@]}; i++)); do
    case ${now[i]} in
      *'#{tmuxorch_status}'* | *'#{tmuxorch_mark}'*)
        text=$(filled "${now[i]}")
        add set-option -g "${FORMATS[i]}" "$text"
        add set-option -s "$(memory "${FORMATS[i]}")" "${now[i]}"
        ;;
    esac
  done
}

# A theme that was loaded after us may have added to what we filled: then only our words go back.
empty_formats() {
  local i
  for ((i = 0; i < ${#FORMATS[@]}; i++)); do
    [ -n "${had[i]}" ] || continue
    if [ "${now[i]}" = "$(filled "${was[i]}")" ]; then
      add set-option -g "${FORMATS[i]}" "${was[i]}"
    elif [ "${now[i]}" != "$(emptied "${now[i]}")" ]; then
      add set-option -g "${FORMATS[i]}" "$(emptied "${now[i]}")"
    fi
    add set-option -su "$(memory "${FORMATS[i]}")"
  done
}

# ---- keys -------------------------------------------------------------------------------------------------------------

# find_key TABLE KEY: sets `line` to what list-keys says of it, empty if it is not bound. tmux writes some keys with a \.
find_key() {
  local words
  for line in ${keys[@]+"${keys[@]}"}; do
    case $line in *" -T $1 "*) ;; *) continue ;; esac
    words=${line#*" -T $1 "}
    words=${words#"${words%%[! ]*}"}
    words=${words%% *}
    if [ "$words" = "$2" ] || [ "$words" = "\\$2" ]; then return 0; fi
  done
  line=''
  return 1
}

is_ours() { case $1 in *tmuxorch.tmux*' key '*) return 0 ;; esac; return 1; }

# note TABLE KEY: what list-keys -N says of it, which list-keys alone does not.
note() {
  tmux list-keys -N -P '' -T "$1" 2>/dev/null | while read -r name text; do
    [ "$name" != "$2" ] || { printf '%s' "$text"; break; }
  done
}

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# move KEY FROM TO: the binding of KEY in one table also in the other, with its note.
move() {
  local text rest
  find_key "$2" "$1" || return 1
  text=$(note "$2" "$1")
  rest=${line#bind-key}
  printf 'bind-key%s%s\n' "${text:+ -N $(quoted "$text")}" "${rest/ -T $2 / -T $3 }" | tmux source-file - >/dev/null 2>&1
}

# give_back KEY…: those that are still ours are no more; what was bound there before is again.
give_back() {
  local key
  for key in "$@"; do
    if find_key prefix "$key" && is_ours "$line"; then
      move "$key" "$BEFORE" prefix || add unbind-key -T prefix "$key"
    fi
    ! find_key "$BEFORE" "$key" || add unbind-key -T "$BEFORE" "$key"
  done
}

bind_keys() {
  local i verb default text key held kept=() lost=() wanted asked=''
  set -f # a key may be *
  for ((i = 0; i < ${#VERBS[@]}; i++)); do
    [ -z "${wished[i]}" ] || asked="$asked ${wishes[i]}"
  done
  for ((i = 0; i < ${#VERBS[@]}; i++)); do
    IFS='|' read -r verb default text <<<"${VERBS[i]}"
    wanted=${wishes[i]}
    [ -n "${wished[i]}" ] || wanted=$default
    for key in $wanted; do
      if [ -z "${wished[i]}" ]; then case "$asked " in *" $key "*) continue ;; esac; fi
      find_key prefix "$key" || true
      held=$line
      if [ -n "$held" ] && ! is_ours "$held"; then
        if [ -z "${wished[i]}" ]; then
          # All the others are in the menu, too.
          [ "$verb" != menu ] ||
            say_once "key-$key" "prefix $key is bound already: tmuxorch leaves it. Its menu gets a key by: set -g @tmuxorch-menu-key KEY"
          continue
        fi
        move "$key" prefix "$BEFORE"
        # tmux 3.7 says nothing of a table with a single note.
        add bind-key -N 'kept by tmuxorch' -T "$BEFORE" M-F12 display-message 'kept by tmuxorch'
      fi
      add bind-key -N "$text" -T prefix "$key" run-shell -b "$(call "$verb")"
      kept+=("$key")
    done
  done
  for key in $bound; do
    case " ${kept[*]-} " in *" $key "*) ;; *) lost+=("$key") ;; esac
  done
  [ ${#lost[@]} = 0 ] || give_back "${lost[@]}"
  add set-option -s @tmuxorch-keys "${kept[*]-}"
}

# call VERB: the shell command of a key. tmux expands formats in it when the key is pressed.
call() {
  local program
  program=$(quoted "$self")
  printf 'TMUXORCH_PROGRAM=#{q:@tmuxorch-command} exec %s key %s #{q:client_name}' "${program//\#/##}" "$1"
}

# ---- messages -------------------------------------------------------------------------------------------------------

# inert TEXT: nothing in it is a format, a style or a time.
inert() {
  local text=${1//'#['/'# ['}
  text=${text//\#/##}
  text=${text//%/%%}
  printf '%s' "${text//[[:cntrl:]]/ }"
}

# say_once KIND TEXT: shows a message, once in the life of the server; while nobody is attached, to who attaches next.
say_once() {
  case " $told " in *" $1 "*) return ;; esac
  told="$told${told:+ }$1"
  add set-option -s @tmuxorch-told "$told"
  if [ -n "$client" ]; then
    # The -c of tmux 3.2 takes no client by mistake; without it the one is meant that was used last.
    case $version in
      3.2*) add display-message -d $TIME "$(inert "$2")" ;;
      *) add display-message -c "$client" -d $TIME "$(inert "$2")" ;;
    esac
  else
    add set-hook -g "$HOOK" "if-shell -F '#{!=:#{client_control_mode},1}' {
      display-message -d $TIME $(quoted "$(inert "$2")") ; set-hook -gu '$HOOK' }"
  fi
}

show() {
  local text
  text=$(inert "$2")
  tmux display-message -c "$1" -d $TIME "$text" >/dev/null 2>&1 || tmux display-message -d $TIME "$text" >/dev/null 2>&1
}

# ---- the program ----------------------------------------------------------------------------------------------------

# find_program COMMAND: sets program[] to what is run: COMMAND (a path, or words for the shell), else the .venv of this
# clone, else tmuxorch on PATH. Fails if there is none.
find_program() {
  if [ -n "$1" ]; then
    if [ -x "$1" ] && [ ! -d "$1" ]; then program=("$1"); else program=(sh -c "$1 \"\$@\"" tmuxorch); fi
  elif [ -x "$here/.venv/bin/tmuxorch" ]; then
    program=("$here/.venv/bin/tmuxorch")
  else
    program=("$(command -v tmuxorch)") && [ -n "${program[0]}" ]
  fi
}

missing() {
  local python='' place=$here
  command -v python3 >/dev/null 2>&1 || python='install Python 3.11 or newer, then '
  printf 'tmuxorch is not installed: %spip install "%s[codex]"' "$python" "$place"
}

# ---- what can be asked of this file -----------------------------------------------------------------------------------

new_enough() {
  local major minor
  case $1 in '' | master | openbsd-*) return 0 ;; esac
  IFS=. read -r major minor <<<"${1#next-}"
  minor=${minor%%[!0-9]*}
  [ "$major" -gt 3 ] || { [ "$major" = 3 ] && [ "${minor:-0}" -ge 2 ]; }
}

load() {
  look
  if ! new_enough "$version"; then
    tmux display-message "tmuxorch needs tmux 3.2a or newer; this is $version" >/dev/null 2>&1
    return
  fi
  fill_formats
  bind_keys
  find_program "$command" || say_once program "$(missing)"
  apply
}

unload() {
  look
  empty_formats
  # shellcheck disable=SC2086 # a list of keys
  { set -f; give_back $bound; }
  case "${keys[*]-}" in *" -T $BEFORE "*) add unbind-key -a -T "$BEFORE" ;; esac
  add set-hook -gu "$HOOK"
  add set-option -su @tmuxorch-keys
  add set-option -su @tmuxorch-told
  apply
}

# key VERB CLIENT [ARG…]: quiet, because tmux would show what it prints in a pane.
key() {
  local verb=$1 client=$2 said status
  shift 2
  find_program "$TMUXORCH_PROGRAM" || { show "$client" "$(missing)"; return; }
  said=$("${program[@]}" tmux "$verb" --plugin "$self" --client "$client" -- "$@" 2>&1 </dev/null)
  status=$?
  case $status in
    0) ;;
    126 | 127) show "$client" "$(missing)" ;;
    *) show "$client" "${said:-tmuxorch failed: exit code $status}" ;;
  esac
}

case ${1-load} in
  load) load ;;
  unload) unload ;;
  key) shift && key "$@" ;;
  *) printf 'usage: %s [unload]\n' "$0" >&2 && exit 2 ;;
esac
exit 0
