// Voice messages: recorded here where the browser allows it, else from a file. Nobody recognises speech in here, so
// what was said is typed beside it, as the platform would send it along.

import { base64, lengthOf, say } from "./composer.js";
import { $ } from "./make.js";
import { t } from "./words.js";

/** Longest recording. */
const LONGEST_MS = 60_000;

let recorder = null;
let recording = null;
let fail = () => {};

export function openVoice(onFailure) {
  fail = onFailure;
  $("voice").hidden = false;
  drawVoice();
}

export function closeVoice() {
  recorder?.stop();
  recorder = null;
  discard();
  $("voice").hidden = true;
}

function discard() {
  if (recording) URL.revokeObjectURL(recording.address);
  recording = null;
  $("heard").value = "";
}

/** Draws what there is of the recording, in the present language. */
export function drawVoice() {
  const canRecord = Boolean(navigator.mediaDevices?.getUserMedia) && "MediaRecorder" in window;
  $("record").hidden = !canRecord;
  $("record").textContent = recorder ? t("stopRecording") : t("record");
  $("record").classList.toggle("on", Boolean(recorder));
  $("voice-note").textContent = canRecord ? t("voiceNote") : t("voiceFileNote");
  $("heard").placeholder = t("heardPlaceholder");
  $("voice-player").hidden = !recording;
  $("voice-send").disabled = !recording;
  if (recording && $("voice-player").src !== recording.address) $("voice-player").src = recording.address;
}

function take(blob, name, durationMs) {
  const heard = $("heard").value;
  discard();
  $("heard").value = heard;
  recording = { blob, name, durationMs, address: URL.createObjectURL(blob) };
  drawVoice();
}

async function record() {
  if (recorder) {
    recorder.stop();
    return;
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const pieces = [];
  const began = performance.now();
  const running = new MediaRecorder(stream);
  recorder = running;
  running.ondataavailable = ({ data }) => pieces.push(data);
  running.onstop = () => {
    for (const track of stream.getTracks()) track.stop();
    // The panel may have been closed meanwhile.
    if (recorder === running) {
      recorder = null;
      const type = running.mimeType || "audio/webm";
      take(new Blob(pieces, { type }), `voice.${type.includes("mp4") ? "m4a" : "webm"}`, Math.round(performance.now() - began));
    }
  };
  running.start();
  setTimeout(() => running.state === "recording" && running.stop(), LONGEST_MS);
  drawVoice();
}

async function send() {
  const { blob, name, durationMs } = recording;
  const recognition = $("heard").value.trim();
  await say({ kind: "audio", fileName: name, bytes: await base64(blob), durationMs, recognition: recognition || undefined });
  closeVoice();
  $("tray").hidden = true;
  $("more").setAttribute("aria-expanded", "false");
}

export function listenToVoice() {
  $("record").addEventListener("click", () => record().catch((error) => {
    recorder = null;
    drawVoice();
    // Without a microphone, or without leave to use it, a file does as well.
    fail(new Error(`${t("noMicrophone")} (${error.name})`));
  }));
  $("voice-file").addEventListener("click", () => $("pick-voice").click());
  $("pick-voice").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) take(file, file.name, await lengthOf(file));
  });
  $("voice-send").addEventListener("click", () => send().catch((error) => fail(error)));
}
