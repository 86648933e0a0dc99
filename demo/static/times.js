// Shows times in the visitor's own zone and how far off they are. Without it the pages show UTC and work the same.
"use strict";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const calendar = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const distance = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

function distanceTo(moment) {
  const seconds = (moment - Date.now()) / 1000;
  const size = Math.abs(seconds);
  if (size < MINUTE) return seconds > 0 ? "in less than a minute" : "just now";
  if (size < HOUR) return distance.format(Math.trunc(seconds / MINUTE), "minute");
  if (size < DAY) return distance.format(Math.trunc(seconds / HOUR), "hour");
  return distance.format(Math.trunc(seconds / DAY), "day");
}

function showTimes() {
  for (const time of document.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const isToday = moment.toDateString() === new Date().toDateString();
    const shown = (isToday ? clock : calendar).format(moment);
    const isOver = moment <= Date.now() && time.closest("[data-countdown]");
    time.textContent = isOver ? `${shown}, it has ended` : `${shown}, ${distanceTo(moment)}`;
  }
}

showTimes();
setInterval(showTimes, 20_000);
