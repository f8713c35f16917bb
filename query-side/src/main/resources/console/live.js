// The one stream of this tab. It goes on after the last event that it brought, so nothing is missed or repeated.
import {shared, useEffect, useRef} from './html.js';
import {may, request, session} from './api.js';

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
// Browsers open six connections to a host: a tab that nobody sees gives its own back after a while.
const SEEN_FOR = 5_000;
// Whoever was away for longer begins anew, in place of being told everything that happened meanwhile.
const LONGEST_REST = 300_000;

/** 'live', 'connecting', 'lost', 'resting' while nobody sees the tab, or 'asking' for callers who may not follow events: pages then ask again and again. */
export const connection = shared('connecting');

/** The id of the last event or heartbeat: the position up to which this tab knows everything. */
export const head = shared(null);

const followers = new Set();
let stream = null;
let lastId = null;
let wake = () => {};

// The seconds after which the service speaks at the latest, until it says how many they are.
let heartbeat = 15;

// Timers that would be longer end at once.
const LONGEST_TIMER = 2 ** 31 - 1;

/** How many milliseconds a stream may say nothing: one or two heartbeats may be late. */
const longestSilence = () => Math.min(LONGEST_TIMER, 1000 * (3 * heartbeat + 2));

function tell(message) {
  for (const follower of [...followers]) {
    try {
      follower(message);
    } catch (failure) {
      // The others have to learn of it all the same.
      console.error(failure);
    }
  }
}

/**
 * Follows the organization's events as they come: {event} for each, and {reset: 'gap'} when what was loaded before may
 * miss some, or {reset: 'lost'} when it may hold events that the store has lost: it has to be loaded again.
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
      if (document.hidden) await seen(signal);
      await once(signal, () => (pause = SHORTEST_PAUSE));
      pause = SHORTEST_PAUSE;
    } catch (failure) {
      if (signal.aborted || failure.status === 401) return;
      if (document.hidden) continue;
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
  let silence = setTimeout(giveUp, longestSilence());
  let unseen = 0;
  const looked = () => {
    clearTimeout(unseen);
    if (document.hidden) unseen = setTimeout(giveUp, SEEN_FOR);
  };
  document.addEventListener('visibilitychange', looked);
  // A page that is kept for the way back would keep its connection as well.
  addEventListener('pagehide', giveUp);
  try {
    const isFirst = lastId === null;
    const response = await request('events', {
      query: isFirst ? {last: 0} : {},
      headers: {Accept: 'text/event-stream', ...(isFirst ? {} : {'Last-Event-ID': lastId})},
      signal: stop.signal,
    });
    heartbeat = Number(response.headers.get('X-Feed-Heartbeat')) || heartbeat;
    clearTimeout(silence);
    silence = setTimeout(giveUp, longestSilence());
    connected();
    connection.set('live');
    if (isFirst) tell({reset: 'gap'});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (true) {
      const {value, done} = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(giveUp, longestSilence());
      text += value;
      let end;
      while ((end = text.indexOf('\n\n')) >= 0) {
        take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
  } finally {
    clearTimeout(silence);
    clearTimeout(unseen);
    document.removeEventListener('visibilitychange', looked);
    removeEventListener('pagehide', giveUp);
    signal.removeEventListener('abort', giveUp);
    stop.abort();
  }
}

/** Waits until somebody sees the tab again. */
async function seen(signal) {
  const since = Date.now();
  connection.set('resting');
  await new Promise(resolve => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look, {once: true});
  });
  if (Date.now() - since > LONGEST_REST) lastId = null;
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
  if (name === 'reset') tell({reset: 'lost'});
  else if (data) tell({event: JSON.parse(data)});
}

/** Waits, but not when there is reason to believe that it works again. */
function rest(milliseconds, signal) {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    wake = end;
    signal.addEventListener('abort', end);
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
