"""Articles added the way the page adds them: an event of its own in Gradio's queue, which is no public endpoint."""

from __future__ import annotations

import base64
import json
import uuid

import httpx

_MOST_S = 600.0


def add_as_the_page_does(url: str, jsonl: str) -> str:
    """Drop a file on the page and wait until it is in; return what went wrong, empty when nothing did."""
    files = [{"name": "load.jsonl", "data": base64.b64encode(jsonl.encode()).decode()}]
    session = uuid.uuid4().hex[:11]
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
        wired = next(d for d in http.get("config").json()["dependencies"] if any(event == "take" for _, event in d["targets"]))
        event = {"data": [], "fn_index": wired["id"], "session_hash": session, "event_data": {"kind": "files", "files": files}}
        http.post("gradio_api/queue/join", json={**event, "trigger_id": wired["targets"][0][0]}).raise_for_status()
        with http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}, timeout=_MOST_S) as lines:
            for line in lines.iter_lines():
                told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed":
                    return "" if told.get("success") else f"adding failed: {told.get('output')}"
    return "adding was cut off"
