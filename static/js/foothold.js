// Foothold: optional niceties. Every page works without this file, and a strict CSP holds.
const root = document.documentElement;

// Theme: the footer's form posts it; here the choice shows at once, and the cookie is the same one.
const keepTheme = (value) => {
  const secure = location.protocol === 'https:' ? '; secure' : '';
  if (value === 'system') delete root.dataset.theme; else root.dataset.theme = value;
  document.cookie = value === 'system' ? 'theme=; path=/; max-age=0; samesite=lax' + secure
    : `theme=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
};

// Character or word counter: <textarea data-count="id-of-output" maxlength="600"> or data-words="120"
const countDown = (area) => {
  const out = document.getElementById(area.dataset.count);
  if (!out) return;
  const words = +area.dataset.words;
  const left = words ? words - (area.value.match(/\S+/g) || []).length : area.maxLength - area.value.length;
  const noun = (words ? 'word' : 'character') + (Math.abs(left) === 1 ? '' : 's');
  out.textContent = left < 0 ? `${-left} ${noun} too many` : `${left} ${noun} left`;
  out.classList.toggle('is-over-limit', left < 0);
};

// Live hourly rate: <form data-rate data-floor="2000" data-fee="1000"> with fields price and hours (names in
// data-price and data-hours), outputs data-out="rate|net|fee|verdict", and a scale with data-scale="low-high" in cents
const liveRate = (form) => {
  const field = (name) => form.elements[form.dataset[name] || name];
  const price = Math.round(parseFloat(field('price')?.value) * 100), hours = parseFloat(field('hours')?.value);
  if (!(price > 0) || !(hours > 0)) return;
  const fee = Math.round(price * (+form.dataset.fee || 0) / 10000), net = price - fee;
  const rate = Math.floor(net / hours), floor = +form.dataset.floor;
  const show = (cents) => '$' + (cents / 100).toFixed(2);
  const say = (name, text) => document.querySelectorAll(`[data-out="${name}"]`).forEach((o) => { o.textContent = text; });
  say('rate', show(rate)); say('net', show(net)); say('fee', show(fee)); say('price', show(price));
  say('verdict', rate < floor ? `Below this site’s floor of ${show(floor)} an hour. Raise the price or cut the hours.`
    : `Above this site’s floor of ${show(floor)} an hour.`);
  const scale = document.querySelector('[data-scale]'), you = scale?.querySelector('.scale__you');
  if (you) {
    const [low, high] = scale.dataset.scale.split('-').map(Number);
    you.style.setProperty('--v', Math.min(97, Math.max(3, (rate - low) / (high - low) * 100)));
  }
};

const wake = (part) => {
  part.querySelectorAll('[data-count]').forEach(countDown);
  part.querySelectorAll('form[data-rate]').forEach(liveRate);
  const summary = part.querySelector('[data-focus]');
  if (summary) summary.focus();
};

document.addEventListener('DOMContentLoaded', () => {
  root.classList.add('has-script');
  wake(document);
});
document.addEventListener('htmx:load', (event) => wake(event.detail.elt));

document.addEventListener('input', (event) => {
  const field = event.target;
  if (field.dataset.count) countDown(field);
  const form = field.form;
  if (form?.matches('[data-rate]')) liveRate(form);
});

document.addEventListener('change', (event) => {
  const field = event.target;
  if (field.name === 'theme' && field.closest('[data-theme-switch]')) keepTheme(field.value);
  if (field.type === 'file') {
    const told = field.closest('.upload')?.querySelector('[data-chosen]');
    if (told) { told.textContent = [...field.files].map((file) => file.name).join(', '); told.hidden = !field.files.length; }
  }
  if (field.matches('[data-submit]')) field.form.requestSubmit();
});

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  if (event.target.closest('[data-print]')) print();
  const copier = event.target.closest('[data-copy]');
  if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => { copier.lastChild.textContent = ' Copied'; });
  const closer = event.target.closest('[data-close]');
  if (closer) closer.closest(closer.dataset.close)?.remove();
  if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
});

// A second click on a slow form does nothing; the server would refuse it anyway.
document.addEventListener('submit', (event) => {
  const form = event.target, button = event.submitter;
  if (event.defaultPrevented || form.method === 'get' || form.method === 'dialog' || !button) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  button.setAttribute('aria-busy', 'true');
  setTimeout(() => { delete form.dataset.sent; button.removeAttribute('aria-busy'); }, 8000);
});
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => {
  delete form.dataset.sent;
  form.querySelector('[aria-busy]')?.removeAttribute('aria-busy');
}));
