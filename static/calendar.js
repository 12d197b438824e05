/* The calendar of @event-calendar/build, made readable for everybody: `Fengli.calendar(element, options)`.
   As shipped it claims table roles it does not keep, headings out of order and buttons without names; here the claims go,
   and the page keeps a plain list of the same events beside it for screen readers. Words come from the element's
   data-words-* attributes (today, previous, next, month, week, day, list, all-day, nothing), already translated.
   Times are the office's local time without a zone ("2026-11-24 09:00:00"): the calendar knows no zones. */
(() => {
  "use strict";
  const FALSE_ROLES = ["table", "row", "rowgroup", "cell", "columnheader", "rowheader", "list", "listitem"];
  const FALSE_COUNTS = ["aria-colindex", "aria-rowindex", "aria-colspan", "aria-rowspan", "aria-colcount", "aria-rowcount"];

  function mend(calendar) {
    calendar.querySelectorAll(FALSE_ROLES.map((role) => `[role="${role}"]`).join(",")).forEach((part) => part.removeAttribute("role"));
    calendar.querySelectorAll(FALSE_COUNTS.map((name) => `[${name}]`).join(",")).forEach((part) => {
      FALSE_COUNTS.forEach((name) => part.removeAttribute(name));
    });
    calendar.querySelectorAll("h4:not([role])").forEach((title) => title.setAttribute("role", "presentation"));
  }

  function content({ event, timeText }) {
    const box = document.createElement("div");
    const url = event.extendedProps?.url;
    const title = document.createElement(url ? "a" : "strong");
    if (url) title.href = url;
    title.textContent = event.title;
    box.className = "ec-words";
    box.append(event.allDay ? "" : `${timeText} `, title);
    return { domNodes: [box] };
  }

  const written = (format, day) => new Intl.DateTimeFormat(document.documentElement.lang, format).format(day);

  function dayName(day) {
    return `${written({ month: "short", day: "numeric" }, day)} ${written({ weekday: "short" }, day)}`;
  }

  function span(first, last) {
    const days = [first, last].map((day) => written({ month: "long", day: "numeric" }, day));
    return days[0] === days[1] ? days[0] : days.join(" – ");
  }

  function calendar(element, options) {
    const word = (name) => element.dataset[`words${name}`] ?? "";
    const made = EventCalendar.create(element, {
      locale: document.documentElement.lang,
      firstDay: 1,
      nowIndicator: true,
      views: {
        timeGridWeek: { titleFormat: span, dayHeaderFormat: dayName },
        listWeek: { titleFormat: span, listDayFormat: dayName, listDaySideFormat: () => "" },
        dayGridMonth: { titleFormat: (first) => written({ year: "numeric", month: "long" }, first) },
      },
      buttonText: {
        today: word("Today"), prev: word("Previous"), next: word("Next"), dayGridMonth: word("Month"),
        timeGridWeek: word("Week"), timeGridDay: word("Day"), listWeek: word("List"),
      },
      allDayContent: word("AllDay"),
      noEventsContent: word("Nothing"),
      eventContent: content,
      ...options,
    });
    mend(element);
    new MutationObserver(() => mend(element)).observe(element, { childList: true, subtree: true, attributes: true, attributeFilter: ["role"] });
    return made;
  }

  window.Fengli = { ...window.Fengli, calendar };
})();
