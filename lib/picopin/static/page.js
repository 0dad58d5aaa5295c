// Makes the page live: asks the board for what is, shows only what it answered.
"use strict";

const EVERY = 1500; // ms between the end of one look at the pins and the next
const $ = (selector, at = document) => at.querySelector(selector);
const say = (words) => ($("#say").textContent = words);

let changes = 0; // begun or ended by this page: a look that was under way tells of the past
let looks = 0;
let timer;

async function ask(path, options) {
  let answer, body;
  try {
    // location.search: the token, where the page was opened with one
    answer = await fetch(path + location.search, { signal: AbortSignal.timeout(9000), ...options });
    body = await answer.json();
  } catch {
    throw Error("The board does not answer.");
  }
  if (!answer.ok) throw Error(body.error.message);
  return body;
}

function show(pin) {
  const card = document.getElementById("p-" + pin.name);
  if (!card) return;
  const on = pin.state == "on";
  const toggle = $("[role=switch]", card);
  const output = $("output", card);
  if (toggle) {
    toggle.setAttribute("aria-checked", on);
    toggle.value = on ? "off" : "on";
  }
  const slider = $("[type=range]", card);
  if (slider && slider != moving) {
    slider.value = pin.duty;
    output.value = percent(pin.duty);
  } else if ("volts" in pin) {
    output.value = pin.volts.toFixed(2) + " V";
    $("meter", card).value = pin.value;
  } else if (output && !slider) output.value = pin.state;
  card.until = pin.remaining && Date.now() + pin.remaining * 1000;
  card.word = on ? "off" : "on";
  count(card);
}

function count(card) {
  const left = $(".left", card);
  if (left) left.textContent = card.until ? `${card.word} in ${Math.max(0, Math.ceil((card.until - Date.now()) / 1000))} s` : "";
}
