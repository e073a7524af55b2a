// Keys and small conveniences. Every page works without this file.
"use strict";

document.documentElement.classList.add("scripted");

const typing = (target) => target.closest("input, textarea, select, dialog[open]") !== null
  && !["checkbox", "radio"].includes(target.type);

const say = (text) => { document.getElementById("said").textContent = text; };

// A list's lines, or a question's choices: j and k move between them.
const stops = () => [...document.querySelectorAll("[data-open], [data-choice]")];

function move(step) {
  const all = stops();
  if (all.length === 0) return;
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1)
    : Math.min(Math.max(here + step, 0), all.length - 1);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function choose(number) {
  const choice = document.querySelectorAll("[data-choice]")[number - 1];
  if (!choice) return;
  choice.focus();
  if (choice.type === "radio") choice.click();
}

const press = (name) => {
  const found = document.querySelector(`[data-key="${name}"]`);
  if (!found) return;
  if (found.matches("input, textarea")) found.focus(); else found.click();
};

const actions = {
  j: () => move(1),
  k: () => move(-1),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
  i: () => document.querySelector('[data-go="i"]')?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target)) return;
  if (event.key === "Enter" && event.target.matches("[data-choice]")) {
    event.preventDefault();
    event.target.form?.requestSubmit();
    return;
  }
  if (event.key in actions) actions[event.key]();
  else if (/^[1-9]$/.test(event.key)) choose(Number(event.key));
  else if (/^[a-z]$/.test(event.key)) press(event.key);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
});

// Choosing in a select with this mark sends its form.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submits]");
  if (form && event.target.matches("select")) form.requestSubmit();
  const focused = event.target.dataset.focuses;
  if (focused && event.target.checked) document.getElementById(focused)?.focus();
});

// Typing a value chooses it.
document.addEventListener("input", (event) => {
  const choice = event.target.closest("[data-chooses]")?.dataset.chooses;
  if (choice) document.getElementById(choice).checked = true;
});

// One press, one request.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.target.hasAttribute("hx-post")) return;
  requestAnimationFrame(() => event.target.querySelectorAll("button:not([type])").forEach((b) => { b.disabled = true; }));
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("button:disabled").forEach((b) => { if (!b.hasAttribute("data-off")) b.disabled = false; });
  const told = document.querySelector("[data-said]");
  if (told) say(told.textContent.trim());
});

// The seconds for which an answer can be taken back, by this page's own clock.
for (const shown of document.querySelectorAll("[data-until]")) {
  const left = Date.parse(shown.dataset.until) - Date.parse(shown.dataset.now);
  const over = performance.now() + left;
  const tick = setInterval(() => {
    const seconds = Math.max(Math.ceil((over - performance.now()) / 1000), 0);
    shown.textContent = `${seconds} s`;
    if (seconds === 0) clearInterval(tick);
  }, 250);
}
