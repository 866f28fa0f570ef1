for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[place].dataset.key;
      const text = (row) => row.cells[place].textContent;
      const order = (a, b) => {
        const left = key(a), right = key(b);
        if (left === undefined || right === undefined) {
          if (left === right) return (down ? -1 : 1) * text(a).localeCompare(text(b), "en", { numeric: true });
          return left === undefined ? 1 : -1;
        }
        return (down ? -1 : 1) * (Number(left) - Number(right));
      };
      body.append(...[...body.rows].sort(order));
    });
  }
}
const open = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const box = target && target.querySelector("details");
  if (box) box.open = true;
};
addEventListener("hashchange", open);
open();
addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("details")) box.open = true;
});
