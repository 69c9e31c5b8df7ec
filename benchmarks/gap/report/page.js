"use strict";
// Sorting and filtering the table of runs, and the plan of any run as a picture. The page can be read without it.

const runs = document.getElementById("runs");
const body = runs.tBodies[0];
const rows = Array.from(body.rows);
const { models, plans } = JSON.parse(document.getElementById("plans").textContent);
let plan = null; // The row with a picture, below the row whose plan it is.

// ---- sorting

function key(row, column) {
  const cell = row.cells[column];
  return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent;
}

function compare(one, other) {
  if (one === "" || other === "") return (one === "") - (other === ""); // What is not known comes last, either way.
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), "en", { numeric: true });
}

function sortBy(column, heads) {
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  const order = next[heads[column].getAttribute("aria-sort")];
  heads.forEach((head, at) => head.setAttribute("aria-sort", at === column ? order : "none"));
  const sign = order === "descending" ? -1 : 1;
  const keyed = rows.map((row, at) => ({ row, at, key: order === "none" ? at : key(row, column) }));
  keyed.sort((a, b) => {
    const unknown = a.key === "" || b.key === "";
    return (unknown ? 1 : sign) * compare(a.key, b.key) || a.at - b.at;
  });
  const open = plan && plan.previousElementSibling;
  body.append(...keyed.map((one) => one.row));
  if (open) open.after(plan);
}

const heads = Array.from(runs.tHead.rows[0].cells);
heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  button.addEventListener("click", () => sortBy(column, heads));
  head.replaceChildren(button);
  head.setAttribute("aria-sort", "none");
});

// ---- filtering

const texts = rows.map((row) => row.textContent.toLowerCase());
const filter = document.createElement("div");
filter.className = "filter";
const field = document.createElement("input");
field.type = "search";
field.placeholder = "Filter: words that a row has to have";
field.setAttribute("aria-label", "Filter rows");
const count = document.createElement("span");
count.className = "note";
count.setAttribute("role", "status");
filter.append(field, count);
runs.parentElement.before(filter);

function filterRows() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, at) => {
    row.hidden = !words.every((word) => texts[at].includes(word));
    shown += !row.hidden;
  });
  if (plan) plan.hidden = plan.previousElementSibling.hidden;
  count.textContent = `${shown} of ${rows.length} rows`;
}
field.addEventListener("input", filterRows);
filterRows();

// ---- the plan of a row

const LANE = 22, LEFT = 62, TOP = 8, AXIS = 24, LEAST_SLOT = 14;

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function short(number) {
  return String(Number(number.toPrecision(4)));
}

function size(bytes) {
  const [unit, name] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : bytes >= 1e3 ? [1e3, "kB"] : [1, "B"];
  return `${short(bytes / unit)} ${name}`;
}

// Bars of a plan: loads and batches on the GPU; uploads on the uplink, side by side where they overlap.
function bars(slots) {
  const free = [];
  const made = [];
  slots.forEach(([model, requests, bytes, start, loaded, first, last, ready, end], at) => {
    const slot = `slot ${at + 1}, ${models[model]}`;
    const many = `${requests} ${requests === 1 ? "request" : "requests"}`;
    const add = (kind, lane, from, to, what) => {
      if (to > from) {
        const title = `${slot}: ${what}, from ${short(from)} to ${short(to)} s`;
        made.push({ kind, lane, from, to, title, name: models[model] });
      }
    };
    add("load", 0, start, loaded, bytes ? `loads ${size(bytes)}` : "loads");
    add("batch", 0, ready, end, `inference of ${many}`);
    if (last > first) {
      let lane = free.findIndex((until) => until <= first + 1e-9 * last);
      if (lane < 0) lane = free.length;
      free[lane] = last;
      add("upload", lane + 1, first, last, `uploads of ${many}`);
    }
  });
  return { made, lanes: 1 + free.length };
}

function step(span, room) {
  const least = (span * 80) / room;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least);
}

