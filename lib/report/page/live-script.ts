/**
 * What runs in the browser of somebody who watches: it takes the parts that changed and puts them in their place, so that what was
 * opened stays open, and whoever reads or tabs through the page stays where they are. It sends nothing.
 */
export const liveScript = `
'use strict';
const byId = (id) => document.getElementById(id);
const quietMs = 8000;
let heardMs = Date.now(), seen = '', source;
function become(from, to) {
  if (from.nodeName !== to.nodeName || (from.id || '') !== (to.id || '')) { from.replaceWith(to); return; }
  if (from.nodeType !== 1) { if (from.data !== to.data) from.data = to.data; return; }
  for (const { name } of [...from.attributes]) if (name !== 'open' && !to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) if (name !== 'open' && from.getAttribute(name) !== value) from.setAttribute(name, value);
  const before = [...from.childNodes], after = [...to.childNodes];
  after.forEach((each, index) => { if (before[index]) become(before[index], each); else from.append(each); });
  before.slice(after.length).forEach((each) => each.remove());
}
function connection(text, isLost) {
  const place = byId('connection');
  if (place.textContent !== text) place.textContent = text;
  document.body.classList.toggle('is-lost', isLost);
}
function lost() {
  if (source) source.close();
  source = undefined;
  connection('Connection lost. Last seen at ' + (seen || 'no time yet') + '. Trying again.', true);
}
function connect() {
  heardMs = Date.now();
  source = new EventSource('events');
  source.onmessage = ({ data }) => {
    const told = JSON.parse(data);
    heardMs = Date.now();
    seen = told.now;
    for (const [id, markup] of Object.entries(told.parts)) {
      const parsed = new DOMParser().parseFromString(markup, 'text/html').body;
      const place = byId(id), wanted = place.cloneNode(false);
      wanted.append(...parsed.childNodes);
      become(place, wanted);
    }
    for (const [id, text] of Object.entries(told.ticks)) { const place = byId(id); if (place && place.textContent !== text) place.textContent = text; }
    if (told.title) document.title = told.title;
    const said = byId('said');
    if (said.textContent !== told.said) said.textContent = told.said;
    connection(told.over ? 'The command has ended. This is how it ended.' : 'Live', false);
  };
  source.onerror = lost;
}
connect();
setInterval(() => { if (!source) connect(); else if (Date.now() - heardMs > quietMs) lost(); }, 2000);
`;
