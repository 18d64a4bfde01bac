"""The same as day.py with the standard library alone: for programs that take no dependency.

DAYLINE_URL=http://127.0.0.1:8400 DAYLINE_KEY=pk_sandbox_... python examples/python/day_urllib.py [recording_url]
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

ATTEMPTS = 5
WORTH_REPEATING = (429, 502, 503, 504)


def call(method: str, path: str, body: dict | None = None) -> dict:
    """Send a request, again where that is safe, and return the answer. Raises RuntimeError with the API's own code."""
    headers = {"Authorization": f"Bearer {os.environ['DAYLINE_KEY']}"}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    if method != "GET":
        # The same key at every attempt: the service does it once, however often it arrives.
        headers["Idempotency-Key"] = str(uuid.uuid4())
    for attempt in range(ATTEMPTS):
        request = urllib.request.Request(os.environ["DAYLINE_URL"] + path, data=data, method=method, headers=headers)
        pause = 0.5 * 2**attempt
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in WORTH_REPEATING or attempt == ATTEMPTS - 1:
                problem = json.load(error)["error"]
                raise RuntimeError(f"{problem['code']}: {problem['message']} ({problem['request_id']})") from error
            asked = error.headers.get("Retry-After", "")
            pause = float(asked) if asked.isdigit() else pause
        except OSError:
            if attempt == ATTEMPTS - 1:
                raise
        time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def wait(session_id: str, timeout_seconds: float = 4 * 3600) -> dict:
    """Return a session when nothing more will happen to it."""
    give_up, pause = time.monotonic() + timeout_seconds, 0.5
    while True:
        session = call("GET", f"/v1/all-day-sessions/{session_id}")
        if session["status"] in ("completed", "failed"):
            return session
        if time.monotonic() > give_up:
            raise TimeoutError(f"{session_id} is still {session['status']}")
        time.sleep(pause)
        pause = min(15.0, pause * 1.5)


def main() -> int:
    recording_url = sys.argv[1] if len(sys.argv) > 1 else "mock://three-conversations"
    day = {"org_id": "acme-doors", "rep_id": "dana", "recording_url": recording_url}
    session = wait(call("POST", "/v1/all-day-sessions", day)["id"])
    if session["status"] == "failed":
        print(f"failed: {session['error']['code']}", file=sys.stderr)
        return 1
    print(f"completed: {session['segments_detected']} conversations")
    for segment in session["segments"]:
        if segment["analysis_id"] is not None:
            result = call("GET", f"/v1/analyses/{segment['analysis_id']}")["analysis"]
            print(f"{segment['start_seconds']:.0f} s: {result['recording_title']}, {result['overall_score']} of 100")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as refusal:
        sys.exit(f"refused: {refusal}")
