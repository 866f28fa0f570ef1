"""The style and the script of an HTML report, as constants: the page allows these by their digest and no others."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2128;--soft:#57606a;--line:#d8dee4;--raised:#f6f8fa;
--good:#116329;--bad:#b3261e;--warn:#7d4e00;--before:#57606a;--after:#0a58ca;--focus:#0a58ca;
--good-bg:#e6f4ea;--bad-bg:#fdecea;--warn-bg:#fff5d6;--none-bg:#eef1f4}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--ink:#e6e9ed;--soft:#a3adb8;--line:#30363d;
--raised:#1a2029;--good:#6fdd8b;--bad:#ff9a91;--warn:#f0c14b;--before:#a3adb8;--after:#79b8ff;--focus:#79b8ff;
--good-bg:#12301d;--bad-bg:#3a1716;--warn-bg:#35290b;--none-bg:#20262e}}
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
body{max-width:72rem;margin:0 auto;padding:1.25rem clamp(.9rem,3vw,2rem) 4rem}
h1{font-size:clamp(1.1rem,4.2vw,1.35rem);line-height:1.35;margin:0}
h2,summary{font-size:1.1rem;font-weight:600;line-height:1.4}
h2{margin:2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.5rem 0}
.verdict{border-radius:.6rem;padding:1rem 1.15rem;background:var(--none-bg);border-left:.4rem solid var(--soft)}
.failed{background:var(--bad-bg);border-color:var(--bad)}.passed{background:var(--good-bg);border-color:var(--good)}
.warning{background:var(--warn-bg);border-color:var(--warn)}
.verdict p{margin:.4rem 0 0;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.15rem 1rem;list-style:none;margin:.9rem 0 0;padding:0;font-size:.95rem}
a{color:var(--after)}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
:focus-visible{outline:.15rem solid var(--focus);outline-offset:.12rem;border-radius:.2rem}
.items{margin:1rem 0;padding-left:1.2rem}.items li{margin:.3rem 0;overflow-wrap:anywhere}
figure{margin:0}.values{border:0;margin:0;padding:0}.values summary{font-size:.9rem;font-weight:400;color:var(--soft)}
details{border-top:1px solid var(--line);margin-top:1.2rem;padding-top:.7rem}
summary{cursor:pointer;padding:.15rem 0}
.scroll{overflow-x:auto;margin:.4rem 0}
table{border-collapse:collapse;min-width:min(100%,36rem);font-size:.95rem;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
tbody th,td{max-width:26rem;overflow-wrap:break-word}tbody th code,td code{overflow-wrap:break-word}
td:nth-child(7):last-child{min-width:15rem}
thead th{font-weight:600;color:var(--soft);white-space:nowrap;background:var(--raised)}
.r{text-align:right;white-space:nowrap}
thead button{all:unset;cursor:pointer;font-weight:600}
thead button:focus-visible{outline:.15rem solid var(--focus)}
th[aria-sort] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--raised);border-radius:.25rem;
padding:.05em .3em;overflow-wrap:anywhere}
pre{background:var(--raised);border:1px solid var(--line);border-radius:.4rem;padding:.7rem .9rem;overflow-x:auto}
pre code{padding:0;background:none}
blockquote{margin:.3rem 0 1rem;padding:.1rem .9rem;border-left:.25rem solid var(--line);overflow-wrap:anywhere}
.strong{font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.dim{color:var(--soft)}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem 1.5rem}
.chart{width:100%;height:auto;font-size:14px}
.chart text{fill:var(--soft)}.chart .legend,.chart .tip text{fill:var(--ink)}
.grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.line.before{stroke:var(--before);stroke-dasharray:6 3}
.line.after{stroke:var(--after)}.band{opacity:.18}.band.before{fill:var(--before)}.band.after{fill:var(--after)}
.dot.before{fill:var(--before)}.dot.after{fill:var(--after)}
.at rect{fill:transparent}.tip{visibility:hidden;pointer-events:none}.tip path{stroke:var(--soft)}
.at:hover .tip{visibility:visible}
@media print{html{font-size:11px}body{max-width:none;padding:0}nav,.skip{display:none}
.scroll{overflow:visible}details,tr,svg{break-inside:avoid}details{break-inside:auto}
thead button::after{content:""!important}}
@media (prefers-contrast:more){:root{--soft:var(--ink);--line:var(--ink)}}
"""

SCRIPT = """
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
"""
