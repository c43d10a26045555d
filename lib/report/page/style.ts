/** How pages look: by day, at ten at night, on a phone, on paper. */

const colours = {
  light: `--ground:#f5f6f8;--sheet:#fff;--ink:#141a24;--quiet:#566173;--line:#dde1e8;--grid:#e6e9ef;--blue:#1f4fc4;--calm:#9db2d8;--calm-edge:#6d86b8;--tool:#0b7a67;--people:#8a5a00;--outage:#fbeee6;--outage-edge:#c2572b;--good:#136c43;--bad:#b3261e;--bad-ground:#fdeceb;--warn:#7a4f00;--warn-ground:#fff6df;--asks:#fff9e8;--shade:0 1px 2px #141a2412,0 4px 16px #141a240a`,
  dark: `--ground:#0e1218;--sheet:#161c25;--ink:#e7ebf2;--quiet:#9daabd;--line:#2a3340;--grid:#222a36;--blue:#7ea6ff;--calm:#3f537c;--calm-edge:#6f87ba;--tool:#4fd1b5;--people:#e0b04c;--outage:#2a1d18;--outage-edge:#f08a5d;--good:#6fd3a0;--bad:#ff8f86;--bad-ground:#34191a;--warn:#f1c56b;--warn-ground:#2c2412;--asks:#262013;--shade:none`,
};

const frame = `
:root{color-scheme:light dark;${colours.light}}
@media (prefers-color-scheme:dark){:root{${colours.dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
main,header.top,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
header.top{padding-top:2.5rem}
footer{padding-bottom:3rem;color:var(--quiet);font-size:.875rem}
h1{font-size:clamp(1.5rem,4vw,2.125rem);line-height:1.15;letter-spacing:-.02em;margin:.25rem 0 .5rem;text-wrap:balance}
h2{font-size:1.1875rem;letter-spacing:-.01em;margin:0 0 .25rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.25rem 0 .75rem;max-width:46rem}
a{color:var(--blue)}
code{font:.875em ui-monospace,"SF Mono",Menlo,Consolas,monospace}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px;border-radius:4px}
.quiet{color:var(--quiet)}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:1rem;top:-4rem;background:var(--sheet);padding:.5rem 1rem}
.skip:focus{top:1rem;z-index:9}
.sheet{background:var(--sheet);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shade);padding:1.25rem 1.5rem 1.5rem;margin:1.25rem 0}
.above{color:var(--quiet);font-size:.875rem;margin:0}
.pill{display:inline-block;border:1.5px solid currentColor;border-radius:99px;padding:.05rem .7rem;font-size:.875rem;font-weight:600;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.at-work{color:var(--blue)}
table{border-collapse:collapse;width:100%;font-size:.9375rem;margin:.5rem 0}
caption{text-align:left;color:var(--quiet);font-size:.875rem;padding-bottom:.25rem}
th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400;overflow-wrap:anywhere}
thead th{color:var(--quiet);font-size:.8125rem;font-weight:600;overflow-wrap:normal}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.wide{overflow-x:auto}.wide table{min-width:36rem}
ul.plain,ol.plain{list-style:none;margin:.5rem 0;padding:0}
summary{cursor:pointer}
details.more>summary{color:var(--blue);font-size:.9375rem;font-weight:600;padding:.35rem 0}
.note{border-radius:10px;padding:.75rem 1rem;margin:.5rem 0;background:var(--warn-ground);border-left:4px solid var(--warn)}
.note.is-bad{background:var(--bad-ground);border-color:var(--bad)}
.note p{margin:0;max-width:none}`;

