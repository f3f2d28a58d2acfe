# shellcheck shell=bash
# What scripts/test and scripts/demo share: everything they need, made on a machine that has only python3 and git.
# Source it, then call `prepare EXTRA...`. It makes .venv and installs the package with these extras, and tmux.
# A second call with nothing changed runs no package manager and no pip.

readonly MIN_PYTHON=3.11 MIN_TMUX=3.2
apt_fresh=no

say() { printf '%s\n' "$@" >&2; }
die() { say "$@"; exit 7; }
have() { command -v "$1" >/dev/null 2>&1; }

# step WHAT COMMAND...: runs the command quietly, shows WHAT and the elapsed time; its output appears only if it fails.
step() {
  local what=$1 log started=$SECONDS status=0 clock=
  shift
  log=$(mktemp)
  if [ -t 2 ]; then
    # The clock and not the command is in the background: there, Ctrl-C would not reach the command.
    while kill -0 $$ 2>/dev/null; do
      printf '\r%s… %d s' "$what" $((SECONDS - started)) >&2
      sleep 1
    done &
    clock=$!
  else
    say "$what…"
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ -n "$clock" ]; then
    kill "$clock"
    wait "$clock" 2>/dev/null || true
    printf '\r' >&2
  fi
  if [ "$status" = 0 ]; then
    say "$what: done in $((SECONDS - started)) s"
  else
    say "$what: failed after $((SECONDS - started)) s"
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# ---- system packages ------------------------------------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Asks for the password, if one is needed, where the user can see the question and why.
may_be_root() {
  [ "$(id -u)" != 0 ] || return 0
  have sudo || die "$1 is missing, and there is no sudo here to install it with." \
    "Install $1 as root, then run this again."
  say "Installing $1 with sudo"
  sudo true
}

apt_install() {
  local install=(as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@")
  # Package lists that are missing or stale make the first try fail; only then are they fetched, and once.
  if [ "$apt_fresh" = no ]; then
    "${install[@]}" && return
    apt_fresh=yes
    as_root apt-get update -qq
  fi
  "${install[@]}"
}

# install_package WHAT NAME...: by whichever package manager this system has.
install_package() {
  local what=$1 manager
  shift
  for manager in apt-get dnf pacman apk brew; do ! have "$manager" || break; done
  have "$manager" || die "$what is missing, and none of apt, dnf, pacman, apk and brew is here to install it with." \
    "Install $what, then run this again."
  [ "$manager" = brew ] || may_be_root "$what"
  case $manager in
    apt-get) step "installing $what by apt" apt_install "$@" ;;
    dnf) step "installing $what by dnf" as_root dnf install -y -q "$@" ;;
    pacman) step "installing $what by pacman" as_root pacman -S --noconfirm --needed "$@" ;;
    apk) step "installing $what by apk" as_root apk add -q "$@" ;;
    brew) step "installing $what by brew" brew install -q "$@" ;;
  esac
}

# ---- python -----------------------------------------------------------------------------------------------------------

# Prints the newest python3 on PATH that is new enough and can make a virtual environment with pip.
newest_python() {
  local minor name
  for minor in 19 18 17 16 15 14 13 12 11 ''; do
    name=python3${minor:+.$minor}
    have "$name" || continue
    "$name" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (${MIN_PYTHON/./, }))" 2>/dev/null || continue
    echo "$name"
    return
  done
  return 1
}

# Sets `python`. Debian keeps the half of venv that brings pip in a package of its own.
find_python() {
  python=$(newest_python) && return
  if ! have apt-get; then
    die "Python $MIN_PYTHON or newer with venv and pip is needed; the newest here is $(python3 --version 2>/dev/null || echo none)." \
      "Install one (on macOS: brew install python), then run this again."
  fi
  install_package python3-venv python3 python3-venv
  python=$(newest_python) || die "Python $MIN_PYTHON or newer is needed; this system has $(python3 --version)."
}

fingerprint() { { cat pyproject.toml; pwd; } | cksum; }

# installed EXTRA...: whether .venv holds the package as pyproject.toml now describes it, with these extras.
installed() {
  local extra stamp=.venv/.installed now
  [ -x .venv/bin/python ] && [ -f "$stamp" ] || return 1
  now=$(fingerprint)
  for extra in "$@"; do grep -qxF "$now $extra" "$stamp" || return 1; done
}

install_python_packages() {
  local IFS=, stamp=.venv/.installed now extra
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    find_python
    step "making .venv with $("$python" --version)" "$python" -m venv --clear .venv
  fi
  # No cache: it would leave hundreds of megabytes in the home directory for one install.
  step "installing Python packages ($*), once" \
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --editable ".[$*]"
  now=$(fingerprint)
  {
    ! [ -f "$stamp" ] || grep -F "$now " "$stamp" || true # what the other script has installed of this same state
    for extra in "$@"; do echo "$now $extra"; done
  } >"$stamp.new"
  mv "$stamp.new" "$stamp"
}

# ---- tmux, locale -------------------------------------------------------------------------------------------------

tmux_is_new_enough() {
  local version major minor
  have tmux || return 1
  version=$(tmux -V | sed -E 's/^[^0-9]*([0-9]+)\.([0-9]+).*$/\1 \2/')
  case $version in
    *[!0-9\ ]*) return 0 ;; # a build without a number, e.g. "tmux master"
  esac
  read -r major minor <<<"$version"
  [ "$major" -gt "${MIN_TMUX%.*}" ] || { [ "$major" = "${MIN_TMUX%.*}" ] && [ "$minor" -ge "${MIN_TMUX#*.}" ]; }
}

need_tmux() {
  tmux_is_new_enough || install_package tmux tmux
  tmux_is_new_enough || die "tmux $MIN_TMUX or newer is needed; this is $(tmux -V)."
}

need_utf8() {
  [ "$(locale charmap 2>/dev/null)" != UTF-8 ] || return 0
  if [ "$(uname)" = Darwin ]; then export LC_ALL=en_US.UTF-8; else export LC_ALL=C.UTF-8; fi
}

# Goes to the project's root and makes everything ready there.
prepare() {
  cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
  need_utf8
  need_tmux
  installed "$@" || install_python_packages "$@"
}
