"use strict";
// Zooms the picture and says what a part is. The page can be read without this script.

const box = document.querySelector(".picture");
const svg = box.querySelector("svg");
const said = document.createElement("output");
const MOST = 16;
let zoom = 1; // Width of the picture, as a multiple of the width of its box.

// Zooms so that the point of the picture that is at x, y of the window stays there.
function zoomTo(wanted, x, y) {
  const before = svg.getBoundingClientRect();
  zoom = Math.min(Math.max(wanted, 1), MOST);
  box.classList.toggle("zoomed", zoom > 1);
  svg.style.width = `${100 * zoom}%`;
  svg.style.minWidth = zoom > 1 ? `${48 * zoom}rem` : "";
  const after = svg.getBoundingClientRect();
  box.scrollLeft += after.left + ((x - before.left) / before.width) * after.width - x;
  box.scrollTop += after.top + ((y - before.top) / before.height) * after.height - y;
}

function zoomBy(factor) {
  const { left, top, width, height } = box.getBoundingClientRect();
  zoomTo(zoom * factor, left + width / 2, top + height / 2);
}

function fit() {
  zoomTo(1, 0, 0);
  svg.style.minWidth = "0";
}

const tools = document.createElement("div");
tools.className = "tools";
const buttons = [
  ["−", "Zoom out", () => zoomBy(1 / 1.5)],
  ["+", "Zoom in", () => zoomBy(1.5)],
  ["whole picture", "Fit the picture into the window", fit],
];
for (const [text, title, act] of buttons) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.title = title;
  button.setAttribute("aria-label", title);
  button.addEventListener("click", act);
  tools.append(button);
}
said.textContent = "Point at a part, or touch it, to see what it is. The keys + - 0, and Ctrl with the wheel, zoom.";
tools.append(said);
box.before(tools);

box.addEventListener(
  "wheel",
  (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoomTo(zoom * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  },
  { passive: false },
);

addEventListener("keydown", (event) => {
  const act = { "+": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5), 0: fit }[event.key];
  if (act && !event.ctrlKey && !event.metaKey) act();
});

function say(event) {
  const part = event.target.closest('[id^="part-"]');
  const title = part && part.querySelector("title");
  if (title) said.textContent = title.textContent;
}
svg.addEventListener("pointerover", say);
svg.addEventListener("click", say);
