// What every part is written in: Preact's elements from htm's templates, and values that parts share.
import {h, render, Component, Fragment} from 'preact';
import {useEffect, useLayoutEffect, useMemo, useRef, useState, useCallback} from 'preact/hooks';
import htm from 'htm';

export const html = htm.bind(h);
export {h, render, Component, Fragment, useEffect, useLayoutEffect, useMemo, useRef, useState, useCallback};

/** A value that parts follow. */
export function shared(value) {
  const followers = new Set();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const follower of [...followers]) follower(value);
    },
    follow(follower) {
      followers.add(follower);
      return () => followers.delete(follower);
    },
  };
}

/** The value now; the part is drawn again when it changes. */
export function useShared(one) {
  const [value, set] = useState(one.value);
  useLayoutEffect(() => {
    set(() => one.value);
    return one.follow(next => set(() => next));
  }, [one]);
  return value;
}

// What may be otherwise a moment later: no connection, too many requests, a service that cannot do it now.
const PASSING = [0, 429, 502, 503, 504];
const AGAIN_AFTER = 3000;

/** Calls a function again and again, seconds apart and while the page is seen, as long as it fails with what may pass. */
export function useRetry(failure, again) {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (!PASSING.includes(failure?.status)) return undefined;
    const wait = Math.max(AGAIN_AFTER, 1000 * (Number(failure.retryAfter) || 0));
    const timer = setInterval(() => document.hidden || latest.current(), wait);
    return () => clearInterval(timer);
  }, [failure]);
}

/** The page's own name, when it has another than its menu's. */
export const heading = shared(null);

export function useHeading(text) {
  useEffect(() => {
    heading.set(text);
    return () => heading.set(null);
  }, [text]);
}

/**
 * What this asynchronous function gives: {data, failure, busy, again}. It is called anew, and the call before it given up,
 * when a dependency changes or again() is called; the data of before stay until there are new ones, unless `key` changes.
 */
export function useAnswer(get, dependencies, key = '') {
  const [turn, setTurn] = useState(0);
  const [answer, setAnswer] = useState({key, busy: true});
  useEffect(() => {
    const stop = new AbortController();
    setAnswer(before => (before.key === key ? {...before, busy: true} : {key, busy: true}));
    get(stop.signal).then(
      data => stop.signal.aborted || setAnswer({key, data, busy: false}),
      failure => stop.signal.aborted || setAnswer(before => ({...before, key, failure, busy: false})),
    );
    return () => stop.abort();
  }, [...dependencies, key, turn]);
  const current = answer.key === key ? answer : {key, busy: true};
  const again = useCallback(() => setTurn(n => n + 1), []);
  useRetry(current.busy ? null : current.failure, again);
  return {...current, again};
}

/** Calls a function every so many milliseconds while the page is visible. */
export function useEvery(milliseconds, call) {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    const timer = setInterval(() => document.hidden || latest.current(), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}
