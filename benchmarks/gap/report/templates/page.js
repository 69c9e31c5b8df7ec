"use strict";
// Sorts and filters the table of runs, and draws the plan of a run. The page can be read without this script.

const runs = document.getElementById("runs");
const body = runs.tBodies[0];
const rows = Array.from(body.rows);
const { models, plans, lanes } = JSON.parse(document.getElementById("plans").textContent);
let plan = null; // The table row with the picture of a plan, below the row of its run.

// ---- sorting

function key(row, column) {
  const cell = row.cells[column];
  return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent;
}

function compare(one, other) {
  if (one === "" || other === "") return (one === "") - (other === ""); // An unknown value comes last in both orders.
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
field.placeholder = "Filter: terms that a row must contain";
field.setAttribute("aria-label", "Filter rows");
const count = document.createElement("span");
count.className = "note";
count.setAttribute("role", "status");
filter.append(field, count);
runs.parentElement.before(filter);

function filterRows() {
  const terms = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let visible = 0;
  rows.forEach((row, at) => {
    row.hidden = !terms.every((term) => texts[at].includes(term));
    visible += !row.hidden;
  });
  if (plan) plan.hidden = plan.previousElementSibling.hidden;
  count.textContent = `${visible} of ${rows.length} rows`;
}
field.addEventListener("input", filterRows);
filterRows();

// ---- the plan of a row

const LANE = 22, TOP = 8, AXIS = 24, LEAST_SLOT = 14, HALF = 11;
const LEGENDS = {
  slots: [["load", "loads"], ["upload", "uploads"], ["batch", "inference"]],
  users: [["arrive", "layer arrives"], ["compute", "layer computes"], ["wait", "device waits"]],
};

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

// A picture has bars, labels at the left, its height and its least width.

// Picture of slots: loads and batches on the GPU, uploads on the uplink. Uploads that overlap have lanes of their own.
function ofSlots(slots) {
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
  const lane = free.length > 40 ? 6 : LANE; // Height of the lanes of the uplink.
  const top = (n) => (n ? LANE + (n - 1) * lane : 0);
  for (const bar of made) {
    bar.top = top(bar.lane);
    bar.high = (bar.lane ? lane : LANE) - 3;
  }
  const labels = [{ top: top(0), text: "GPU" }, ...(free.length ? [{ top: top(1), text: "uplink" }] : [])];
  return { made, labels, left: 62, least: LEAST_SLOT * slots.length, high: top(1 + free.length) };
}

// Picture of users: the downloads of a user's layers and, below, their inference and the waits of the device.
function ofUsers(users) {
  const made = [];
  const labels = users.map(([user, model, here, computed], at) => {
    const top = at * (2 * HALF + 5);
    const name = `${user}: ${models[model]}`;
    const add = (kind, below, from, to, what, layer) => {
      if (to > from) {
        const title = `${name}, ${what} layer ${layer + 1}, from ${short(from)} to ${short(to)} s`;
        const shade = layer % 2 && kind !== "wait" ? `${kind} fine other` : `${kind} fine`;
        made.push({ kind: shade, from, to, title, top: top + below, high: HALF, name: "" });
      }
    };
    let begun = 0, free = 0;
    here.forEach((arrives, layer) => {
      const ends = computed[layer];
      add("arrive", 0, begun, arrives, "downloads", layer);
      add("wait", HALF, free, arrives, "waits for", layer);
      add("compute", HALF, Math.max(free, arrives), ends, "computes", layer);
      begun = arrives;
      free = ends;
    });
    return { top: top + 1, text: name.length > 24 ? `${name.slice(0, 23)}…` : name };
  });
  return { made, labels, left: 160, least: 0, high: users.length * (2 * HALF + 5) };
}

// The distance of two ticks: 1, 2 or 5 times a power of ten, at least 80 pixels.
function step(span, width) {
  const least = (span * 80) / width;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least);
}

function draw({ made, labels, left, least, high }, available) {
  const end = Math.max(...made.map((bar) => bar.to), 0) || 1;
  const width = Math.max(available, left + least);
  const scale = (width - left - 14) / end;
  const height = TOP + high + AXIS;
  const svg = element("svg", { width, height, role: "img", "aria-label": "Plan over time" });
  for (const { top, text } of labels) svg.append(element("text", { x: 4, y: TOP + top + 15 }, text));
  const every = step(end, width - left);
  const digits = Math.max(0, -Math.floor(Math.log10(every)));
  for (let n = 0; n * every <= end * (1 + 1e-9); n++) {
    const x = left + n * every * scale;
    svg.append(element("line", { class: "axis", x1: x, x2: x, y1: TOP, y2: height - AXIS + 4 }));
    const unit = (n + 1) * every > end ? " s" : "";
    svg.append(element("text", { x, y: height - 6, "text-anchor": "middle" }, (n * every).toFixed(digits) + unit));
  }
  for (const bar of made) {
    const long = Math.max((bar.to - bar.from) * scale, 0.8);
    const x = left + bar.from * scale;
    const rect = element("rect", { class: bar.kind, x, y: TOP + bar.top, width: long, height: bar.high });
    rect.append(element("title", {}, bar.title));
    svg.append(rect);
    if (bar.name && bar.high > 12 && long > 7 * bar.name.length + 6) {
      const place = { class: `on ${bar.kind}`, x: x + 4, y: TOP + bar.top + 14 };
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

function legend(marks) {
  const made = paragraph("");
  for (const [kind, name] of marks) {
    const mark = document.createElement("span");
    mark.className = `key ${kind}`;
    made.append(mark, name);
  }
  const note = document.createElement("span");
  note.className = "note";
  note.textContent = " – hover over a bar for details; the rows of a study have no deadlines";
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
  const number = row.id.slice("row-".length);
  const what = number in lanes ? "user" : "slot";
  const [total, ...parts] = (what === "user" ? lanes : plans)[number] || [0];
  plan = document.createElement("tr");
  plan.className = "plan";
  const cell = plan.insertCell();
  cell.colSpan = heads.length;
  const box = document.createElement("div");
  box.className = "box";
  box.style.width = `${runs.parentElement.clientWidth}px`;
  cell.append(box);
  const of = Object.fromEntries(heads.map((head, at) => [head.textContent, row.cells[at].textContent]));
  const copy = of.sharing === "no" ? " without sharing" : "";
  const many = parts.length ? `, ${total} ${what}${total === 1 ? "" : "s"}` : "";
  box.append(paragraph(`Row ${number}: ${of.instance}${copy}, ${of.method}, ${of.status}${many}`));
  if (parts.length < total) box.append(paragraph(`Of ${total} ${what}s, the first ${parts.length} are drawn.`));
  if (parts.length) {
    const wide = document.createElement("div");
    wide.className = "wide";
    const picture = what === "user" ? ofUsers(parts) : ofSlots(parts);
    wide.append(draw(picture, Math.max(runs.parentElement.clientWidth, 560)));
    box.append(legend(LEGENDS[`${what}s`]), wide);
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