const figures = `
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:1rem 1.5rem;margin:0}
.figures dt{color:var(--quiet);font-size:.875rem}
.figures dd{margin:0;font-size:1.625rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;line-height:1.25}
.figures dd small{display:block;font-size:.8125rem;font-weight:400;letter-spacing:0;color:var(--quiet)}
.unit{font-size:.9375rem;font-weight:500;letter-spacing:0}
figure{margin:1.25rem 0 0}
figcaption{color:var(--quiet);font-size:.875rem;margin-bottom:.5rem}
.lane{display:grid;grid-template-columns:7.5rem 1fr 4.5rem;align-items:center;gap:0 .75rem;font-size:.875rem;margin:.3rem 0}
.lane b{font-variant-numeric:tabular-nums;text-align:right;font-size:1.0625rem}
svg{display:block;width:100%;overflow:visible}
.lane svg{height:34px}
.by-hand rect{fill:var(--grid);stroke:var(--sheet);stroke-width:2}
.by-hand text{fill:var(--quiet);font-size:11px}
.this-run .ground{fill:var(--outage)}
.this-run rect{fill:var(--blue);stroke:var(--sheet);stroke-width:1}
.this-run text{fill:var(--sheet);font-size:11px;font-weight:600}`;

const timeline = `
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:.25rem 0 1rem;color:var(--quiet);font-size:.8125rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.legend svg{width:26px;height:14px;flex:none}
.timeline{position:relative;--no:3.25rem;--name:17rem;--took:5.25rem}
.columns{display:grid;grid-template-columns:var(--no) var(--name) 1fr var(--took);gap:0 .75rem;align-items:center}
.grid{position:absolute;inset:0;pointer-events:none}
.grid>svg{grid-column:3;height:100%;align-self:stretch}
.grid line{stroke:var(--grid);stroke-width:1}
.grid .band{fill:var(--outage)}
.grid .edge{stroke:var(--outage-edge);stroke-width:1.5;stroke-dasharray:3 3}
.grid .now{stroke:var(--ink);stroke-width:1.5}
.grid .squeezed{fill:url(#nobody)}
.axis{position:sticky;top:0;z-index:2;background:var(--sheet);border-bottom:1px solid var(--line);font-size:.75rem;color:var(--quiet);min-height:2.1rem}
.axis svg{grid-column:3;height:2.1rem}
.axis text{fill:var(--quiet);font-size:11px;font-variant-numeric:tabular-nums}
.axis .label{fill:var(--outage-edge);font-weight:600}
.lanes{font-size:.8125rem;color:var(--quiet);padding:.4rem 0;border-bottom:1px solid var(--line);position:relative}
.lanes .columns>span:first-child{grid-column:1/3}
.lanes svg{height:14px}
ol.steps{list-style:none;margin:0;padding:0;position:relative}
.step summary{list-style:none;padding:.2rem 0;border-radius:6px;font-size:.875rem;line-height:1.3}
.step summary::-webkit-details-marker{display:none}
.step summary:hover .name{color:var(--blue)}
.step .no{color:var(--quiet);font-size:.75rem;font-variant-numeric:tabular-nums;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.step .name::before{content:"›";display:inline-block;width:.7em;margin-right:.15em;text-align:center;color:var(--quiet);transition:transform .15s}
.step details[open] .name::before{transform:rotate(90deg)}
.step .took{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.step.is-critical .name,.step.is-critical .took{font-weight:600}
.diamond{color:var(--blue)}
.bar{height:24px}
.bar .work{fill:var(--calm);stroke:var(--calm-edge);stroke-width:1}
.is-critical .bar .work{fill:var(--blue);stroke:var(--blue);stroke-width:2}
.is-failed .bar .work{fill:var(--bad);stroke:var(--bad)}
.bar .expected{fill:none;stroke:var(--calm-edge);stroke-width:1;stroke-dasharray:3 3}
.bar .slack{stroke:var(--calm-edge);stroke-width:1.5;stroke-dasharray:1 4;stroke-linecap:round}
.aws{fill:var(--blue)}.tool{fill:var(--tool);stroke:var(--tool);stroke-width:1}.people{fill:url(#asked)}
#asked path{stroke:var(--people);stroke-width:2.5}#asked rect{fill:var(--people);opacity:.25}#nobody path{stroke:var(--quiet);stroke-width:1}
.behind{position:relative;background:var(--ground);border:1px solid var(--line);border-radius:10px;padding:.75rem 1rem;margin:.25rem 0 .75rem}
.behind p{margin:0 0 .25rem}
.behind table{font-size:.875rem;table-layout:fixed}.behind th:first-child{width:42%}
.is-waiting .name,.is-waiting .no{color:var(--quiet)}
.wanted{display:block;color:var(--quiet);font-size:.8125rem}
.events .number{text-align:left}
.events th:last-child,.events td:last-child{width:11rem;font-size:.8125rem}
.run{margin-top:3rem}.run-title{font-size:1.5rem}`;

