// Dragging a chip to a place, or picking a chip and then a place: the checker judges the plan.

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
  move(chip.closest(".chart").dataset.role, JSON.parse(`"${chip.dataset.id}"`), place.dataset.target);
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
