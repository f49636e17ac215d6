// The page of `ops local up`. The server sends all that is shown; nothing is computed here.

const HEADER = "X-Ops-Page";
const COLOURS = ["#3b82f6", "#f59e0b", "#10b981", "#ec4899", "#8b5cf6", "#14b8a6", "#f43f5e"];
const MARKED = { scaling: "▲", alarm: "!", spot: "✕", deployment: "⇪", schedule: "◷" };
const KEPT = 1800; // points
const dark = matchMedia("(prefers-color-scheme: dark)");
const points = [];
let setting = {};
let state = null;

const at = (id) => document.getElementById(id);
const utc = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19); // Plotly shows a Date in local time
const time = (text) => (text ? text.slice(11, 19) : "");

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Keep what is focused and opened where a list is drawn again.
function redraw(id, children) {
  const place = at(id);
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const open = new Set([...place.querySelectorAll("details[open]")].map((each) => each.dataset.key));
  place.replaceChildren(...children);
  for (const each of place.querySelectorAll("details")) each.open = open.has(each.dataset.key);
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

async function operate(name, args, done) {
  at("answer").textContent = "…";
  try {
    const answer = await fetch(`/operations/${name}`, {
      method: "POST",
      headers: { [HEADER]: "1", "Content-Type": "application/json" },
      body: JSON.stringify(args),
    });
    const { result, error } = await answer.json();
    at("answer").textContent = error ?? done(result);
  } catch {
    at("answer").textContent = "`ops local up` does not answer.";
  }
}

function button(text, key, press, label = text) {
  return element("button", { type: "button", "data-key": key, "aria-label": label, onclick: press }, text);
}

function drawTry() {
  const children = [];
  if (setting.load) {
    const number = element("input", { type: "number", min: 1, max: 10000, value: setting.load.number, "aria-label": `Number of ${setting.load.name}` });
    const send = (event) => {
      event.preventDefault();
      const told = (result) => Object.entries(result).map(([status, n]) => `${n} × ${status}`).join(", ");
      operate("load", { number: Number(number.value) }, (result) => `Sent ${setting.load.name}: ${told(result)}.`);
    };
    children.push(element("form", { onsubmit: send }, number, element("button", {}, `Send ${setting.load.name}`)));
  }
  for (const name of setting.companions ?? []) {
    const pause = () => operate("pause", { name, seconds: 30 }, () => `${name} answers nothing for 30 seconds.`);
    children.push(button(`Pause ${name} for 30 s`, `pause ${name}`, pause));
  }
  at("try").replaceChildren(...children);
}

function taskState(task) {
  if (task.is_stopping) return ["stopping", "wait"];
  if (task.status === "STOPPED") return ["stopped", "bad"];
  if (task.status !== "RUNNING") return ["starting", "wait"];
  if (task.health === "UNHEALTHY") return ["unhealthy", "bad"];
  return task.health === "HEALTHY" ? ["healthy", "good"] : ["running", "good"];
}

function drawTask(task) {
  const [text, kind] = taskState(task);
  const stop = () => operate("stop_task", { cluster: task.cluster, task: task.id }, () => `Task ${task.id.slice(0, 8)} is told to stop.`);
  const can = text !== "stopped" && text !== "stopping";
  return element("li", {},
    element("span", {}, element("code", {}, task.id.slice(0, 8)), task.is_spot ? " Spot" : "", " ",
      element("span", { class: `state ${kind}` }, text), task.reason ? ` ${task.reason}` : ""),
    can ? button("Stop", `stop ${task.id}`, stop, `Stop task ${task.id.slice(0, 8)}`) : null);
}

function drawService(service) {
  const spot = service.tasks.some((task) => task.is_spot && task.status === "RUNNING");
  const interrupt = () => operate("interrupt", { service: service.ecs_name }, (ids) => `${ids.length} Spot task(s) of ${service.name} interrupted.`);
  const deployments = service.deployments.map((each) =>
    element("p", { class: "quiet" }, `revision ${each.revision}: ${each.state}, ${each.running} of ${each.desired} tasks` +
      (each.failed ? `, ${each.failed} failed` : "") + (each.reason ? `. ${each.reason}` : "")));
  return element("article", { class: "card" },
    element("div", { class: "row" }, element("h3", {}, service.name),
      element("span", { class: "state" }, `${service.running} of ${service.desired} tasks`),
      spot ? button("Interrupt Spot", `spot ${service.name}`, interrupt) : null),
    ...deployments,
    element("ul", { class: "tasks" }, ...service.tasks.map(drawTask)),
    element("details", { "data-key": `events ${service.name}` }, element("summary", {}, "Events"),
      ...service.events.map((text) => element("p", { class: "quiet" }, text))));
}

function drawAlarms(alarms) {
  const kinds = { ALARM: "bad", OK: "good", INSUFFICIENT_DATA: "wait" };
  const counts = Object.keys(kinds).map((name) => `${alarms.filter((each) => each.state === name).length} ${name}`);
  at("alarm-counts").textContent = counts.join(", ");
  const order = Object.keys(kinds);
  const sorted = [...alarms].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name));
  redraw("alarms", sorted.map((each) =>
    element("li", {}, element("span", { class: `state ${kinds[each.state]}` }, each.state), ` ${each.name} `,
      element("span", { class: "quiet" }, each.state === "ALARM" ? `since ${time(each.since)}: ${each.reason}` : ""))));
}

