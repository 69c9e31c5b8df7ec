// Questions to the program, or to the answers that stand in the page. Each question carries the whole state, one is
// asked at a time and only the newest one next, and an answer is shown only if the instance is still the same. So fast
// moves cannot mix, and neither can two tabs.

const BUSY_AFTER_MS = 200;

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
  constructor(question, show, place, fail = () => {}) {
    Object.assign(this, { question, show, place, fail, running: false, waiting: null });
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
        this.fail();
      }
    }
    clearTimeout(busy);
    find(this.place).removeAttribute("aria-busy");
    this.running = false;
  }
}
