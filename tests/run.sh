#!/usr/bin/env bash
# Builds, lints and tests everything; installs what is missing on Debian. Ends with one line: N passed, N failed, N skipped.
# --full also runs what is marked [Trait("level", "full")] and the long fuzzing.
set -uo pipefail
cd "$(dirname "$0")/.."

full=false
[ "${1:-}" = "--full" ] && full=true
ci=false
[ "${CI:-}" = "true" ] && ci=true

passed=0 failed=0 skipped=0
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

heading() { printf '\n== %s\n' "$1"; }

# A step that counts as one check: its output is shown when it fails.
check() {
  local name=$1
  shift
  heading "$name"
  if "$@" >"$log/step" 2>&1; then
    passed=$((passed + 1))
    tail -n 3 "$log/step"
  else
    failed=$((failed + 1))
    tail -n 200 "$log/step"
    echo "FAILED: $name"
  fi
}

# One test project: its counts are added up.
run_tests() {
  local project=$1
  heading "$project"
  local options=(-noColor)
  $full || options+=(-trait- level=full)
  $ci && options+=(-failSkips)
  dotnet run --no-build --project "$project" -- "${options[@]}" >"$log/tests" 2>&1
  local status=$?
  local all errors red skips left_out
  all=$(count Total) errors=$(count Errors) red=$(count Failed) skips=$(count Skipped) left_out=$(count 'Not Run')
  # A run that died before it could count is a failure too.
  [ $status -ne 0 ] && [ $((red + errors)) -eq 0 ] && errors=1 && all=$((all + 1))
  [ $((red + errors)) -eq 0 ] || tail -n 300 "$log/tests"
  passed=$((passed + all - errors - red - skips - left_out)) failed=$((failed + red + errors)) skipped=$((skipped + skips))
  tail -n 1 "$log/tests"
}

# The number behind a word in the runner's closing summary; 0 when there is none.
count() { sed -nE "s/.*\b$1: ([0-9]+).*/\1/p" "$log/tests" | tail -n 1 | grep . || echo 0; }

install_packages() {
  local wanted=() package
  for package in postfix swaks libnet-ssleay-perl gnupg sqop chromium-headless-shell fonts-noto-cjk strace faketime python3 python3-dkim python3-nacl python3-spf python3-authheaders opendmarc nsd rspamd clamav-daemon nginx-light caddy gcc libc6-dev procps mount e2fsprogs; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || wanted+=("$package")
  done
  [ ${#wanted[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Tests that need these Debian packages will be skipped: ${wanted[*]}"
    return 0
  fi
  export DEBIAN_FRONTEND=noninteractive
  # None of them is to run as a service of this machine: tests start their own, on ports of their own.
  local policy=/usr/sbin/policy-rc.d ours=false status
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=true
  fi
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}"
  status=$?
  $ours && rm -f "$policy"
  return $status
}

# Exim's package cannot be installed beside Postfix's: its program is unpacked, and linked to where programs are looked for.
install_exim() (
  command -v exim4 >/dev/null && return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Tests that need Exim will be skipped"
    return 0
  fi
  export DEBIAN_FRONTEND=noninteractive
  local folder=/opt/exim4-for-tests
  mkdir -p "$folder" && cd "$folder" || return 1
  apt-get install -y -qq --no-install-recommends $(apt-cache depends exim4-daemon-light | sed -nE 's/^ +Depends: (lib[^ <>]+)$/\1/p') || return 1
  apt-get download -qq exim4-daemon-light && dpkg -x exim4-daemon-light_*.deb . || return 1
  id -u Debian-exim >/dev/null 2>&1 || useradd --system --user-group --no-create-home --shell /usr/sbin/nologin Debian-exim || return 1
  ln -sf "$folder/usr/sbin/exim4" /usr/local/bin/exim4
)

# README: everything lies in ./data of where `dotnet run` was started.
runs_where_it_is_started() {
  local folder
  folder=$(dotnet msbuild src/Appliance.Server -getProperty:RunWorkingDirectory) || return 1
  [ -z "$folder" ] || { echo "dotnet run changes to $folder first, and keeps its data there"; return 1; }
}

# As it is to be installed: one program, compiled ahead. The end-to-end tests run that one.
build_native() { dotnet publish src/Appliance.Server -c Release --use-current-runtime -p:PublishAot=true -o "$log/native" --nologo -v q; }

# What src/Appliance.Server/Native.targets asks of the compiler is in the program. Of the names in Native.order a few may have gone with their code.
native_is_as_asked() {
  grep -qaP 'GCgen0size\x00800000\x00' "$log/native/appliance" || { echo 'The least size of the youngest generation is not in the program.'; return 1; }
  nm -n src/Appliance.Server/bin/native/Release/*/*/native/appliance.dbg |
    awk 'NR == FNR { rank[$0] = FNR; names++; next }
         $3 in rank { found++; if (rank[$3] > last) ascending++; last = rank[$3] }
         END { print found + 0 " of the " names " methods of Native.order are in the program, " ascending + 0 " behind the one named before. tests/Benchmarks -- order PROGRAM writes it anew."
               exit found < 0.9 * names || ascending < 0.9 * found }' src/Appliance.Server/Native.order -
}

check 'Packages' install_packages
check 'Packages: Exim' install_exim
# Everything else needs the build: without it there is nothing to count.
check 'Build (warnings are errors)' dotnet build Appliance.sln -c Debug --nologo -v q
if [ $failed -eq 0 ]; then
  check 'dotnet run keeps its data where it is started' runs_where_it_is_started
  [ ! -f src/web/package.json ] || check 'Web client: types, lint, tests' npm --prefix src/web run check
  for project in tests/Appliance.*.Tests; do
    run_tests "$project"
  done
  check 'Native program (warnings are errors)' build_native
  check 'Native program: as its compiler was asked' native_is_as_asked
  [ ! -x "$log/native/appliance" ] || export APPLIANCE_NATIVE="$log/native/appliance"
  run_tests tests/EndToEnd
  for target in smtp formats mailauth server; do
    check "Fuzzing: $target" dotnet run --no-build --project tests/Fuzz -- "$target" --seconds "$($full && echo 3600 || echo 8)"
  done
  check 'Benchmarks (smoke), with the server as dotnet run starts it' env -u APPLIANCE_NATIVE dotnet run --no-build --project tests/Benchmarks -- --smoke
fi

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
