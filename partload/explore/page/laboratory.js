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
