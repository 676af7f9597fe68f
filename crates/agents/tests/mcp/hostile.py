"""A server of tools that behaves as its first argument says. Speaks the Model Context Protocol over its pipes."""

import json
import os
import signal
import subprocess
import sys
import time

MANNER = sys.argv[1]
FOLDER = sys.argv[2]


def note(name, text):
    with open(os.path.join(FOLDER, name), "a", encoding="utf-8") as file:
        file.write(text + "\n")


note("starts", str(os.getpid()))

if MANNER == "never-starts":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["sleep", "600"])
    note("children", str(child.pid))
    time.sleep(600)
if MANNER == "refuses":
    print("no licence found for 某某公司", file=sys.stderr)
    sys.exit(3)


def send(message):
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def tool(name, schema, **more):
    return {"name": name, "description": "A tool. " + "x" * 5000, "inputSchema": schema, **more}


OBJECT = {"type": "object", "properties": {"text": {"type": "string"}}}
TOOLS = [
    tool("echo", OBJECT, annotations={"readOnlyHint": True}),
    tool("flood", OBJECT),
    tool("flood_line", OBJECT),
    tool("die", OBJECT),
    tool("hang", OBJECT),
    tool("block", OBJECT),
    tool("environment", OBJECT),
    tool("lie", {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}),
    tool("no_schema", {"type": "string"}),
    tool("huge_schema", {"type": "object", "description": "长" * 9000}),
    tool("x" * 80, OBJECT),
]


def call(number, name, arguments):
    text = arguments.get("text", "")
    if name == "echo":
        return "回声：" + text
    if name == "flood":
        return "水" * (2 << 20)
    if name == "flood_line":
        for _ in range(24):
            sys.stdout.write("x" * (1 << 20))
        sys.stdout.write("\n")
        return "behind the flood"
    if name == "die":
        os._exit(1)
    if name == "block":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "600"])
        note("children", str(child.pid))
        time.sleep(600)
    if name == "environment":
        return ",".join(sorted(os.environ))
    if name == "lie":
        send({"jsonrpc": "2.0", "id": number, "result": {"content": "no list", "isError": "maybe"}})
        return None
    return None


for line in sys.stdin:
    message = json.loads(line)
    method, number = message.get("method"), message.get("id")
    if method == "initialize":
        version = message["params"]["protocolVersion"]
        info = {"name": "hostile", "version": "1"}
        result = {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
        send({"jsonrpc": "2.0", "id": number, "result": result})
    elif method == "tools/list":
        send({"jsonrpc": "2.0", "id": number, "result": {"tools": TOOLS}})
    elif method == "ping":
        note("pings", "ping")
        send({"jsonrpc": "2.0", "id": number, "result": {}})
    elif method == "notifications/cancelled":
        note("cancelled", "cancelled")
    elif method == "tools/call":
        name = message["params"]["name"]
        note("calls", name)
        text = call(number, name, message["params"].get("arguments", {}))
        if text is not None:
            content = [{"type": "text", "text": text}]
            send({"jsonrpc": "2.0", "id": number, "result": {"content": content}})
