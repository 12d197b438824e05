/* Reads codes with the camera, on this phone alone: the browser's own reader where it has one, else ours (vendor/qr).
   What was read is sent by the form #read; the part #scan comes anew with each answer and says what became of it. */
const lens = document.getElementById("lens");
const one = (selector) => lens?.querySelector(selector);
const video = one("#video"), start = one("#start"), torch = one("#torch");
const EVERY = 120, SAME = 8000;   // ms between two looks; for so long the same code is not read again
let reader = null, stream = null, last = { text: "", at: 0 }, busy = false;

async function ownReader() {
  const { BarcodeDetector } = await import(lens.dataset.decoder);
  return new BarcodeDetector({ formats: ["qr_code"] });
}

async function readerHere() {
  const native = globalThis.BarcodeDetector;
  try {
    if (native && (await native.getSupportedFormats()).includes("qr_code")) return new native({ formats: ["qr_code"] });
  } catch { /* a phone whose system has the name and not the service */ }
  return ownReader();
}

function noCamera() {
  one(".ask-camera").hidden = true;
  video.hidden = true;
  one(".no-camera").hidden = false;
  document.querySelector(".typed input[name=code]")?.focus();
}

async function open() {
  const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    reader ??= await readerHere();
  } catch {
    close();
    noCamera();
    return;
  }
  video.srcObject = stream;
  video.hidden = false;
  one(".ask-camera").hidden = true;
  await video.play();
  const [track] = stream.getVideoTracks();
  torch.hidden = !track.getCapabilities?.().torch;
  torch.setAttribute("aria-pressed", "false");
  look();
}

function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
}

async function look() {
  if (!stream) return;
  if (!busy && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
    try {
      const [found] = await reader.detect(video);
      if (found) said(found.rawValue);
    } catch (trouble) {   // a frame that cannot be read: the next one comes; a service that is missing: ours takes over
      if (trouble.name === "NotSupportedError") reader = await ownReader();
    }
  }
  setTimeout(look, EVERY);
}

function said(text) {
  const now = Date.now();
  if (text === last.text && now - last.at < SAME) { last.at = now; return; }
  const form = document.getElementById("read");
  if (!form) { close(); return; }
  last = { text, at: now };
  busy = true;
  form.elements.code.value = text.slice(0, 200);
  form.requestSubmit();
}

// A refusal says its reason within the page, where the next code is read, not above it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig: { elt } } = event.detail;
  if (xhr.status < 400 || !elt.closest("#scan") || !xhr.responseText.includes('id="scan"')) return;
  const part = document.getElementById("scan");
  Object.assign(event.detail, { shouldSwap: true, isError: false, target: part, selectOverride: "#scan", swapOverride: "outerHTML" });
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  busy = false;
  if (event.detail.failed && event.detail.xhr.status === 0) last.text = "";   // no signal: the same code may be read again
  navigator.vibrate?.(event.detail.xhr.status < 400 ? 80 : [60, 80, 60]);
});

torch?.addEventListener("click", async () => {
  const on = torch.getAttribute("aria-pressed") !== "true";
  await stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  torch.setAttribute("aria-pressed", String(on));
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) close();
  else if (lens && !video.hidden) open();
});

if (lens) {
  if (!navigator.mediaDevices?.getUserMedia) noCamera();
  else {
    start.hidden = false;
    start.addEventListener("click", open);
    try {
      if ((await navigator.permissions.query({ name: "camera" })).state === "granted") open();
    } catch { /* a browser that does not tell: the button asks */ }
  }
}