function drawLists() {
  redraw("activities", state.activities.map((each) =>
    element("li", {}, element("time", {}, time(each.time)), ` ${each.service}: ${each.description} `,
      element("span", { class: "quiet" }, [each.status, ...each.reasons, each.cause].join(". ")))));
  redraw("decisions", state.decisions.toReversed().map((each, number) => {
    const { time: moment, kind, subject, rule, ...inputs } = each;
    return element("li", {}, element("time", {}, time(moment)), ` ${kind} ${subject}: ${rule} `,
      element("details", { "data-key": `decision ${moment} ${subject} ${number}` }, element("summary", {}, "inputs"),
        element("pre", {}, JSON.stringify(inputs, null, 2))));
  }));
  redraw("mails", state.mails.map((each) =>
    element("details", { "data-key": `mail ${each.time} ${each.to} ${each.subject}` },
      element("summary", {}, `${time(each.time)} ${each.to}: ${each.subject}`), element("pre", {}, each.text))));
}

function drawCurves() {
  if (!window.Plotly || !points.length) return;
  const x = points.map((point) => utc(point.time));
  const names = [...new Set(points.flatMap((point) => Object.keys(point.desired)))];
  const queues = [...new Set(points.flatMap((point) => Object.keys(point.messages)))];
  const curve = (name, values, more) => ({ x, y: values, name, mode: "lines", hoverlabel: { namelength: -1 }, ...more });
  const traces = names.flatMap((name, number) => {
    const line = { shape: "hv", color: COLOURS[number % COLOURS.length] };
    return [
      curve(`${name} running`, points.map((point) => point.running[name] ?? null), { line }),
      curve(`${name} desired`, points.map((point) => point.desired[name] ?? null), { line: { ...line, dash: "dot" }, showlegend: false }),
    ];
  });
  queues.forEach((name, number) => traces.push(curve(name, points.map((point) => point.messages[name] ?? null),
    { yaxis: "y2", line: { color: COLOURS[(names.length + number) % COLOURS.length] } })));
  for (const target of setting.targets ?? []) {
    const value = (point) => (target.per_task ? target.value * (point.running[target.service] ?? 0) : target.value);
    traces.push(curve(`target of ${target.service}`, points.map(value), { yaxis: "y2", line: { dash: "dash", width: 1, color: "#94a3b8" } }));
  }
  const events = state.decisions.filter((each) => MARKED[each.kind] && each.time.slice(0, 19) >= x[0]);
  traces.push({ x: events.map((each) => each.time.slice(0, 19)), y: events.map(() => 1), yaxis: "y3", mode: "text", showlegend: false,
    text: events.map((each) => MARKED[each.kind]), hovertext: events.map((each) => `${each.kind} ${each.subject}: ${each.rule}`), hoverinfo: "x+text" });
  const most = Math.max(1, ...points.flatMap((point) => [...Object.values(point.desired), ...Object.values(point.running)]));
  const colour = getComputedStyle(document.body).color;
  const axis = { gridcolor: dark.matches ? "#343c48" : "#d6dce4", rangemode: "tozero", zeroline: false };
  Plotly.react("curves", traces, {
    margin: { l: 56, r: 8, t: 8, b: 30 }, paper_bgcolor: "transparent", plot_bgcolor: "transparent",
    font: { color: colour }, hovermode: "x", legend: { orientation: "h", y: -0.12 },
    xaxis: { gridcolor: axis.gridcolor, anchor: "y2", tickformat: "%H:%M", hoverformat: "%H:%M:%S" }, yaxis: { ...axis, title: { text: "tasks" }, domain: [0.52, 0.92], dtick: Math.ceil(most / 5) },
    yaxis2: { ...axis, title: { text: "messages" }, domain: [0, 0.44] }, yaxis3: { domain: [0.94, 1], visible: false },
  }, { responsive: true, displayModeBar: false });
}

function draw() {
  at("speed").textContent = state.speed === 1 ? "" : `${state.speed} times as fast as real time`;
  at("clock").textContent = state.now.replace("T", " ").slice(0, 19) + " UTC";
  redraw("service-list", state.services.map(drawService));
  drawAlarms(state.alarms);
  drawLists();
  drawCurves();
}

const events = new EventSource("/events");
events.addEventListener("setting", (event) => {
  setting = JSON.parse(event.data);
  points.length = 0;
  at("place").textContent = `${setting.application} ${setting.environment}`;
  drawTry();
});
events.addEventListener("state", (event) => {
  state = JSON.parse(event.data);
  points.push(...state.points);
  points.splice(0, points.length - KEPT);
  at("connection").textContent = at("fault").textContent = "";
  draw();
});
events.addEventListener("fault", (event) => {
  const { error } = JSON.parse(event.data);
  at("connection").textContent = "";
  at("fault").textContent = `The embedded AWS could not be read; what is below is older, and the page asks again. ${error}`;
});
events.addEventListener("error", () => { at("connection").textContent = "`ops local up` does not answer; trying again."; });
dark.addEventListener("change", () => state && drawCurves());
