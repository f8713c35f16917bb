// Where the page is: the part of its address after #, such as #/imports/{id}?as_of=…, which no server gets to see.
import {shared} from './html.js';

function read() {
  const text = location.hash.replace(/^#\/?/, '');
  const question = text.indexOf('?');
  const path = (question < 0 ? text : text.slice(0, question)).split('/').filter(Boolean);
  let names;
  try {
    names = path.map(decodeURIComponent);
  } catch {
    names = ['unreadable'];
  }
  return {path: names, query: new URLSearchParams(question < 0 ? '' : text.slice(question + 1))};
}

/** The place now: {path: ['imports', id], query: URLSearchParams}. */
export const place = shared(read());
addEventListener('hashchange', () => place.set(read()));

/** The address of a place: link('imports', id, {as_of: …}). What is empty is left out of the query. */
export function link(...parts) {
  const last = parts.at(-1);
  const query = last !== null && typeof last === 'object' ? parts.pop() : {};
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(given).toString();
  return '#/' + parts.map(encodeURIComponent).join('/') + (search ? '?' + search : '');
}

/** Goes to the address of a link. */
export function go(address) {
  location.hash = address;
}

/** Puts this address in place of the present one, without a step in the browser's history. */
export function replace(address) {
  if (location.hash === address) return;
  history.replaceState(null, '', address);
  place.set(read());
}
