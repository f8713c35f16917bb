// Asks the service, as every client does. The key or token is kept for this tab alone and never part of an address.
import {shared} from './html.js';

const KEPT = 'imports.console.credential';
const root = new URL('../', document.baseURI);
const commandUrl = document.querySelector('meta[name=command-url]').content;
const commandRoot = commandUrl ? new URL(commandUrl.endsWith('/') ? commandUrl : commandUrl + '/') : root;
const READS = ['GET', 'HEAD'];

/** Who is let in: {org_id, actor, actor_kind, key_id, scopes}, or null; `reason` says why nobody is. */
export const session = shared({caller: null, reason: '', asking: sessionStorage.getItem(KEPT) !== null});

/** Whether the caller has one of these scopes. */
export const may = (...scopes) => scopes.some(scope => session.value.caller?.scopes.includes(scope));

/** An answer that is none, in words for a person. */
export class Failure extends Error {
  constructor(status, message, more = {}) {
    super(message);
    this.status = status;
    this.requestId = more.requestId ?? null;
    this.retryAfter = more.retryAfter ?? null;
  }
}

function credential() {
  const text = sessionStorage.getItem(KEPT);
  if (text === null) return {};
  const isToken = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) && text.startsWith('ey');
  return isToken ? {Authorization: 'Bearer ' + text} : {'X-API-Key': text};
}

/** The address of a route such as 'imports/', at the side that serves it. */
export function address(route, {method = 'GET', query = {}} = {}) {
  const isOfCommands = /^(publication|admin\/(replays|publication)|asyncapi\.yaml)/.test(route);
  const isOfQueries = /^admin\/(projections|checkpoints)/.test(route);
  const side = isOfCommands || (!isOfQueries && !READS.includes(method)) ? commandRoot : root;
  const url = new URL(route, side);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, value);
  }
  return url;
}

/** One request: the Response when it is a success, a Failure otherwise. A 401 ends the session. */
export async function request(route, {method = 'GET', query, body, headers = {}, signal} = {}) {
  const url = route instanceof URL ? route : address(route, {method, query});
  let response;
  try {
    response = await fetch(url, {
      method,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      headers: {
        Accept: 'application/json',
        ...credential(),
        ...(body === undefined ? {} : {'Content-Type': 'application/json'}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Failure(0, 'The service cannot be reached. The console tries again by itself.');
  }
  if (response.ok || response.status === 304) return response;
  const failure = await told(response);
  if (failure.status === 401) leave('The service does not accept this key or token, or no longer. Enter one that is valid.');
  throw failure;
}

/** The body of an answer, as JSON, or null when there is none. */
export async function ask(route, options) {
  const response = await request(route, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/** A page of a list: {rows, next}, where next is the address of the page after it, or null. */
export async function askPage(route, options) {
  const response = await request(route, options);
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.headers.get('Link') ?? '');
  return {rows: await response.json(), next: link ? new URL(link[1], response.url) : null};
}

/** How many a list has, without the list. */
export async function count(route, options) {
  const response = await request(route, {...options, method: 'HEAD'});
  return Number(response.headers.get('X-Total-Count'));
}

async function told(response) {
  const requestId = response.headers.get('X-Request-Id');
  const retryAfter = response.headers.get('Retry-After');
  let detail = '';
  try {
    detail = (await response.json()).detail ?? '';
  } catch {
    // Whoever answered was not the service.
  }
  const words = {
    401: 'The key or token is not accepted.',
    403: detail ? `This key or token does not allow it. ${detail}.` : 'This key or token does not allow it.',
    404: detail || 'There is nothing here.',
    409: detail || 'The present state does not allow this.',
    429: `There were too many requests with this key or of this organization. ${retryAfter ? `It is possible again in ${retryAfter} s.` : ''}`,
    502: 'A gateway does not reach the service.',
    503: `${detail || 'The service cannot do this now'}. The console tries again by itself.`,
    504: 'The service did not answer in time. It is not known whether it was done: look before you repeat it.',
  };
  const message = words[response.status] ?? (detail || `The service answered with ${response.status}.`);
  return new Failure(response.status, message, {requestId, retryAfter});
}

/** Enters with a key or token, and learns what it allows. */
export async function enter(text) {
  if (/[^\x21-\x7e]/.test(text)) {
    session.set({caller: null, reason: 'Keys and tokens have no blanks and no characters beyond ASCII. Copy it again.', asking: false});
    return undefined;
  }
  sessionStorage.setItem(KEPT, text);
  return resume();
}

/** Goes on with what the tab has kept, if anything. */
export async function resume() {
  if (sessionStorage.getItem(KEPT) === null) {
    session.set({caller: null, reason: '', asking: false});
    return;
  }
  session.set({...session.value, asking: true, failure: null});
  try {
    session.set({caller: await ask('caller'), reason: '', asking: false});
  } catch (failure) {
    if (failure.status !== 401) session.set({caller: null, reason: failure.message, asking: false, failure});
  }
}

/** Goes on with another secret of the same caller, whose present one may end at once. */
export function renew(text) {
  sessionStorage.setItem(KEPT, text);
}

/** Forgets the key or token. */
export function leave(reason = '') {
  sessionStorage.removeItem(KEPT);
  session.set({caller: null, reason, asking: false});
}

/** A request as a line for a terminal; the key is the shell's own variable. */
export function asCurl(route, {method = 'GET', query, body} = {}) {
  const quoted = text => "'" + text.replaceAll("'", "'\\''") + "'";
  return [
    'curl',
    method === 'GET' ? '' : '-X ' + method,
    quoted(address(route, {method, query}).href),
    sessionStorage.getItem(KEPT)?.startsWith('ey') ? '-H "Authorization: Bearer $TOKEN"' : '-H "X-API-Key: $KEY"',
    body === undefined ? '' : `-H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`,
  ]
    .filter(Boolean)
    .join(' ');
}