const live = `
.connection{position:sticky;top:0;z-index:5;margin:0;max-width:none;padding:.3rem 1.25rem;font-size:.8125rem;text-align:center;background:var(--ground);color:var(--quiet);border-bottom:1px solid var(--line)}
.is-lost .connection{background:var(--bad);color:var(--sheet);font-weight:600;font-size:1rem;padding:.6rem 1.25rem}
.said{color:var(--quiet);min-height:1.5em;margin:.5rem 0 0;max-width:none}
.asks{background:var(--asks);border:2px solid var(--people)}
.asks ul{margin:.25rem 0 .75rem;padding-left:1.2rem}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}.two>div{min-width:0;overflow-wrap:anywhere}
.outage-clock{color:var(--outage-edge)}
.running{margin-top:1rem}
.running li{display:flex;gap:.75rem;padding:.5rem 0;border-top:1px solid var(--line)}
.running li>div{min-width:0}
.pulse{flex:none;width:.7rem;height:.7rem;margin-top:.4rem;border-radius:50%;background:var(--blue);animation:pulse 2s ease-in-out infinite}
@keyframes pulse{50%{opacity:.25}}
.underneath{font:.8125rem/1.6 ui-monospace,"SF Mono",Menlo,Consolas,monospace;color:var(--quiet);overflow-wrap:anywhere}
.next{margin:1rem 0 0;padding-top:.75rem;border-top:1px solid var(--line);max-width:none}`;

const elsewhere = `
@media (max-width:44rem){
.grid .edge{display:none}
main,header.top,footer{padding-left:.75rem;padding-right:.75rem}
header.top{padding-top:1.25rem}
.sheet{padding:1rem .875rem;border-radius:12px}
.figures{grid-template-columns:1fr 1fr;gap:.75rem}
.figures dd{font-size:1.375rem}
.lane{grid-template-columns:1fr auto}
.lane svg{grid-column:1/3;grid-row:2}.two{grid-template-columns:1fr}
.by-hand text,.this-run text{display:none}
.columns{grid-template-columns:1fr auto;gap:0 .5rem}
.grid.columns{grid-template-columns:1fr}
.grid>svg,.axis svg,.lanes svg{grid-column:1/-1}
.axis .tick:nth-of-type(even){display:none}
.lanes .columns>span:first-child{grid-column:1}
.lanes svg{grid-row:2}
.step summary{padding:.4rem 0}
.step .no{display:none}
.step .name{grid-column:1}
.step .took{grid-column:2;grid-row:1}
.bar{grid-column:1/-1;grid-row:2;height:16px}
th,td{padding-right:.5rem}
}
@media print{
:root{${colours.light}}
body{background:#fff;font-size:10pt}
.sheet{box-shadow:none;break-inside:auto;padding:.5rem 0;border:0}
.axis{position:static}
.step,tr,.note,.lane{break-inside:avoid}
.skip{display:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
@media (forced-colors:active){.work,.aws,.tool{fill:CanvasText}.people{fill:Highlight}}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}`;

export const style = [frame, figures, timeline, live, elsewhere].join('').replaceAll('\n', '');
