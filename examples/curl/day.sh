#!/usr/bin/env bash
# Submits a recorded day, waits until every conversation in it has been analysed, and prints what was found.
#
#   DAYLINE_URL=http://127.0.0.1:8400 DAYLINE_KEY=pk_sandbox_... examples/curl/day.sh [recording_url]
#
# Needs curl 7.76 or newer, nothing else. mock:// days are for sandbox keys; live keys take https:// addresses.
set -euo pipefail

: "${DAYLINE_URL:?set DAYLINE_URL to the address of the service}"
: "${DAYLINE_KEY:?set DAYLINE_KEY to an API key}"
recording_url=${1:-mock://three-conversations}
days=$DAYLINE_URL/v1/all-day-sessions

# The key goes in by a file descriptor: what stands in a command line can be read by every process of the machine.
# --retry waits as Retry-After asks, after 429 and 5xx answers.
call() {
  curl --silent --show-error --fail-with-body --max-time 60 --retry 4 --retry-connrefused \
    --header @<(printf 'Authorization: Bearer %s' "$DAYLINE_KEY") "$@"
}

# First value of a name in compact JSON. Enough for the flat answers read here; use jq for more.
first() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# With an Idempotency-Key the repetitions above submit nothing twice.
taken=$(call --request POST "$days" \
  --header 'Content-Type: application/json' \
  --header "Idempotency-Key: $(date +%s)-$$-$RANDOM" \
  --data "{\"org_id\": \"acme-doors\", \"rep_id\": \"dana\", \"recording_url\": \"$recording_url\"}") || {
  echo "refused: $taken" >&2
  exit 2
}
id=$(printf '%s' "$taken" | first id)
echo "submitted $id"

pause=1
while true; do
  session=$(call "$days/$id")
  status=$(printf '%s' "$session" | first status)
  case $status in completed | failed) break ;; esac
  sleep "$pause"
  pause=$((pause < 15 ? pause * 2 : 15))
done
echo "$status"

if [ "$status" = failed ]; then
  printf '%s' "$session" | grep -o '"error":{.*' >&2
  exit 1
fi

echo "conversations: $(printf '%s' "$session" | grep -o '"segments_detected":[0-9]*' | cut -d : -f 2)"
echo "--- the transcript of the whole day, as text"
call "$days/$id/transcript?format=txt"
