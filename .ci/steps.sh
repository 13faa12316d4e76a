# For the scripts beside it, which source this file: go to the project's folder, and run steps. A failure does not stop
# the run, but it is the run's result: `exit "$failed"`. $scratch is a folder for the time of the run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

failed=0
run() {
  printf '\n+ %s\n' "$1"
  bash -c "$1" </dev/null || { printf '%s: failed: %s\n' "$0" "$1" >&2; failed=1; }
}

scratch=$(mktemp -d)
# Some tests run gbook as a user without rights, who has to be able to import it.
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
