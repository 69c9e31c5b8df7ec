// The page: it sends the whole state with every question, asks one question at a time and only the newest one next,
// and draws an answer only if the instance is still the same. So fast moves cannot mix, and neither can two tabs.

const start = JSON.parse(document.getElementById("start").textContent);
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const served = !start.answers;
const ROLES = ["optimum", "heuristic", "without"];
const BUSY_AFTER_MS = 200;
const STILL_MS = 150; // The formulation follows when the sliders have been still for so long.

let state = start.state ?? { name: "", document: null, positions: {} };
let opening = 0; // Counts the instances that were opened.
let stops = {};
let starts = {};
let solutions = {}; // Of the schedules that were solved, by role.
let plans = {}; // Of what is shown, which may have been dragged.
let solvedCharts = {};
let picked = null;
let saidBy = "";

// What one question went wrong with is taken back when that question is answered, or by the next thing that is done.
function say(message, by = "") {
  saidBy = by;
  const place = find(".message");
  place.textContent = message;
  place.hidden = !message;
}

async function ask(question, body) {
  if (!served) return answered(question, body.state, body.on);
  let answer;
  try {
    answer = await fetch(question, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("the program does not answer: is 'partload explore' still running?");
  }
  const found = await answer.json().catch(() => ({ message: `the program answered ${answer.status}` }));
  if (!answer.ok) throw new Error(found.message);
  return found;
}

// The answer of a page without a server: it stands in the page, its texts by their numbers.
function answered(question, { positions }, on) {
  const { open, found, parts } = start.answers;
  if (question === "open") return open;
  const key = Object.entries(positions).map(([name, place]) => `${name}=${place}`).join();
  const { draw, explain, relax } = found[key];
  if (question === "explain") return { ...explain, html: parts[explain.html], laboratory: parts[explain.laboratory] };
  if (question === "relax") return relax[on.join()];
  return { parts: Object.fromEntries(Object.entries(draw).map(([role, place]) => [role, parts[place]])) };
}

// Asks the newest question once the one before is answered; those in between are left out.
class Newest {
  constructor(question, show, place) {
    Object.assign(this, { question, show, place, running: false, waiting: null });
  }

  request(asked) {
    this.waiting = asked;
    if (!this.running) this.run();
  }

  async run() {
    this.running = true;
    const busy = setTimeout(() => find(this.place).setAttribute("aria-busy", "true"), BUSY_AFTER_MS);
    while (this.waiting) {
      const asked = this.waiting;
      this.waiting = null;
      try {
        const answer = await ask(this.question, { state: asked.state, by_hand: asked.by_hand ?? null, on: asked.on ?? [] });
        if (asked.opening !== opening) continue;
        this.show(answer, asked);
        find(this.place).classList.remove("former");
        if (saidBy === this.question) say("");
      } catch (error) {
        if (asked.opening !== opening) continue;
        say(error.message, this.question);
        find(this.place).classList.add("former"); // What is shown is not what the sliders say.
      }
    }
    clearTimeout(busy);
    find(this.place).removeAttribute("aria-busy");
    this.running = false;
  }
}

const drawing = new Newest("draw", showCharts, ".charts");
const relaxing = new Newest("relax", showRun, ".log");
const explaining = new Newest("explain", showFormulation, ".formulation");

let still = null;

function redraw() {
  say("");
  clearTimeout(still);
  drawing.request({ state: structuredClone(state), opening });
}

function showCharts(answer, asked) {
  clearTimeout(still);
  still = setTimeout(() => explaining.request(asked), served ? STILL_MS : 0);
  find("section.measures").innerHTML = answer.parts.measures;
  solutions = answer.solutions ?? {};
  plans = { ...solutions };
  picked = null;
  for (const role of ROLES) {
    solvedCharts[role] = answer.parts[role];
    chartOf(role).innerHTML = answer.parts[role];
  }
  document.body.dataset.shown = JSON.stringify(asked.state.positions);
  document.body.dataset.draws = Number(document.body.dataset.draws ?? 0) + 1;
}

function showFormulation(answer, asked) {
  const place = find(".equations-of");
  if (place.dataset.html !== answer.html) {
    place.innerHTML = answer.html;
    place.dataset.html = answer.html;
  }
  if (!asked.by_hand) showBench(answer.laboratory, asked.state);
  find(".where-marked").textContent = asked.by_hand ? "at your plan, and those it breaks are named" : "at the optimum";
  find(".sizes").textContent = answer.sizes;
  const note = find(".unmarked");
  note.textContent = answer.note;
  note.hidden = !answer.note;
  for (const equation of all("[data-equation]", place)) {
    const mark = answer.marks[equation.dataset.equation];
    equation.className = mark ? mark.kind : "";
    find(".mark", equation).textContent = mark ? mark.text : "";
  }
  document.body.dataset.explained = JSON.stringify(asked.state.positions);
}

// The laboratory: its runs belong to one instance and one formulation, and go with them.
function showBench(html, of) {
  const place = find(".laboratory");
  const about = JSON.stringify([opening, of.positions, of.formulation]);
  if (place.dataset.about === about) return;
  place.dataset.about = about;
  place.hidden = !html;
  for (const part of [".log", ".fractional"]) find(part, place).replaceChildren();
  if (place.dataset.html === html) return; // The switches stay as they are.
  find(".bench", place).innerHTML = html;
  place.dataset.html = html;
}

function relax() {
  const on = all('input[name="switch"]:checked').map((one) => one.value);
  relaxing.request({ state: structuredClone(state), opening, on, about: find(".laboratory").dataset.about });
}

function showRun(answer, { about }) {
  const place = find(".laboratory");
  if (place.dataset.about !== about) return;
  if (!find("table", place)) find(".log", place).innerHTML = "<table><tbody></tbody></table>";
  const row = document.createElement("tr");
  row.innerHTML = answer.row;
  find("tbody", place).prepend(row);
  find(".fractional", place).innerHTML = answer.point;
}

const chartOf = (role) => find(`.chart[data-role="${role}"]`);

// Instances

async function open(next) {
  try {
    const answer = await ask("open", { state: next });
    state = next;
    opening += 1;
    ({ stops, starts } = answer);
    for (const name of ["shown", "explained"]) delete document.body.dataset[name];
    find(".controls").innerHTML = answer.controls;
    say("");
  } catch (error) {
    say(error.message); // What was shown stays.
    chooseName();
    return;
  }
  chooseName();
  redraw();
}

function chooseName() {
  const choice = find('select[name="instance"]');
  if (choice) choice.value = state.document === null ? state.name : "";
}

async function openFile(file) {
  const document_ = await file.text();
  await open({ name: file.name, document: document_, positions: {}, heuristic: null, formulation: null });
}

async function save() {
  try {
    const found = await ask("save", { state });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([found.text], { type: "application/json" }));
    link.download = `${found.name.replaceAll(/[^\w.=-]+/g, "-")}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    say(error.message);
  }
}

// Controls

function moveSlider(input) {
  const position = Number(input.value);
  if (!served) {
    for (const other of all(".slider input")) if (other !== input) setSlider(other, starts[other.name]);
    state.positions = {};
  }
  input.previousElementSibling.textContent = stops[input.name][position];
  input.setAttribute("aria-valuetext", stops[input.name][position]);
  if (position === starts[input.name]) delete state.positions[input.name];
  else state.positions[input.name] = position;
  redraw();
}

function setSlider(input, position) {
  input.value = position;
  input.previousElementSibling.textContent = stops[input.name][position];
  input.setAttribute("aria-valuetext", stops[input.name][position]);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(".slider input")) moveSlider(target);
});

document.addEventListener("change", ({ target }) => {
  if (target.name === "heuristic" || target.name === "formulation") {
    state[target.name] = target.value;
    redraw();
  } else if (target.name === "switch") relax();
  else if (target.name === "instance") {
    open({ name: target.value, document: null, positions: {}, heuristic: null, formulation: null });
  } else if (target.name === "file" && target.files.length) {
    openFile(target.files[0]);
    target.value = "";
  }
});

document.addEventListener("click", ({ target }) => {
  if (target.matches(".reset")) {
    state.positions = {};
    for (const input of all(".slider input")) setSlider(input, starts[input.name]);
    redraw();
  } else if (target.matches(".save")) save();
  else if (target.matches(".relax")) relax();
  else if (target.matches(".back")) backToSolved(target.closest(".chart").dataset.role);
});

document.addEventListener("submit", (event) => event.preventDefault());

// A file can be dropped on the page or pasted into it.
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (served && event.dataTransfer.files.length) openFile(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text");
  if (served && text.trim()) {
    open({ name: "pasted text", document: text, positions: {}, heuristic: null, formulation: null });
  }
});

// Dragging, or picking a chip and then a place

async function move(role, id, target) {
  const asked = { opening, solution: solutions[role] };
  try {
    const answer = await ask("move", { state, move: { role, solution: plans[role], id, target } });
    if (asked.opening !== opening || asked.solution !== solutions[role]) return; // The schedule is another one by now.
    plans[role] = answer.solution;
    chartOf(role).innerHTML = answer.chart;
    find(".back", chartOf(role)).hidden = false;
    explaining.request({ state: structuredClone(state), opening, by_hand: { role, solution: plans[role] } });
    say("");
  } catch (error) {
    say(error.message);
  }
}

function backToSolved(role) {
  plans[role] = solutions[role];
  chartOf(role).innerHTML = solvedCharts[role];
  explaining.request({ state: structuredClone(state), opening });
}

function pick(chip) {
  const before = picked;
  unpick();
  if (before === chip) return;
  picked = chip;
  chip.classList.add("picked");
  for (const place of all("[data-target]", chip.closest(".chart"))) place.tabIndex = 0;
}

function unpick() {
  picked?.classList.remove("picked");
  for (const place of all("[data-target][tabindex]")) place.removeAttribute("tabindex");
  picked = null;
}

function drop(chip, place) {
  unpick();
  if (!place || place === chip.closest("[data-target]")) return;
  move(chip.closest(".chart").dataset.role, chip.dataset.id, place.dataset.target);
}

function placeAt(x, y, chart) {
  const found = document.elementFromPoint(x, y)?.closest("[data-target]");
  return found && chart.contains(found) ? found : null;
}

let dragged = null; // {chip, x, y, ghost, over}

document.addEventListener("pointerdown", (event) => {
  const chip = event.target.closest(".chip");
  if (!served || !chip || event.button) return;
  dragged = { chip, x: event.clientX, y: event.clientY, ghost: null, over: null };
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const far = Math.hypot(event.clientX - dragged.x, event.clientY - dragged.y) > 5;
  if (!dragged.ghost && far) {
    dragged.ghost = dragged.chip.cloneNode(true);
    dragged.ghost.classList.add("ghost");
    document.body.append(dragged.ghost);
  }
  if (!dragged.ghost) return;
  event.preventDefault();
  dragged.ghost.style.left = `${event.clientX + 8}px`;
  dragged.ghost.style.top = `${event.clientY + 8}px`;
  dragged.over?.classList.remove("over");
  dragged.over = placeAt(event.clientX, event.clientY, dragged.chip.closest(".chart"));
  dragged.over?.classList.add("over");
});

function endDrag(event) {
  if (!dragged) return;
  const { chip, ghost, over } = dragged;
  dragged = null;
  over?.classList.remove("over");
  if (!ghost) return;
  ghost.remove();
  if (event.type !== "pointerup" || !chip.isConnected) return;
  // The click that follows belongs to the drag.
  document.addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
  setTimeout(() => document.body.click());
  drop(chip, placeAt(event.clientX, event.clientY, chip.closest(".chart")));
}
document.addEventListener("pointerup", endDrag);
document.addEventListener("pointercancel", endDrag);

document.addEventListener("click", ({ target }) => {
  if (!served) return;
  const chip = target.closest(".chip");
  if (chip && (!picked || picked === chip || chip.closest(".tray"))) return pick(chip);
  const place = target.closest("[data-target]");
  if (picked && place && place.closest(".chart") === picked.closest(".chart")) drop(picked, place);
  else unpick();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") unpick();
  if (event.key === "Enter" && picked && event.target.matches("[data-target]")) drop(picked, event.target);
});

document.body.classList.toggle("served", served);
if (!served) find(".which").textContent = start.about;
open(state);
