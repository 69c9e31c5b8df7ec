// The page: its state, the controls that change it, and what is shown of the answers.

const start = JSON.parse(document.getElementById("start").textContent);
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const served = !start.answers;
const ROLES = ["optimum", "heuristic", "without"];
const STILL_MS = 150; // The formulation follows when the sliders have been still for so long.

let state = start.state ?? { name: "", document: null, positions: {} };
let opening = 0; // Counts the instances that were opened.
let choosing = 0; // Counts those that were chosen: the last one is opened, whichever answer comes last.
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

const drawing = new Newest("draw", showCharts, ".charts", forgetFormer);
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

// Nothing of the instance before stays where this one cannot be drawn.
function forgetFormer() {
  if (document.body.dataset.shown) return;
  solutions = plans = {};
  find(".unmarked").hidden = true;
  find(".laboratory").hidden = true;
  for (const place of all("section.measures, .chart, .equations-of, .sizes")) place.replaceChildren();
  for (const shown of all("[data-html], [data-about]")) {
    delete shown.dataset.html;
    delete shown.dataset.about;
  }
}

function showFormulation(answer, asked) {
  const place = find(".equations-of");
  if (place.dataset.html !== answer.html) {
    place.innerHTML = answer.html;
    place.dataset.html = answer.html;
  }
  if (!asked.by_hand) showBench(answer.laboratory, asked.state);
  find(".where-marked").textContent = asked.by_hand ? "at your plan, and those it breaks are named" : "at the plan of the first chart";
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

const chartOf = (role) => find(`.chart[data-role="${role}"]`);

// Instances

async function open(chosen) {
  choosing += 1;
  const mine = choosing;
  try {
    const next = await chosen;
    const answer = await ask("open", { state: next });
    if (mine !== choosing) return;
    state = next;
    opening += 1;
    ({ stops, starts } = answer);
    for (const name of ["shown", "explained"]) delete document.body.dataset[name];
    find(".controls").innerHTML = answer.controls;
    say("");
  } catch (error) {
    if (mine !== choosing) return;
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

function openFile(file) {
  const read = (text) => ({ name: file.name, document: text, positions: {}, heuristic: null, formulation: null });
  open(file.text().then(read));
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

document.body.classList.toggle("served", served);
if (!served) find(".which").textContent = start.about;
open(state);
