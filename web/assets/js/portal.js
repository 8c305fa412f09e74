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
