"use strict";
// Draws the curves of a task and shows the progress of its running round.
(() => {
  const colours = ["#0f8a73", "#c2601c", "#5a6fd8", "#b0418a", "#7a8b1f", "#2a8fb8", "#8a5a33", "#6b6f76"];
  const plots = new Map();

  const percent = (value) => (value == null ? "–" : (100 * value).toFixed(1) + " %");
  const kilobytes = (value) => (value == null ? "–" : (value / 1000).toFixed(1) + " kB");

  function draw(target, rounds, series, format) {
    const shown = series.filter((one) => one.values.some((value) => value != null));
    plots.get(target)?.destroy();
    plots.delete(target);
    target.replaceChildren();
    if (rounds.length === 0 || shown.length === 0) {
      const note = document.createElement("p");
      note.className = "empty";
      note.textContent = rounds.length === 0 ? "No round closed yet." : "Not measured.";
      target.append(note);
      return;
    }
    const style = getComputedStyle(document.documentElement);
    const axis = { stroke: style.getPropertyValue("--soft"), grid: { stroke: style.getPropertyValue("--line"), width: 1 } };
    plots.set(target, new uPlot({
      width: target.clientWidth,
      height: 220,
      scales: { x: { time: false, range: (plot, from, to) => [from - 0.25, to + 0.25] } },
      axes: [
        { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100], values: (plot, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? tick : "")) },
        { ...axis, size: 64, values: (plot, ticks) => ticks.map(format) },
      ],
      series: [
        { label: "round" },
        ...shown.map((one, i) => ({
          label: one.label, stroke: one.stroke ?? colours[i % colours.length], width: one.bold ? 3 : 1.5, dash: one.dash,
          points: { show: true, size: 6 }, spanGaps: true, value: (plot, value) => format(value),
        })),
      ],
    }, [rounds, ...shown.map((one) => one.values)], target));
  }

  // Says what the curves leave out.
  function tellPart(curve, devices) {
    const parts = [];
    if (curve.closedRounds > curve.rounds.length) {
      parts.push(`the newest ${curve.rounds.length} of ${curve.closedRounds} closed rounds`);
    }
    if (curve.allDevices > devices) {
      parts.push(`${devices} of ${curve.allDevices} devices; the means are of all`);
    }
    const note = document.getElementById("charts-part");
    note.hidden = parts.length === 0;
    note.textContent = `Shown: ${parts.join(", ")}. Each round tells all: GET /v1/tasks/TASK/rounds/NUMBER, crosslm round show.`;
  }

  async function refresh(charts) {
    const answer = await fetch(`/ui/tasks/${encodeURIComponent(charts.dataset.task)}/quality`, { credentials: "same-origin" });
    if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) {
      return;
    }
    const curve = await answer.json();
    const at = (name) => charts.querySelector(`[data-chart=${name}]`);
    const devices = Object.entries(curve.devices);
    tellPart(curve, devices.length);
    draw(at("devices"), curve.rounds, [
      { label: "standalone, mean", values: curve.standalone, dash: [6, 4], bold: true, stroke: "#8a938f" },
      { label: "with the pool, mean", values: curve.withPool, bold: true, stroke: "#0f8a73" },
      ...devices.map(([name, values], i) => ({ label: name, values, stroke: colours[(i + 1) % colours.length] })),
    ], percent);
    draw(at("llm"), curve.rounds, [
      { label: "accuracy as a classifier", values: curve.llmAccuracy },
      { label: "texts of the asked-for label", values: curve.labelFidelity },
    ], percent);
    draw(at("general"), curve.rounds, [{ label: "change", values: curve.guardLoss }], percent);
    draw(at("bytes"), curve.rounds, [
      { label: "up", values: curve.up },
      { label: "down", values: curve.down },
    ], kilobytes);
  }

  function progressed(event) {
    const live = document.querySelector(".live");
    if (!live || event.task !== live.dataset.task || String(event.round) !== live.dataset.round) {
      return;
    }
    const box = live.querySelector(".progress");
    const { done, all, tokensPerSecond, loss } = event.detail;
    box.hidden = false;
    box.querySelector("progress").value = all > 0 ? (100 * done) / all : 0;
    const extra = tokensPerSecond != null ? `, ${Math.round(tokensPerSecond)} tokens/s` : loss != null ? `, loss ${loss.toFixed(3)}` : "";
    box.querySelector(".progress-text").textContent = `${done} of ${all}${extra}`;
  }

  // Whoever wants to know what happens listens on the body: crosslm:step, crosslm:report and so on.
  function listen() {
    const source = new EventSource("/ui/events");
    source.addEventListener("listening", () => {
      htmx.trigger(document.body, "crosslm:step");
      htmx.trigger(document.body, "crosslm:device");
    });
    for (const type of ["step", "report", "waiting", "device", "progress"]) {
      source.addEventListener(type, (message) => {
        if (type === "progress") {
          progressed(JSON.parse(message.data));
        } else {
          htmx.trigger(document.body, "crosslm:" + type);
        }
      });
    }
    // Closed for good: the coordinator was started again, and the session ended with the old one.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => location.reload(), 2000);
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const charts = document.getElementById("charts");
    if (charts) {
      refresh(charts);
      document.body.addEventListener("htmx:afterSwap", (event) => {
        if (event.target.id === "live") {
          refresh(charts);
        }
      });
      let waiting;
      addEventListener("resize", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => refresh(charts), 200);
      });
    }
    listen();
  });
})();
