// Shows times in the visitor's own zone and how far off they are. Without it the pages show UTC and work the same.
"use strict";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const language = document.documentElement.lang;
const hours = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat(language, hours);
const calendar = new Intl.DateTimeFormat(language, { ...hours, day: "numeric", month: "short" });
const distance = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function distanceTo(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const size = Math.abs(seconds);
  if (size < MINUTE) return seconds > 0 ? "in less than a minute" : "just now";
  if (size < HOUR) return distance.format(Math.round(seconds / MINUTE), "minute");
  if (size < DAY) return distance.format(Math.round(seconds / HOUR), "hour");
  return distance.format(Math.round(seconds / DAY), "day");
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
    const shown = (isToday ? clock : calendar).format(moment);
    const isOver = moment <= Date.now() && time.closest("[data-countdown]");
    time.textContent = shown;
    distanceBeside(time).textContent = isOver ? "it has ended" : distanceTo(moment);
  }
}

showTimes();
setInterval(showTimes, 20_000);
