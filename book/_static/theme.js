// Before the first paint, or a dark page would flash white.
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";
} catch (blocked) {
  // A reader who allows nothing to be kept has the theme of the system.
}
