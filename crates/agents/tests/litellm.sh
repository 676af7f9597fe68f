#!/bin/sh
# Both interfaces against a LiteLLM proxy: words from its own mock answers, and tool calls that it passes on from a
# server without a model and translates between the interfaces. Not a part of `cargo xtask test`: installing the proxy
# takes minutes and 750 MB.
#
#   crates/agents/tests/litellm.sh            installs LiteLLM from PyPI into a folder that is deleted again
#   VENV=folder crates/agents/tests/litellm.sh        uses or makes that folder, and keeps it
set -eu

work=$(mktemp -d)
venv=${VENV:-$work/venv}
port=${PORT:-4017}
started=""
finish() {
    for process in $started; do kill "$process" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

if [ ! -x "$venv/bin/litellm" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet 'litellm[proxy]'
fi
"$venv/bin/pip" list 2>/dev/null | grep -i '^litellm '

cargo build --locked --quiet -p chela-agents --examples
examples=${CARGO_TARGET_DIR:-target}/debug/examples
"$examples/fake_model" 127.0.0.1:0 >"$work/upstream" &
started="$started $!"
until [ -s "$work/upstream" ]; do sleep 0.1; done
upstream=$(head -n 1 "$work/upstream")

cat >"$work/config.yaml" <<YAML
model_list:
  - model_name: mock
    litellm_params: { model: openai/mock, api_key: none, mock_response: "你好，我是模拟的回答。" }
  - model_name: tools
    litellm_params: { model: hosted_vllm/fake-tool, api_key: none, api_base: "$upstream" }
  - model_name: limited
    litellm_params: { model: openai/mock, api_key: none, mock_response: "litellm.RateLimitError" }
general_settings: { master_key: sk-local-proxy }
YAML
LITELLM_LOCAL_MODEL_COST_MAP=True NO_PROXY='*' "$venv/bin/litellm" --config "$work/config.yaml" --host 127.0.0.1 \
    --port "$port" >"$work/proxy.log" 2>&1 &
started="$started $!"
tries=0
until curl --silent --noproxy '*' --output /dev/null "http://127.0.0.1:$port/health/liveliness"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ]; then
        cat "$work/proxy.log"
        exit 1
    fi
    sleep 1
done

failed=0
# try WHAT EXPECTED ARGUMENT...: EXPECTED is `answers`, or what must stand in the error.
try() {
    what=$1
    expected=$2
    shift 2
    echo "== $what"
    if "$examples/ask_model" "$@" >"$work/said" 2>&1; then result=answers; else result=fails; fi
    cat "$work/said"
    case $expected in
        answers) [ "$result" = answers ] || { echo "FAILED: $what"; failed=1; } ;;
        *) grep -q "$expected" "$work/said" || { echo "FAILED: $what"; failed=1; } ;;
    esac
}
base="http://127.0.0.1:$port"
try "chat completions: words" answers openai-completions "$base/v1" mock sk-local-proxy
try "chat completions: a tool" answers openai-completions "$base/v1" tools sk-local-proxy --tool
try "chat completions: a wrong key" "kind: Auth" openai-completions "$base/v1" mock sk-wrong
try "chat completions: an unknown model" "kind: UnknownModel" openai-completions "$base/v1" nobody sk-local-proxy
try "chat completions: too many requests" "kind: RateLimited" openai-completions "$base/v1" limited sk-local-proxy
try "messages: words" answers anthropic-messages "$base" mock sk-local-proxy
try "messages: a tool" answers anthropic-messages "$base" tools sk-local-proxy --tool
try "messages: a wrong key" "kind: Auth" anthropic-messages "$base" mock sk-wrong
exit "$failed"
