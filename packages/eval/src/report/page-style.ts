/** The report's style sheet: light and dark by the reader's preference, one column on a phone, ink-saving in print. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #18202b; --quiet: #5a6675; --line: #e1e5ea; --soft: #eef1f5;
  --accent: #1f6feb; --accent-soft: #dbe9ff; --wrong: #b3261e; --right: #116b3c;
  --heat0: #f3f6fb; --heat1: #a8cdf5; --heat2: #3f8ae0; --heat3: #0b3d91;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b23; --ink: #e6ebf2; --quiet: #9aa7b6; --line: #2a323d; --soft: #1e2530;
    --accent: #6ea8fe; --accent-soft: #1d3252; --wrong: #ff9a91; --right: #6fdca0;
    --heat0: #1a212c; --heat1: #1f4470; --heat2: #3d86d8; --heat3: #c9e2ff;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main, .top { max-width: 1200px; margin: 0 auto; padding: 0 20px; }
.top { padding-top: 44px; padding-bottom: 8px; }
.brand { color: var(--accent); font-weight: 650; letter-spacing: .02em; margin: 0 0 6px; }
h1 { font-size: clamp(1.6rem, 4vw, 2.3rem); line-height: 1.15; margin: 0 0 10px; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 0 0 4px; letter-spacing: -.005em; }
h3 { font-size: 1rem; margin: 22px 0 4px; }
.lead { color: var(--quiet); margin: 0; max-width: 70ch; }
.note { color: var(--quiet); margin: 0 0 12px; font-size: .92rem; max-width: 78ch; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px; margin: 18px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px; margin: 22px 0 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 14px 16px; }
.tile dt { color: var(--quiet); font-size: .84rem; }
.tile dd { margin: 2px 0 0; font-size: 1.5rem; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile dd small { display: block; font-size: .86rem; font-weight: 450; letter-spacing: 0; color: var(--quiet); }
dl { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
caption { text-align: left; color: var(--quiet); font-size: .86rem; padding-bottom: 6px; }
th, td { text-align: right; padding: 8px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 2px; }
thead th { color: var(--quiet); font-weight: 550; font-size: .84rem; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 600; }
.best { font-weight: 700; }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px;
  print-color-adjust: exact; }
.meter { display: inline-block; vertical-align: middle; width: 52px; height: 7px; border-radius: 4px; background: var(--soft); margin-right: 10px; overflow: hidden; }
.meter i { display: block; height: 100%; border-radius: 4px; }
.key { display: flex; flex-wrap: wrap; gap: 2px 16px; padding: 0; margin: 0 0 6px; list-style: none; font-size: .9rem; }
.dash { display: inline-block; width: 22px; border-top: 2px dashed var(--quiet); vertical-align: middle; margin-right: 8px; }
.chart { width: 100%; }
figure { margin: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 8px 28px; }
.tabs { display: flex; flex-wrap: wrap; max-height: 40vh; overflow-y: auto; gap: 8px; margin: 30px 0 -4px; position: sticky; top: 0; background: var(--page); padding: 10px 0; z-index: 2; }
.tabs button { font: inherit; font-size: .94rem; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 999px; padding: 6px 14px; cursor: pointer; }
.tabs button[aria-selected="true"] { background: var(--accent-soft); border-color: var(--accent); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; padding: 0; margin: 8px 0 0; list-style: none; }
.chips li { background: var(--soft); border-radius: 999px; padding: 3px 12px; font-size: .9rem; }
.chips b { font-variant-numeric: tabular-nums; font-weight: 600; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(122px, 1fr)); gap: 12px; margin-top: 10px; }
.mistakes figure { background: var(--soft); border-radius: 10px; padding: 10px 10px 8px; text-align: center; }
.mistakes img { width: 72px; height: 72px; object-fit: contain; border-radius: 6px; background: #fff; image-rendering: pixelated; }
.mistakes figcaption { font-size: .82rem; line-height: 1.3; margin-top: 6px; overflow-wrap: anywhere; }
.was { color: var(--right); } .said { color: var(--wrong); }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--quiet); font-size: .92rem; }
pre { background: var(--soft); border-radius: 10px; padding: 14px; overflow-x: auto; font-size: .84rem; line-height: 1.45; }
footer { color: var(--quiet); font-size: .88rem; padding: 12px 0 48px; }
.unfinished { color: var(--wrong); font-weight: 500; font-size: .84rem; }
[hidden] { display: none !important; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 560px) {
  main, .top { padding: 0 12px; }
  .card { padding: 14px; }
  .meter { display: none; }
  .scroll table { font-size: .84rem; }
  th, td { padding: 6px 7px; }
  .tabs { flex-wrap: nowrap; overflow-x: auto; }
  .tabs button { flex: none; }
  .cards table, .cards tbody { display: block; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { display: grid; grid-template-columns: 1fr auto; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .cards tbody tr:last-child { border-bottom: 0; }
  .cards th[scope="row"] { grid-column: 1 / -1; position: static; border: 0; padding: 2px 0; }
  .cards td { grid-column: 1 / -1; display: flex; justify-content: space-between; border: 0; padding: 2px 0; white-space: normal; }
  .cards td:first-child { padding-left: 0; }
  .cards td::before { content: attr(data-label); color: var(--quiet); text-align: left; padding-right: 12px; }
  .scroll:not(.cards) th:first-child { position: sticky; left: 0; background: var(--card); white-space: normal; min-width: 84px; }
}
@media print {
  .scroll { overflow: visible; }
  /* Charts were drawn for a screen: their pictures are scaled to the paper. */
  .chart { min-width: 0 !important; height: auto !important; break-inside: avoid; }
  .chart > div { position: static !important; width: 100% !important; height: auto !important; }
  .chart svg, .chart canvas { position: static !important; width: 100% !important; height: auto !important; max-height: 23cm; }
  h2, h3, .note, caption { break-after: avoid; }
  .scroll table { font-size: 8pt; }
  .meter { display: none; }
  th, td { padding: 3px 4px; white-space: normal; }
}
@media print { .tabs { display: none; } tr, .tile, .mistakes figure { break-inside: avoid; } }
`