function draw(slots, room) {
  const { made, lanes } = bars(slots);
  const end = Math.max(...made.map((bar) => bar.to), 0) || 1;
  const width = Math.max(room, LEFT + LEAST_SLOT * slots.length);
  const scale = (width - LEFT - 14) / end;
  const lane = lanes > 41 ? 6 : LANE;
  const height = TOP + LANE + (lanes - 1) * lane + AXIS;
  const svg = element("svg", { width, height, role: "img", "aria-label": "Plan over time" });
  const top = (n) => TOP + (n ? LANE + (n - 1) * lane : 0);
  svg.append(element("text", { x: 4, y: top(0) + 15 }, "GPU"));
  if (lanes > 1) svg.append(element("text", { x: 4, y: top(1) + 15 }, "uplink"));
  const every = step(end, width - LEFT);
  const digits = Math.max(0, -Math.floor(Math.log10(every)));
  for (let n = 0; n * every <= end * (1 + 1e-9); n++) {
    const x = LEFT + n * every * scale;
    svg.append(element("line", { class: "axis", x1: x, x2: x, y1: TOP, y2: height - AXIS + 4 }));
    const unit = (n + 1) * every > end ? " s" : "";
    svg.append(element("text", { x, y: height - 6, "text-anchor": "middle" }, (n * every).toFixed(digits) + unit));
  }
  for (const bar of made) {
    const high = (bar.lane ? lane : LANE) - 3;
    const long = Math.max((bar.to - bar.from) * scale, 0.8);
    const rect = element("rect", { class: bar.kind, x: LEFT + bar.from * scale, y: top(bar.lane), width: long, height: high });
    rect.append(element("title", {}, bar.title));
    svg.append(rect);
    if (high > 12 && long > 7 * bar.name.length + 6) {
      const place = { class: `on ${bar.kind}`, x: LEFT + bar.from * scale + 4, y: top(bar.lane) + 14 };
      svg.append(element("text", place, bar.name));
    }
  }
  return svg;
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function legend() {
  const made = paragraph("");
  for (const [kind, name] of [["load", "loads"], ["upload", "uploads"], ["batch", "inference"]]) {
    const mark = document.createElement("span");
    mark.className = `key ${kind}`;
    made.append(mark, name);
  }
  const note = document.createElement("span");
  note.className = "note";
  note.textContent = " – point at a bar for what it is; deadlines are not in the rows of a study";
  made.append(note);
  return made;
}

function close() {
  if (!plan) return;
  plan.previousElementSibling.classList.remove("open");
  plan.remove();
  plan = null;
}

function open(row) {
  close();
  const [total, ...slots] = plans[row.id.slice("row-".length)] || [0];
  plan = document.createElement("tr");
  plan.className = "plan";
  const cell = plan.insertCell();
  cell.colSpan = heads.length;
  const box = document.createElement("div");
  box.className = "box";
  box.style.width = `${runs.parentElement.clientWidth}px`;
  cell.append(box);
  const [number, instance, sharing, method, status] = Array.from(row.cells, (one) => one.textContent);
  const copy = sharing === "no" ? " without sharing" : "";
  box.append(paragraph(`Row ${number}: ${instance}${copy}, ${method}, ${status}, ${total} ${total === 1 ? "slot" : "slots"}`));
  if (slots.length < total) box.append(paragraph(`Of ${total} slots, the first ${slots.length} are drawn.`));
  if (slots.length) {
    const wide = document.createElement("div");
    wide.className = "wide";
    wide.append(draw(slots, Math.max(runs.parentElement.clientWidth, 560)));
    box.append(legend(), wide);
  } else box.append(paragraph("There is no plan to show."));
  row.hidden = false;
  row.classList.add("open");
  row.after(plan);
}

function follow(scroll) {
  const row = /^#row-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (!row) return close();
  open(row);
  if (scroll) row.scrollIntoView({ block: "center" });
}

body.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#row-"]');
  if (!link) return;
  event.preventDefault();
  const again = plan && plan.previousElementSibling === link.closest("tr");
  history.pushState(null, "", again ? location.pathname + location.search : link.getAttribute("href"));
  follow(false);
});
addEventListener("hashchange", () => follow(true));
addEventListener("popstate", () => follow(false));
addEventListener("resize", () => plan && follow(false));
follow(true);
