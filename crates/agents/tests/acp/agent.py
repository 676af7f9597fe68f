"""A coding agent without a model: does what the words of a question say, well or badly."""

import json
import os
import subprocess
import sys
import threading

MODE = sys.argv[1] if len(sys.argv) > 1 else ""
STATE = sys.argv[2] if len(sys.argv) > 2 else "."
lock = threading.Lock()
answers = {}
cancelled = {}
sessions = {}


def write(message):
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def update(session, **fields):
    write({"method": "session/update", "params": {"sessionId": session, "update": fields}})


def say(session, text, kind="agent_message_chunk"):
    update(session, sessionUpdate=kind, content={"type": "text", "text": text})


def ask(session, kind, title):
    number = f"ask-{len(answers)}"
    answered = threading.Event()
    answers[number] = [answered, None]
    write({"id": number, "method": "session/request_permission", "params": {
        "sessionId": session,
        "toolCall": {"toolCallId": "call-1", "title": title, "kind": kind},
        "options": [{"optionId": "yes", "name": "Yes", "kind": "allow_once"},
                    {"optionId": "no", "name": "No", "kind": "reject_once"}],
    }})
    answered.wait()
    return answers[number][1]["outcome"].get("optionId", "none")


def prompt(number, session, blocks):
    text = blocks[0]["text"]
    stop = "end_turn"
    sessions[session] = sessions.get(session, 0) + 1
    if "exit" in text:
        print("我的密码是 hunter2", file=sys.stderr, flush=True)
        os._exit(3)
    elif "hang" in text:
        subprocess.Popen(["sleep", "1000"])
        with open(os.path.join(STATE, "hanging"), "w") as file:
            file.write(str(os.getpgrp()))
        say(session, "半句")
        return
    elif "slow" in text:
        say(session, "慢")
        cancelled.setdefault(session, threading.Event()).wait()
        cancelled.pop(session)
        say(session, "迟到的话")
        stop = "cancelled"
    elif "flood" in text:
        for _ in range(20000):
            say(session, "水")
    elif "noise" in text:
        with lock:
            sys.stdout.write("npm warn deprecated\n{\"broken\n\x00\xff\n" * 100)
            sys.stdout.flush()
        say(session, "听得见")
    elif "garbage" in text:
        with lock:
            sys.stdout.write("no message\n" * 5000)
            sys.stdout.flush()
        return
    elif "write" in text or "look" in text:
        kind = "edit" if "write" in text else "read"
        say(session, "想想", "agent_thought_chunk")
        update(session, sessionUpdate="tool_call", toolCallId="call-1", title="改 main.rs", kind=kind, status="pending")
        chosen = ask(session, kind, "改 main.rs")
        done = "completed" if chosen == "yes" else "failed"
        update(session, sessionUpdate="tool_call_update", toolCallId="call-1", status=done)
        say(session, f"选了 {chosen}")
    elif "refuse" in text:
        stop = "refusal"
    else:
        say(session, f"{session} #{sessions[session]} ")
        say(session, f"「{text}」")
        for block in blocks[1:]:
            say(session, f" {block['type']} {block['mimeType']} {len(block['data'])}")
        say(session, " " + ",".join(sorted(os.environ)))
    write({"id": number, "result": {"stopReason": stop}})


for line in sys.stdin:
    message = json.loads(line)
    method, number, params = message.get("method"), message.get("id"), message.get("params", {})
    if method == "initialize":
        if MODE == "mute":
            continue
        if MODE == "dead":
            print("ANTHROPIC_API_KEY is not set", file=sys.stderr, flush=True)
            sys.exit(1)
        write({"id": number, "result": {
            "protocolVersion": 99 if MODE == "newer" else 1,
            "agentCapabilities": {"loadSession": MODE == "loads", "promptCapabilities": {"image": True}},
        }})
    elif method == "session/new":
        if MODE == "login":
            write({"id": number, "error": {"code": -32000, "message": "Authentication required"}})
            continue
        assert os.getcwd() == os.path.realpath(params["cwd"])
        session = f"{os.getpid()}-{len(sessions)}"
        sessions[session] = 0
        write({"id": number, "result": {"sessionId": session}})
    elif method == "session/load":
        sessions[params["sessionId"]] = 100
        say(params["sessionId"], "重放的旧话")
        write({"id": number, "result": None})
    elif method == "session/prompt":
        threading.Thread(target=prompt, args=(number, params["sessionId"], params["prompt"]), daemon=True).start()
    elif method == "session/cancel":
        cancelled.setdefault(params["sessionId"], threading.Event()).set()
    elif method is None and number in answers:
        answers[number][1] = message["result"]
        answers[number][0].set()
