// What the pages for operators and administrators share.
import {html, useAnswer, useEffect, useEvery, useRef, useState} from '../html.js';
import {Dialog, Pill, Problem, number as whole} from './basics.js';

/** A whole number for people; a dash when it is not known. */
export const number = value => (value === null || value === undefined ? '–' : whole(Math.round(value)));

/** Seconds for people. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What a look finds, and finds again every so many milliseconds while the page is visible. */
export function useLook(look, every, dependencies = []) {
  const answer = useAnswer(look, dependencies, JSON.stringify(dependencies));
  useEvery(every, () => answer.busy || answer.again());
  return answer;
}

/** Why something could not be told or done; nothing when it could. */
export function Failed({of, what, again}) {
  if (!of) return null;
  return html`<div class="failed"><p><strong>${what}.</strong></p><${Problem} failure=${of} again=${again} /></div>`;
}

const KINDS = {
  active: 'good', completed: 'good', done: 'good', valid: 'good', same: 'good', running: 'busy', waiting: 'busy', stopped: 'bad',
  failed: 'bad', refused: 'bad', invalid: 'bad', other: 'bad', missing: 'bad', unknown: 'busy',
};
const WORDS = {standby: 'stand-by', same: 'unaltered'};

/** A state in a word, and in a colour. */
export const State = ({of}) => html`<${Pill} kind=${KINDS[of] ?? 'plain'}>${WORDS[of] ?? of}<//>`;

/** The parts of a page, one of which is shown. Each: [address, title, whether it is the one]. */
export function Sections({label, all}) {
  const nav = useRef(null);
  const where = all.find(([, , isShown]) => isShown)?.[0];
  useEffect(() => nav.current.querySelector('[aria-current]')?.scrollIntoView({block: 'nearest', inline: 'nearest'}), [where]);
  return html`<nav ref=${nav} class="sections" aria-label=${label}>${all.map(
    ([address, title, isShown]) => html`<a href=${address} aria-current=${isShown ? 'page' : undefined}>${title}</a>`,
  )}</nav>`;
}

/** A table that scrolls by itself when it is too wide. */
export function Rows({caption, heads, children}) {
  return html`<div class="scrolling" tabindex="0" role="region" aria-label=${caption}><table>
    <caption class="for-readers">${caption}</caption>
    <thead><tr>${heads.map(([title, align]) => html`<th scope="col" class=${align ?? ''}>${title}</th>`)}</tr></thead>
    <tbody>${children}</tbody>
  </table></div>`;
}

/**
 * Asks before something is done, and says what it will do. `work` does it, `otherwise` names the button that does not; `close` is
 * called when it is done, or not wanted.
 */
export function Confirm({title, verb, otherwise = 'Cancel', dangerous, work, close, children}) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(null);
  const doIt = async event => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await work();
      close();
    } catch (caught) {
      setBusy(false);
      setFailure(caught);
    }
  };
  return html`<${Dialog} title=${title} onClose=${() => busy || close()}>
    <form class="asks" onSubmit=${doIt}>
      ${children}
      <${Failed} of=${failure} what="It was not done" />
      <div class="actions">
        <button type="button" class="button" disabled=${busy} onClick=${close}>${otherwise}</button>
        <button type="submit" class=${'button ' + (dangerous ? 'danger' : 'primary')} disabled=${busy}>${busy ? 'Working…' : verb}</button>
      </div>
    </form>
  <//>`;
}
