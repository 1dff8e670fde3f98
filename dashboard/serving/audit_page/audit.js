// The page itself: shows one of three parts (choose, count, result) and turns touches into taps.

import { Clock, Count } from "./counting.js";
import { ask, RefusedError, Sender } from "./sending.js";

const PLACES_KEY = "footfall-audit-places";
const part = (id) => document.getElementById(id);

let clock = new Clock();
let places = [];
let count = null;
let sender = null;
let offline = false;
let stale = false;

function show(id) {
  for (const name of ["choose", "count", "result"]) part(name).hidden = name !== id;
}

function say(trouble, forgettable = false) {
  part("trouble").textContent = trouble;
  part("trouble").hidden = trouble === "";
  part("forget").hidden = !forgettable;
}

function people(number) {
  return number === 1 ? "1 tap" : `${number} taps`;
}

// Choosing where

async function loadPlaces() {
  let answer = null;
  try {
    answer = await ask("places", clock);
    localStorage.setItem(PLACES_KEY, JSON.stringify(answer));
  } catch (error) {
    if (error instanceof RefusedError) {
      say(error.message);
      return;
    }
    answer = JSON.parse(localStorage.getItem(PLACES_KEY) ?? "null");
    if (answer === null) {
      say("No network. Open this page again when there is one.");
      return;
    }
  }
  fillPlaces(answer);
}

function fillPlaces(answer) {
  places = [];
  part("place").replaceChildren();
  for (const { site, label, entrances } of answer.places) {
    const before = answer.places.length > 1 ? `${label}: ` : "";
    for (const [entrance, cameras] of Object.entries(entrances)) {
      addPlace({ site, entrance, camera: "", label: before + entrance });
      if (cameras.length > 1) {
        for (const one of cameras) addPlace({ site, entrance, camera: one.name, label: `${before}${entrance}, only ${one.label}` });
      }
    }
  }
  part("who").hidden = answer.name !== "";
  part("start").disabled = places.length === 0;
  if (places.length === 0) say("No camera is configured yet, so that there is nothing to compare with.");
}

function addPlace(place) {
  part("place").append(new Option(place.label, String(places.length)));
  places.push(place);
}

function start() {
  count = Count.begin(places[Number(part("place").value)], part("auditor").value, clock);
  goOn();
}

// Counting

function goOn() {
  clock = count.clock;
  sender = new Sender(count, sent);
  show(count.about.end === null ? "count" : "result");
  part("where").textContent = count.about.label;
  draw();
  sender.soon(0);
  keepAwake();
}

function tap(kind) {
  if (count.paused()) return;
  attempt(() => count.tap(kind));
  navigator.vibrate?.(15);
}

function attempt(work) {
  try {
    work();
  } catch {
    say("This phone can keep no more: end this count, or free some of its memory.");
    return;
  }
  draw();
  sender.soon();
}

function describe(changes) {
  const last = count.last();
  if (last === null) return;
  const [[name, value]] = Object.entries(changes);
  attempt(() => count.change(last, { [name]: last[name] === value ? null : value }));
}

function draw() {
  if (count === null) return;
  const everybody = count.people();
  const last = count.last();
  const paused = count.paused();
  for (const kind of ["in", "out"]) {
    part(`${kind}-count`).textContent = String(everybody.filter((one) => one.kind === kind).length);
    part(`tap-${kind}`).disabled = paused;
  }
  for (const button of document.querySelectorAll("[data-gender], [data-age]")) {
    button.disabled = last === null || paused;
    const { gender, age } = button.dataset;
    button.setAttribute("aria-pressed", String(last !== null && (gender ? last.gender === gender : last.age === age)));
  }
  part("about").textContent = paused ? "Paused: nobody is counted" : last === null ? "" : `About the last one (${last.kind}), if you like`;
  part("undo").disabled = last === null;
  part("pause").textContent = paused ? "Resume" : "Pause";
  drawTime();
  drawWaiting();
}

function drawTime() {
  if (count === null) return;
  const seconds = Math.floor(count.running_ms() / 1000);
  part("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function drawWaiting() {
  const waiting = count.waiting().length;
  const text = waiting > 0 && offline ? `${people(waiting)} waiting for the network` : offline ? "No network" : "";
  part("waiting").textContent = text;
  const everybody = count.people();
  part("counted").textContent =
    `You counted ${everybody.filter((one) => one.kind === "in").length} in and ` +
    `${everybody.filter((one) => one.kind === "out").length} out in ${part("time").textContent} minutes at ${count.about.label}.`;
  part("still-waiting").textContent = count.settled()
    ? ""
    : offline
      ? `${people(waiting)} waiting for the network. Keep this page; they are sent as soon as there is one.`
      : "Sending…";
  part("another").disabled = part("look-again").disabled = !count.settled();
}

function sent(result, error) {
  offline = error !== null && !(error instanceof RefusedError);
  if (error instanceof RefusedError) say(error.message, error.status === 422 || error.status === 403);
  else if (error === null) say("");
  draw();
  if (result !== null) showResult(result);
}

function askWhetherToEnd(asking) {
  part("sure").hidden = !asking;
  part("controls").hidden = asking;
  if (asking) part("sure").scrollIntoView({ block: "end" });
}

function end() {
  askWhetherToEnd(false);
  attempt(() => count.end());
  show("result");
}

// The result

function showResult(result) {
  part("headline").textContent = result.headline;
  part("void").textContent = result.void === "" ? "" : `This audit does not count: ${result.void}.`;
  part("sentences").replaceChildren(
    ...result.sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })),
  );
}

async function lookAgain() {
  try {
    showResult((await ask(`result/${count.about.uid}`, clock)).result);
    say("");
  } catch (error) {
    say(error instanceof RefusedError ? error.message : "No network.");
  }
}

function forget() {
  sender?.stop();
  count?.forget();
  location.reload();
}

// The phone

async function keepAwake() {
  try {
    if (count?.about.end === null) await navigator.wakeLock?.request("screen");
  } catch {
    // The screen goes dark after a while, as always.
  }
}

for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => tap(button.dataset.kind));
for (const button of document.querySelectorAll("[data-gender]"))
  button.addEventListener("click", () => describe({ gender: button.dataset.gender }));
for (const button of document.querySelectorAll("[data-age]")) button.addEventListener("click", () => describe({ age: button.dataset.age }));
part("start").addEventListener("click", start);
part("undo").addEventListener("click", () => attempt(() => count.change(count.last(), { undone: true })));
part("pause").addEventListener("click", () => attempt(() => count.tap(count.paused() ? "resume" : "pause")));
part("end").addEventListener("click", () => askWhetherToEnd(true));
part("go-on").addEventListener("click", () => askWhetherToEnd(false));
part("really-end").addEventListener("click", end);
part("look-again").addEventListener("click", lookAgain);
part("another").addEventListener("click", forget);
part("forget").addEventListener("click", () => {
  const waiting = count.waiting().length;
  if (waiting === 0 || confirm(`${people(waiting)} were not sent and will be lost. Forget them?`)) forget();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    if (stale) location.reload();
    keepAwake();
    sender?.soon(0);
  }
});
// The same count in another tab: what was tapped there belongs to it.
window.addEventListener("storage", (event) => {
  if (!event.key?.startsWith("footfall-audit") || event.key === PLACES_KEY) return;
  sender?.stop();
  stale = true;
  if (document.visibilityState === "visible") location.reload();
});
setInterval(drawTime, 500);
navigator.serviceWorker?.register("worker.js").catch(() => {});

count = Count.resume();
if (count !== null) goOn();
else {
  show("choose");
  part("start").disabled = true;
  loadPlaces();
}
