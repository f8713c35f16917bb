// What pages are made of: texts, times, pills, buttons, problems, empty states, fields.
import {html, shared, useEffect, useRef, useShared, useState} from '../html.js';
import {Failure} from '../api.js';

// ---- texts

// Marks that are not seen, or that turn the text around them: they are named in place of being obeyed.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A text from outside, in which nothing is hidden and which turns nothing around it. */
export function Text({value}) {
  if (value === null || value === undefined || value === '') return html`<span class="none">none</span>`;
  const text = String(value);
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    // A zero-width joiner between emoji is a part of them.
    if (match[0] === '\u200d' && /\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?$/u.test(text.slice(0, match.index))) continue;
    parts.push(text.slice(from, match.index));
    const code = 'U+' + match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    parts.push(html`<span class="hidden-mark" title="A character that is not seen">${code}</span>`);
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return html`<bdi class="text" title=${text.length > 24 ? text.slice(0, 1024).replace(HIDDEN, '\ufffd') : undefined}>${parts}</bdi>`;
}

const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});
/** A whole number with its thousands apart. */
export const number = value => whole.format(value);
/** A whole number in few digits, such as 1.2M. */
export const short = value => (value < 100_000 ? whole.format(value) : compact.format(value));

// ---- times

const clock = shared(Date.now());
setInterval(() => document.hidden || clock.set(Date.now()), 5_000);
document.addEventListener('visibilitychange', () => document.hidden || clock.set(Date.now()));

/** Whether times are told exactly, in place of how long they are past. */
export const exactTimes = shared(localStorage.getItem('imports.console.times') === 'exact');
exactTimes.follow(exact => localStorage.setItem('imports.console.times', exact ? 'exact' : 'relative'));

/** In UTC, to the second: 2026-01-31 12:00:00. */
export const exact = time => (isTime(time) ? new Date(time).toISOString().slice(0, 19).replace('T', ' ') : String(time));

/** Whether this is a time: an address may hold anything. */
export const isTime = text => Boolean(text) && !Number.isNaN(Date.parse(text));

export function relative(time, now) {
  const seconds = Math.round((now - new Date(time)) / 1000);
  const past = Math.abs(seconds);
  const told = (count, unit) => (seconds < 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`);
  if (past < 5) return 'just now';
  if (past < 60) return told(past, 's');
  if (past < 3600) return told(Math.floor(past / 60), 'min');
  if (past < 86_400) return told(Math.floor(past / 3600), 'h');
  if (past < 86_400 * 60) return told(Math.floor(past / 86_400), past < 172_800 ? 'day' : 'days');
  return exact(time).slice(0, 10);
}

/** A time, as people want it; the other form is its title. */
export function Time({value}) {
  const now = useShared(clock);
  const isExact = useShared(exactTimes);
  if (!value) return html`<span class="none">never</span>`;
  const told = exact(value) + ' UTC';
  return html`<time datetime=${value} title=${isExact ? relative(value, now) : told}>${isExact ? exact(value) : relative(value, now)}</time>`;
}

// ---- small parts

const ICONS = {
  list: 'M4 6h16M4 12h16M4 18h10',
  feed: 'M3 12h4l3-8 4 16 3-8h4',
  clock: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18',
  gauge: 'M12 13l4-4M4 18a9 9 0 1 1 16 0',
  key: 'M12.5 8.5a5 5 0 1 1-10 0a5 5 0 0 1 10 0zM11 12l9.5 9.5M16.5 17.5l3-3',
  proof: 'M12 3l7 3v5c0 5-3 8-7 10c-4-2-7-5-7-10V6zM9 12l2 2l4-4',
  search: 'M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM20 20l-4-4',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  done: 'M5 12l5 5L20 7',
  sun: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z',
  auto: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  leave: 'M14 4h6v16h-6M4 12h11M11 8l4 4l-4 4',
  back: 'M15 5l-7 7l7 7',
  next: 'M9 5l7 7l-7 7',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5l12 7l-12 7z',
  close: 'M6 6l12 12M18 6L6 18',
  help: 'M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .8-1 1.7M12 17v.01M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18',
};

/** A picture beside a word that says the same. */
export function Icon({name}) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name] ?? ''} /></svg>`;
}

/** A state in a word and a colour. Kinds: pending, processing, completed, failed, good, bad, busy, plain. */
export function Pill({kind, children}) {
  return html`<span class=${'pill ' + kind}>${children ?? kind}</span>`;
}

/** The end of an id, which people can tell apart: ids of one minute begin alike. The whole is its title. */
export function Id({value}) {
  return value ? html`<code class="id" title=${value}>${'…' + value.slice(-8)}</code>` : html`<span class="none">none</span>`;
}

/** Puts a text where it can be pasted from. */
export function Copy({text, label}) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      say('Copied.');
    } catch {
      say('The browser does not let this page copy. Select the text and copy it.');
    }
  };
  return html`<button type="button" class="button small" onClick=${copy}>
    <${Icon} name=${isDone ? 'done' : 'copy'} />${isDone ? 'Copied' : label}
  </button>`;
}

/** Lines to paste into a terminal. */
export function Terminal({text, label = 'Copy'}) {
  return html`<div class="terminal"><pre tabindex="0">${text}</pre><${Copy} text=${text} label=${label} /></div>`;
}

