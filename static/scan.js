/* Reads codes with the camera, on this phone alone: the browser's own reader where it has one, else ours (vendor/qr).
   What was read is sent by the form #read; the part #scan comes anew with each answer and says what became of it. */
const lens = document.getElementById("lens");
const one = (selector) => lens?.querySelector(selector);
const video = one("#video"), start = one("#start"), torch = one("#torch");
const EVERY = 120, SAME = 8000, FACTS = [404, 409, 410];   // ms; refusals that say their reason within the page
let reader = null, stream = null, last = { text: "", at: 0 }, busy = false;

async function readerHere() {
  const own = globalThis.BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes("qr_code")) return new own({ formats: ["qr_code"] });
  const { BarcodeDetector } = await import(lens.dataset.decoder);
  return new BarcodeDetector({ formats: ["qr_code"] });
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
    } catch { /* a frame that cannot be read: the next one comes */ }
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

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig: { elt } } = event.detail;
  if (!FACTS.includes(xhr.status) || !elt.closest("#scan") || !xhr.responseText.includes('id="scan"')) return;
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
