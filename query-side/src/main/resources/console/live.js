// The one stream of this tab. It goes on after the last event that it brought, so nothing is missed or repeated.
import {shared, useEffect, useRef} from './html.js';
import {may, request, session} from './api.js';

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
// The service speaks every 15 seconds, unless it is told otherwise.
const LONGEST_SILENCE = 50_000;

/** 'live', 'connecting', 'lost', or 'asking' for callers who may not follow events: pages then ask again and again. */
export const connection = shared('connecting');

/** The id of the last event or heartbeat: the position up to which this tab knows everything. */
export const head = shared(null);

const followers = new Set();
let stream = null;
let lastId = null;
let wake = () => {};

function tell(message) {
  for (const follower of [...followers]) follower(message);
}

/**
 * Follows the organization's events as they come: {event} for each, and {reset: true} when what was loaded before may miss
 * some or hold lost ones, so that it has to be loaded again.
 */
export function useEvents(call) {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    const follower = message => latest.current(message);
    followers.add(follower);
    return () => followers.delete(follower);
  }, []);
}

async function follow(signal) {
  let pause = SHORTEST_PAUSE;
  while (!signal.aborted) {
    try {
      await once(signal, () => (pause = SHORTEST_PAUSE));
      pause = SHORTEST_PAUSE;
    } catch (failure) {
      if (signal.aborted || failure.status === 401) return;
      connection.set('lost');
    }
    await rest(pause * (0.75 + Math.random() / 2), signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

/** Follows one connection to its end. */
async function once(signal, connected) {
  const stop = new AbortController();
  const giveUp = () => stop.abort();
  signal.addEventListener('abort', giveUp);
  let silence = setTimeout(giveUp, LONGEST_SILENCE);
  try {
    const isFirst = lastId === null;
    const response = await request('events', {
      query: isFirst ? {last: 0} : {},
      headers: {Accept: 'text/event-stream', ...(isFirst ? {} : {'Last-Event-ID': lastId})},
      signal: stop.signal,
    });
    connected();
    connection.set('live');
    if (isFirst) tell({reset: true});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (true) {
      const {value, done} = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(giveUp, LONGEST_SILENCE);
      text += value;
      let end;
      while ((end = text.indexOf('\n\n')) >= 0) {
        take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', giveUp);
    stop.abort();
  }
}

function take(block) {
  let data = '';
  let name = 'message';
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) lastId = line.slice(4);
    if (line.startsWith('event: ')) name = line.slice(7);
    if (line.startsWith('data: ')) data += line.slice(6);
  }
  head.set(lastId);
  if (name === 'reset') tell({reset: true});
  else if (data) tell({event: JSON.parse(data)});
}

/** Waits, but not when there is reason to believe that it works again. */
function rest(milliseconds, signal) {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', wake, {once: true});
  });
}

addEventListener('online', () => wake());
document.addEventListener('visibilitychange', () => document.hidden || wake());

/** Tries at once to connect again. */
export const reconnect = () => wake();

let follows = null;
session.follow(({caller}) => {
  const whose = caller && JSON.stringify(caller);
  if (whose === follows) return;
  follows = whose;
  stream?.abort();
  stream = null;
  lastId = null;
  head.set(null);
  if (!caller) return;
  if (!may('imports:audit')) {
    connection.set('asking');
    return;
  }
  connection.set('connecting');
  stream = new AbortController();
  follow(stream.signal);
});