/** What went wrong, in words, with what helps to find out why. */
export function Problem({failure, again}) {
  if (!failure) return null;
  const told = failure instanceof Failure ? failure : new Failure(0, 'The console failed: ' + failure.message);
  return html`<div class="problem" role="alert">
    <p>${told.message}</p>
    ${told.requestId && html`<p class="quiet">Request <code>${told.requestId}</code>: name it when you ask for help.</p>`}
    ${again && html`<button type="button" class="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/** What to do where there is nothing yet. */
export function Empty({title, children}) {
  return html`<div class="empty"><h2>${title}</h2>${children}</div>`;
}

/** A part of a page under a heading. */
export function Card({title, actions, children, class: more = ''}) {
  return html`<section class=${'card ' + more}>
    ${title && html`<header><h2>${title}</h2>${actions && html`<div class="actions">${actions}</div>`}</header>`}
    ${children}
  </section>`;
}

/** A label and what is entered. */
export function Field({label, hint, children}) {
  return html`<label class="field"><span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;
}

// ---- moments, entered and told in UTC

const AFTER_TYPING = 800;

/**
 * An entered moment, in UTC. Gives an ISO time or '', once somebody has ended typing: each digit of a year makes a time of its
 * own.
 */
export function Moment({value, label, onChange, required}) {
  const input = useRef(null);
  const later = useRef(null);
  const text = isTime(value) ? new Date(value).toISOString().slice(0, 23) : '';
  useEffect(() => {
    if (document.activeElement !== input.current) input.current.value = text;
  }, [text]);
  useEffect(() => () => clearTimeout(later.current), []);
  const give = () => {
    clearTimeout(later.current);
    const entered = input.current.value;
    const next = isTime(entered + 'Z') ? new Date(entered + 'Z').toISOString() : '';
    if (next.slice(0, 23) !== text) onChange(next);
  };
  return html`<${Field} label=${label + ' (UTC)'}>
    <input ref=${input} type="datetime-local" step="0.001" required=${required}
      onInput=${() => (clearTimeout(later.current), (later.current = setTimeout(give, AFTER_TYPING)))} onBlur=${give}
      onKeyDown=${event => event.key === 'Enter' && (event.preventDefault(), give())} />
  <//>`;
}

// ---- what is said to people who do not see it, and for a while to those who do

const said = shared(null);

/** Says it, to screen readers as well. */
export function say(text) {
  said.set({text});
}

export function Said() {
  const saying = useShared(said);
  useEffect(() => {
    if (!saying) return undefined;
    const timer = setTimeout(() => said.set(null), 4000);
    return () => clearTimeout(timer);
  }, [saying]);
  return html`<div class="said" role="status">${saying && html`<p>${saying.text}</p>`}</div>`;
}

// ---- questions

const question = shared(null);

/**
 * Asks before something is done: true once it is confirmed. `text` says what it will do, `word` names the button, and
 * `danger` marks what cannot be undone.
 */
export function confirm({title, text, word, danger = false}) {
  return new Promise(resolve => question.set({title, text, word, danger, resolve}));
}

export function Question() {
  const asked = useShared(question);
  const answer = isYes => {
    question.set(null);
    asked.resolve(isYes);
  };
  if (!asked) return null;
  return html`<${Dialog} title=${asked.title} onClose=${() => answer(false)}>
    <p>${asked.text}</p>
    <div class="actions">
      <button type="button" class="button" onClick=${() => answer(false)}>Cancel</button>
      <button type="button" class=${'button ' + (asked.danger ? 'danger' : 'primary')} onClick=${() => answer(true)}>${asked.word}</button>
    </div>
  <//>`;
}

/** A window in front of the page, which keeps the keyboard until it is closed. */
export function Dialog({title, onClose, children}) {
  const element = useRef(null);
  useEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    dialog.querySelector(':scope > :not(header) :is(input, select, textarea, button):not(:disabled)')?.focus();
    return () => dialog.close();
  }, []);
  return html`<dialog ref=${element} aria-labelledby="dialog-title" onCancel=${event => (event.preventDefault(), onClose())}>
    <header><h2 id="dialog-title">${title}</h2>
      <button type="button" class="button plain" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></header>
    ${children}
  </dialog>`;
}

// ---- tables

/**
 * A table of few rows. Columns: {title, of: row => content, align: 'end'}; `caption` says what it is.
 */
export function Table({caption, columns, rows, keyOf}) {
  return html`<div class="scrolling" tabindex="0" role="region" aria-label=${caption}><table>
    <caption class="for-readers">${caption}</caption>
    <thead><tr>${columns.map(column => html`<th scope="col" class=${column.align ?? ''}>${column.title}</th>`)}</tr></thead>
    <tbody>${rows.map(
      (row, i) => html`<tr key=${keyOf ? keyOf(row) : i}>${columns.map(column => html`<td class=${column.align ?? ''} data-title=${column.title}>${column.of(row)}</td>`)}</tr>`,
    )}</tbody>
  </table></div>`;
}

/** A figure under its name. */
export function Figure({name, value, children}) {
  return html`<div class="figure"><span>${name}</span><strong>${value}</strong>${children}</div>`;
}
