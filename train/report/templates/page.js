"use strict";
for (const table of document.querySelectorAll("table.long")) {
  const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  headings.forEach((heading, column) => heading.firstElementChild.addEventListener("click", () => {
    const now = heading.getAttribute("aria-sort");
    const first = heading.classList.contains("n") ? "descending" : "ascending";
    const order = now === null ? first : now === "ascending" ? "descending" : "ascending";
    headings.forEach(other => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...body.rows].sort((a, b) => sign * compare(valueOf(a, column), valueOf(b, column)));
    body.append(...rows);
  }));
  const field = document.querySelector(`input[data-for="${table.id}"]`);
  const told = document.querySelector(`output[data-of="${table.id}"]`);
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    told.textContent = shown === body.rows.length ? `${shown} rows` : `${shown} of ${body.rows.length} rows`;
  });
}
