// Makes the page live: sends what is asked, and shows what the board answered.
"use strict";

const EVERY = 1500; // ms between the end of one look at the pins and the next
const PATIENCE = 6000; // ms for an answer
const STATUS_EVERY = 8; // looks
const AWAY = "The board does not answer.";

const $ = (selector, at = document) => at.querySelector(selector);
const cards = [...document.querySelectorAll("[id^=p-]")];
const net = $("#net");
const say = (words) => ($("#say").textContent = words);
const percent = (duty) => Math.floor((duty * 100) / 1023) + " %";

let timer;
let looks = 0;
let changes = 0; // begun or ended here: a look from before one tells of the past
let moving = null; // the slider whose values are on their way
let near = ""; // what the list of networks shows, as JSON

// location.search is the token, where the page was opened with one; with it no browser shall ask
// for the name and password that it would else bring by itself.
async function ask(path, options, tries = 3) {
  const credentials = location.search ? "omit" : "same-origin";
  const signal = AbortSignal.timeout(PATIENCE);
  const answer = await fetch(path + location.search, { credentials, signal, ...options })
    .catch(() => { throw Error(AWAY); });
  if (answer.status == 503 && tries) { // no room just now, and nothing has changed
    await new Promise((done) => setTimeout(done, EVERY / 3));
    return ask(path, options, tries - 1);
  }
  const body = await answer.json();
  if (!answer.ok) throw Error(body.error.message);
  return body;
}

async function look() {
  clearTimeout(timer);
  if (document.hidden) return; // visibilitychange looks again
  const then = changes;
  try {
    const { pins } = await ask("/pins");
    if (then == changes) pins.forEach(show);
    if (net.open) showNetworks(await ask("/wifi"));
    if (looks++ % STATUS_EVERY == 0) showStatus(await ask("/status"));
    if ($("#say").textContent == AWAY) say("");
  } catch (error) {
    say(error.message);
  }
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
}

// Pins

function turn(toggle, on) {
  toggle.setAttribute("aria-checked", on);
  toggle.value = on ? "off" : "on";
}

function show(pin) {
  const card = document.getElementById("p-" + pin.name);
  if (!card) return;
  const on = pin.state == "on";
  const toggle = $("[role=switch]", card);
  const slider = $("[type=range]", card);
  const reading = $("b", card);
  if (toggle) turn(toggle, on);
  if (slider) {
    if (slider != moving) slider.value = pin.duty;
    reading.textContent = percent(slider.value);
  } else if (pin.volts != null) {
    reading.textContent = pin.volts.toFixed(2) + " V";
    $("meter", card).value = pin.value;
    $("p", card).textContent = pin.value + " of 1024";
  } else if (reading) reading.textContent = reading.className = pin.state;
  card.until = pin.remaining == null ? 0 : Date.now() + pin.remaining * 1000;
  card.next = on ? "off" : "on";
  card.edges = pin.edges;
  count(card);
}

function count(card) {
  const left = $(".left", card);
  if (!left) return;
  const seconds = Math.ceil((card.until - Date.now()) / 1000);
  if (card.edges != null) left.textContent = "changes: " + card.edges;
  else left.textContent = seconds > 0 ? `${card.next} in ${seconds} s` : "";
}

async function put(name, wanted) {
  changes++;
  try {
    const body = JSON.stringify(wanted);
    show(await ask("/pins/" + name, { method: "PUT", headers: { "Content-Type": "application/json" }, body }));
    say("");
  } catch (error) {
    await look();
    say(error.message);
  }
  changes++;
}

async function change(form, button) {
  const { pin, ...wanted } = Object.fromEntries(new FormData(form));
  if (wanted.for) wanted.for = Number(wanted.for);
  wanted.state = button.value;
  const toggle = $("[role=switch]", form);
  if (toggle) turn(toggle, wanted.state == "on"); // under the thumb; the answer has the last word
  await put(pin, wanted);
}

// While a value is on its way the slider may move on; the last value is always sent.
addEventListener("input", async ({ target }) => {
  if (target.type != "range") return;
  $("b", target.form).textContent = percent(target.value);
  if (moving) return;
  moving = target;
  let sent;
  do {
    sent = target.value;
    await put(target.form.pin.value, { duty: Number(sent) });
  } while (sent != target.value);
  moving = null;
});

// Wi-Fi

function showStatus({ station, config, trouble }) {
  const { ssid, state, address } = station;
  $("#station").textContent = ssid && `${ssid} · ${state == "up" ? address : state}`;
  $("#notes").replaceChildren(...[trouble, ...config].filter(Boolean).map((note) => make("p", note)));
}

function showNetworks({ asked, address, networks, known, scanning }) {
  const outcome = asked && (asked.outcome == "up" ? "joined, " + address : asked.outcome);
  $("#asked").textContent = asked ? `${asked.ssid}: ${outcome}` : "";
  const found = JSON.stringify([networks, known, scanning]);
  if (found == near) return; // else the focus would be lost
  near = found;
  const strange = networks.filter(({ ssid }) => !known.some((one) => one.ssid == ssid));
  const rows = [...known, ...strange].map((one) => {
    const row = make("li");
    const seen = networks.find(({ ssid }) => ssid == one.ssid);
    row.append(make("button", one.ssid, () => choose(one.ssid)));
    const words = [seen ? seen.rssi + " dBm" : "not seen", seen?.open && "open", one.trouble];
    row.append(make("span", words.filter(Boolean).join(" · ")));
    if (one.saved) row.append(make("button", "Forget", () => wifi({ forget: one.ssid })));
    return row;
  });
  const last = make("li");
  last.append(make("button", scanning ? "Looking …" : "Look for networks", () => wifi({ scan: true })));
  $("#near").replaceChildren(...rows, last);
}

function make(tag, text = "", click) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (click) Object.assign(element, { type: "button", onclick: click });
  return element;
}

function choose(ssid) {
  const form = $("form", net);
  form.ssid.value = ssid;
  form.password.focus();
}

async function wifi(wanted) {
  try {
    showNetworks(await ask("/wifi", { method: "POST", body: new URLSearchParams(wanted) }));
    say("");
  } catch (error) {
    say(error.message);
  }
}

addEventListener("submit", async (event) => {
  event.preventDefault();
  const { target, submitter } = event;
  submitter.setAttribute("aria-busy", true);
  if (target.ssid) await wifi(new FormData(target));
  else await change(target, submitter);
  submitter.removeAttribute("aria-busy");
});
document.addEventListener("visibilitychange", look);
net.addEventListener("toggle", look);
for (const link of document.links) link.search = location.search;
setInterval(() => cards.forEach(count), 500);
look();
