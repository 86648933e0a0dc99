// Shows times in the visitor's own zone and how far off they are. Without it the pages show UTC and work the same.
"use strict";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FAR = 30 * DAY;
const UNITS = [[DAY, "day"], [HOUR, "hour"], [MINUTE, "minute"]];
const language = "en-GB";
const hours = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat(language, hours);
const calendar = new Intl.DateTimeFormat(language, { ...hours, day: "numeric", month: "short", year: "numeric" });
const distance = new Intl.RelativeTimeFormat(language, { numeric: "always" });

function distanceTo(moment) {
  const seconds = (moment - Date.now()) / 1000;
  if (Math.abs(seconds) > FAR) return "";
  const [size, name] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? [];
  if (size) return distance.format(Math.round(seconds / size), name);
  return seconds > 0 ? "in less than a minute" : "just now";
}

function distanceBeside(time) {
  if (!time.nextElementSibling) {
    time.after(" ", Object.assign(document.createElement("span"), { className: "distance" }));
  }
  return time.nextElementSibling;
}

function showTimes() {
  for (const time of document.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const isToday = moment.toDateString() === new Date().toDateString();
    const isOver = moment <= Date.now() && time.closest("[data-countdown]");
    time.textContent = isToday ? `today, ${clock.format(moment)}` : calendar.format(moment);
    distanceBeside(time).textContent = isOver ? "it has ended" : distanceTo(moment);
  }
}

showTimes();
setInterval(showTimes, 20_000);
