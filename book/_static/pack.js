// The board pack: which sheets are shown and printed follows the ticks, and the choice stands in the address.
// Without this script, or with nothing in the address, all of them are there.
(() => {
  const form = document.getElementById("ek-pack");
  if (!form) return;
  const byId = (name) => document.getElementById(`ek-pack-${name}`);
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const contents = [...document.querySelectorAll(".ek-pack-contents > li")];
  const KEY = "evaluations";

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const box of boxes) {
      document.getElementById(`sheet-${box.value}`).hidden = !box.checked;
      contents.find((entry) => entry.dataset.evaluation === box.value).hidden = !box.checked;
    }
    byId("status").textContent = chosen
      ? `${chosen} of ${boxes.length} chosen: a cover and ${chosen} ${chosen === 1 ? "sheet" : "sheets"}.`
      : "None is chosen: tick at least one.";
    byId("print").disabled = !chosen;
  };
  // Ids hold no character that an address would have to spell otherwise.
  const remember = () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    history.pushState(null, "", chosen.length === boxes.length ? location.pathname : `?${KEY}=${chosen.join(",")}`);
    show();
  };
  const restore = () => {
    const asked = new URLSearchParams(location.search).get(KEY);
    const ids = asked === null ? null : new Set(asked.split(","));
    for (const box of boxes) box.checked = ids === null || ids.has(box.value);
    show();
  };
  const tick = (checked) => {
    for (const box of boxes) box.checked = checked;
    remember();
  };

  form.addEventListener("change", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("all").addEventListener("click", () => tick(true));
  byId("none").addEventListener("click", () => tick(false));
  byId("print").addEventListener("click", () => print());
  addEventListener("popstate", restore);
  form.hidden = false;
  restore();
})();
