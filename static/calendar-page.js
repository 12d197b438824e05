/* The calendar page: draws what its address gives. On a phone the week stands there as a list already. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const element = document.getElementById("calendar");
  if (!element || !window.Fengli?.calendar || window.matchMedia("(max-width: 767px)").matches) return;
  window.Fengli.calendar(element, {
    view: "timeGridWeek",
    date: element.dataset.on,
    headerToolbar: { start: "prev,next today", center: "title", end: "dayGridMonth,timeGridWeek,listWeek" },
    slotMinTime: "06:00:00",
    slotMaxTime: "21:00:00",
    slotEventOverlap: false,
    eventSources: [{
      events: async ({ startStr, endStr }) => {
        const answer = await fetch(`${element.dataset.source}?start=${startStr.slice(0, 10)}&end=${endStr.slice(0, 10)}`, { headers: { Accept: "application/json" } });
        return answer.ok ? answer.json() : [];
      },
    }],
  });
});
