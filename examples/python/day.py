"""Submits a recorded day with the client, waits for it, and prints every conversation with its score.

DAYLINE_URL=http://127.0.0.1:8400 DAYLINE_KEY=pk_sandbox_... python examples/python/day.py [recording_url]
"""

import os
import sys

from dayline_client import ApiError, Dayline, JobFailed


def clock(seconds: float) -> str:
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


def main() -> int:
    recording_url = sys.argv[1] if len(sys.argv) > 1 else "mock://three-conversations"
    with Dayline(os.environ["DAYLINE_URL"], os.environ["DAYLINE_KEY"]) as dayline:
        try:
            session = dayline.submit_and_wait(org_id="acme-doors", rep_id="dana", recording_url=recording_url)
        except JobFailed as failure:
            print(f"failed: {failure.code}", file=sys.stderr)
            return 1
        except ApiError as refusal:
            print(f"refused: {refusal.message} See {refusal.doc_url}", file=sys.stderr)
            return 2

        print(f"completed: {session['segments_detected']} conversations")
        for segment in session["segments"]:
            where = f"{clock(segment['start_seconds'])} to {clock(segment['end_seconds'])}"
            if segment["analysis_id"] is None:
                print(f"{where}: {segment['status']} ({segment['confidence']:.2f})")
                continue
            result = dayline.analyses.get(segment["analysis_id"])["analysis"]
            if result is not None:
                print(f"{where}: {result['recording_title']}, {result['overall_score']} of 100, {result['outcome']}")
                print(f"  do better: {result['action_plan_v5']['general_communication_improvement']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
