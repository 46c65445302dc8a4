// The schedule as a calendar. Blocks come from the server, which reckons like
// the kiosks; what is dragged is saved at once, and can be taken back. Without
// this script the page lists the week.
(function () {
  "use strict";
  var box = document.getElementById("calendar");
  if (!box || !window.FullCalendar || !window.fetch) return;
  var data = box.dataset, edits = data.edits === "true";
  var vi = document.documentElement.lang === "vi";

  var toast = document.getElementById("toast"), undoButton = document.getElementById("toast-undo"), undo = [];
  function tell(text, back, bad) {
    toast.firstElementChild.textContent = text;
    toast.classList.toggle("bad", !!bad);
    undo = back || [];
    undoButton.hidden = !undo.length;
    toast.hidden = false;
  }

  function fields(extra) {
    var f = new URLSearchParams(data.of);
    f.set("zone", data.zone);
    Object.keys(extra).forEach(function (k) { f.set(k, extra[k]); });
    return f;
  }

  // post saves a change. Whatever goes wrong, back() puts the block where it was.
  function post(path, body, back) {
    return fetch(path, { method: "POST", credentials: "same-origin", body: body })
      .then(function (r) {
        return r.headers.get("Content-Type") === "application/json" ? r.json() : { ok: false, says: data.failed };
      })
      .catch(function () { return { ok: false, says: data.failed }; })
      .then(function (a) {
        if (!a.ok && back) back();
        tell(a.says, a.undo, !a.ok);
        calendar.refetchEvents();
      });
  }

  undoButton.addEventListener("click", function () {
    var f = new URLSearchParams();
    undo.forEach(function (u) { f.append("undo", u); });
    post("/studio/calendar/undo", f);
  });

  function wall(d) { return d.toISOString().slice(0, 19); }

  var ask = document.getElementById("ask");
  function which(event, go, back) {
    if (!event.extendedProps.series) return go("");
    document.getElementById("ask-what").textContent = event.title + ". " + event.extendedProps.sentence;
    ask.returnValue = "";
    ask.onclose = function () {
      if (ask.returnValue === "") return back();
      go(ask.returnValue === "only" ? "1" : "");
    };
    ask.showModal();
  }

  function changed(info) {
    var e = info.event;
    which(e, function (only) {
      post("/studio/calendar/move", fields({
        id: e.extendedProps.entry, base: e.extendedProps.base, day: e.extendedProps.day, only: only,
        start: wall(e.start), end: wall(e.end || new Date(e.start.getTime() + 7200000))
      }), info.revert);
    }, info.revert);
  }

  document.getElementById("agenda").hidden = true;
  box.hidden = false;
  var narrow = window.matchMedia("(max-width: 700px)").matches;
  var calendar = new window.FullCalendar.Calendar(box, {
    locale: vi ? "vi" : "en-gb",
    firstDay: 1,
    timeZone: "UTC", // the server writes wall-clock times; they are shown as they stand
    now: data.now,
    initialView: narrow ? "timeGridDay" : "timeGridWeek",
    initialDate: data.today,
    // Seven columns of hours do not fit on a phone: there the week is a list.
    headerToolbar: { left: "prev,next today", center: "title", right: "timeGridDay," + (narrow ? "listWeek" : "timeGridWeek") + ",dayGridMonth" },
    // Its icons are pictures without a name; the buttons say by their hint what they do.
    buttonIcons: false, buttonText: { prev: "‹", next: "›", listWeek: vi ? "Tuần" : "Week" },
    height: "auto",
    allDayText: vi ? "Cả ngày" : "All day",
    slotMinTime: "06:00:00", slotMaxTime: "21:00:00", slotDuration: "00:30:00", snapDuration: "00:15:00",
    slotLabelFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    eventTimeFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    nowIndicator: true,
    dayMaxEventRows: narrow ? 3 : 5,
    moreLinkContent: narrow ? function (more) { return "+" + more.num; } : undefined,
    // Side by side, none over another; in a week's narrow columns the block's
    // length tells its end.
    slotEventOverlap: false,
    views: { timeGridWeek: { displayEventEnd: false }, dayGridMonth: { displayEventTime: !narrow } },
    eventMaxStack: 4,
    eventMinHeight: 22,
    navLinks: true,
    eventInteractive: true,
    editable: edits, droppable: edits, selectable: edits, eventResizableFromStart: edits,
    defaultTimedEventDuration: "02:00",
    forceEventDuration: true,
    events: function (span, done, fail) {
      var f = new URLSearchParams(data.of);
      f.set("from", span.startStr.slice(0, 10));
      f.set("to", span.endStr.slice(0, 10));
      fetch(data.events + "?" + f, { credentials: "same-origin" })
        .then(function (r) { return r.ok ? r.json() : Promise.reject(new Error(String(r.status))); })
        .then(done, function (e) { tell(data.failed, [], true); fail(e); });
    },
    eventDidMount: function (info) {
      var x = info.event.extendedProps;
      if (info.event.display === "background") return;
      info.el.title = info.event.title + "\n" + x.sentence + "\n" + x.where + "\n" + x.state;
      info.el.dataset.entry = x.entry;
    },
    eventClick: function (info) { if (info.event.extendedProps.entry) window.location.href = "/studio/schedule/" + encodeURIComponent(info.event.extendedProps.entry); },
    eventDrop: changed,
    eventResize: changed,
    eventReceive: function (info) {
      var e = info.event;
      var end = e.end || new Date(e.start.getTime() + 7200000);
      var f = fields({ playlist: e.extendedProps.playlist, start: wall(e.start), end: wall(end) });
      e.remove();
      post("/studio/calendar/place", f);
    },
    select: function (info) {
      var f = new URLSearchParams(data.of);
      f.set("start", wall(info.start).slice(0, 16));
      f.set("end", wall(info.end).slice(0, 16));
      window.location.href = "/studio/schedule/new?" + f;
    },
    loading: function (busy) { box.setAttribute("aria-busy", String(busy)); }
  });
  calendar.render();

  var lists = document.getElementById("drag-lists");
  if (lists) {
    lists.hidden = false;
    new window.FullCalendar.Draggable(lists, {
      itemSelector: "[data-playlist]",
      eventData: function (el) {
        return { title: el.textContent, duration: "02:00", extendedProps: { playlist: el.dataset.playlist } };
      }
    });
  }
  var filter = document.getElementById("calendar-of");
  filter.addEventListener("change", function (e) {
    // A kiosk, a group or a unit: the one that was chosen last.
    Array.prototype.forEach.call(filter.querySelectorAll("select"), function (s) { if (s !== e.target) s.value = ""; });
    filter.submit();
  });
})();
