// Runs before FullCalendar, which writes its styles into a <style> that it makes:
// our policy forbids that. It takes one that is already there, so it gets an
// element that is only called so and that the browser does not read, with our
// own stylesheet behind it: rules that a script inserts there are no inline
// style. Its icon font, a data: address, is left out: the page uses no icon.
(function () {
  "use strict";
  var own = document.getElementById("calendar-sheet");
  if (!own || !own.sheet) return;
  var stand = document.createElementNS("urn:motcua", "style");
  stand.setAttribute("data-fullcalendar", "");
  stand.sheet = {
    cssRules: own.sheet.cssRules,
    insertRule: function (rule) {
      if (!/^\s*@font-face/.test(rule)) own.sheet.insertRule(rule, own.sheet.cssRules.length);
    }
  };
  document.head.appendChild(stand);
})();
