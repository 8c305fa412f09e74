// What the portal adds where there is JavaScript. Every page works without it,
// so anything missing here is passed over in silence.

// A button with data-copy copies the text of the element it names.
for (const button of document.querySelectorAll('button[data-copy]')) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.parentElement.querySelector('[role=status]').textContent = button.dataset.done;
  });
}

// A button with data-print opens the browser's print dialogue.
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// A form with data-once is sent once. The server holds the same by its key: this
// spares the second answer. Coming back to the page makes it ready again.
for (const form of document.querySelectorAll('form[data-once]')) {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener('pageshow', () => {
    sent = false;
  });
}

// Two minutes before an idle login session ends, a warning asks whether to stay.
const expiry = document.querySelector('[data-expires]');
if (expiry) {
  const idle = Date.parse(expiry.dataset.expires) - Date.now();
  const warning = expiry.querySelector('.expiry-warning');
  const template = warning.querySelector('template');
  const wait = () => setTimeout(warn, idle - 2 * 60 * 1000);
  const warn = () => {
    warning.append(template.content.cloneNode(true));
    warning.querySelector('button').addEventListener('click', stay);
  };
  const stay = async () => {
    const answer = await fetch('/area-personale', { redirect: 'manual' });
    if (!answer.ok) return;
    warning.replaceChildren(template);
    wait();
  };
  if (idle > 0) wait();
}

// Keys of the desk: each follows the link that names it with data-key. They are off until
// somebody turns them on in this browser (WCAG 2.1.4), and rest where there is no storage.
const stored = (value) => {
  try {
    if (value) localStorage.setItem('keys', value);
    return localStorage.getItem('keys') === 'on';
  } catch {
    return false;
  }
};
let keysOn = stored();
const showKeys = () => {
  for (const link of document.querySelectorAll('a[data-key]')) {
    if (keysOn) link.setAttribute('aria-keyshortcuts', link.dataset.key);
    else link.removeAttribute('aria-keyshortcuts');
  }
};
showKeys();
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (!keysOn || typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  const search = event.key.toUpperCase() === 'C' && document.getElementById('cerca');
  const link = document.querySelector(`a[data-key="${CSS.escape(event.key.toUpperCase())}"]`);
  if (!link) return;
  event.preventDefault();
  if (search) search.focus();
  else link.click();
});
if (keysOn && location.hash === '#cerca') document.getElementById('cerca')?.focus();
const keysSwitch = document.querySelector('[data-keys-switch]');
if (keysSwitch) {
  const said = keysSwitch.querySelector('[role=status]');
  const say = () => (said.textContent = keysOn ? said.dataset.on : said.dataset.off);
  keysSwitch.hidden = false;
  say();
  for (const button of keysSwitch.querySelectorAll('[data-keys]')) {
    button.addEventListener('click', () => {
      keysOn = stored(button.dataset.keys);
      showKeys();
      say();
    });
  }
}

// The outcome and the error summary take the focus where autofocus did not.
const outcome = document.getElementById('esito');
if (outcome && document.activeElement === document.body) outcome.focus();

// Paper shows what <details> hide.
window.addEventListener('beforeprint', () => {
  for (const closed of document.querySelectorAll('main details:not([open])')) {
    closed.open = true;
    closed.dataset.printed = '';
  }
});
window.addEventListener('afterprint', () => {
  for (const opened of document.querySelectorAll('details[data-printed]')) {
    opened.open = false;
    delete opened.dataset.printed;
  }
});

// A page of a paper is turned in its place, so that what was typed beside it stays. The
// address follows, and so does that of the form: sent with something wrong, it comes back
// with the same page beside it.
for (const viewer of document.querySelectorAll('[data-viewer]')) {
  const said = document.createElement('p');
  said.className = 'visually-hidden';
  said.setAttribute('role', 'status');
  viewer.after(said);
  viewer.addEventListener('click', async (event) => {
    const link = event.target.closest('a[data-turn]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    viewer.classList.add('viewer-turning');
    const page = await turned(link.href);
    viewer.classList.remove('viewer-turning');
    if (!page) {
      said.className = 'viewer-failed';
      said.textContent = viewer.dataset.failed;
      return;
    }
    said.className = 'visually-hidden';
    viewer.replaceChildren(...page.childNodes);
    const again = viewer.querySelector(`a[data-turn="${link.dataset.turn}"]`);
    (link.dataset.turn === 'show' || !again ? viewer.querySelector('h2[tabindex]') ?? again : again)?.focus();
    said.textContent = viewer.querySelector('[data-position]')?.textContent ?? '';
    history.replaceState(null, '', link.href);
    const form = viewer.closest('.row')?.querySelector('form[data-once]');
    if (form) form.action = link.href.split('#')[0];
  });
}

// turned is the place of the paper on another page of the portal.
async function turned(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    if (new URL(answer.url).pathname.endsWith('/motivo')) {
      location.assign(answer.url); // who opens the paper says why first, on a page of its own
      return new Promise(() => {});
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return page.querySelector('[data-viewer]');
  } catch {
    return null;
  }
}
