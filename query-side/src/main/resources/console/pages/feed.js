// The organization's events: the last ones and those that come, or all from a place on.
import {html, useEffect, useRetry, useRef, useShared, useState} from '../html.js';
import {address, askPage, asCurl} from '../api.js';
import {connection, head, useEvents} from '../live.js';
import {link, replace} from '../router.js';
import {Copy, Empty, Field, Icon, Id, Moment, number, Problem, Text, Time} from '../parts/basics.js';
import {eventName, fieldName, Value} from '../parts/one.js';

const TYPES = ['ImportCreated', 'ImportStatusChanged', 'ImportDetailsChanged', 'ImportCampaignLinked', 'ImportCampaignUnlinked', 'ImportDeleted'];
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
// So many events are shown at most; the page does not grow however long it is open.
const SHOWN = 300;
const FIRST = 100;

export default function Feed({query}) {
  const filter = {type: query.get('type') ?? '', import_id: query.get('import_id') ?? ''};
  const begin = {after: query.get('after') ?? '', since: query.get('since') ?? ''};
  const fromPlace = Boolean(begin.after || begin.since);
  const key = JSON.stringify([filter, begin]);
  const change = more => replace(link('feed', {...filter, ...begin, ...more}));
  return html`<div class="page">
    <header><h1>Feed</h1><div class="actions">
      <${Copy} text=${location.href} label="Copy link" />
      <${Copy} text=${asCurl('events', {query: {...filter, ...(fromPlace ? begin : {last: FIRST})}})} label="Copy as curl" /></div></header>
    <${Filters} filter=${filter} begin=${begin} onChange=${change} />
    ${fromPlace ? html`<${Past} key=${key} filter=${filter} begin=${begin} />` : html`<${Live} key=${key} filter=${filter} />`}
  </div>`;
}

function Filters({filter, begin, onChange}) {
  const [wrong, setWrong] = useState('');
  const position = text => {
    if (text && !/^[0-9]{1,15}$/.test(text)) setWrong('A position is a whole number.');
    else onChange({after: text, since: ''}), setWrong('');
  };
  const importId = text => {
    if (text && !UUID.test(text)) setWrong('An import is named by its id, of 36 characters.');
    else onChange({import_id: text.toLowerCase()}), setWrong('');
  };
  return html`<div class="filters" role="search">
    <${Field} label="Import" hint=${wrong && html`<span role="alert">${wrong}</span>`}><input type="search" data-search spellcheck=${false} placeholder="Its id" value=${filter.import_id} onChange=${event => importId(event.target.value.trim())} /><//>
    <${Field} label="What happened"><select value=${filter.type} onChange=${event => onChange({type: event.target.value})}>
      <option value="">Anything</option>${TYPES.map(type => html`<option value=${type}>${eventName(type)}</option>`)}</select><//>
    <${Field} label="After position"><input inputmode="numeric" value=${begin.after} placeholder="0" onChange=${event => position(event.target.value.trim())} /><//>
    <${Moment} label="From" value=${begin.since} onChange=${since => onChange({since, after: ''})} />
    ${(begin.after || begin.since) && html`<button type="button" class="button" onClick=${() => onChange({after: '', since: ''})}><${Icon} name="play" />Back to live</button>`}
  </div>`;
}

const passes = (filter, event) => (!filter.type || event.type === filter.type) && (!filter.import_id || event.import_id === filter.import_id);

/** The last events, and those that come. */
function Live({filter}) {
  const [events, setEvents] = useState([]);
  const [isPaused, setPaused] = useState(false);
  const [waiting, setWaiting] = useState([]);
  const [missed, setMissed] = useState(0);
  // Of this pause: a burst comes before the page is drawn again.
  const held = useRef(0);
  const [failure, setFailure] = useState(null);
  const [isLoaded, setLoaded] = useState(false);
  const fresh = useRef(new Set());
  const state = useShared(connection);
  const known = useShared(head);
  const stop = useRef(null);
  const merge = (before, more) => {
    const all = new Map([...before, ...more].map(event => [event.position, event]));
    return [...all.values()].sort((a, b) => b.position - a.position).slice(0, SHOWN);
  };
  const load = async () => {
    stop.current?.abort();
    stop.current = new AbortController();
    const {signal} = stop.current;
    try {
      const {rows} = await askPage(address('events', {query: {...filter, last: FIRST}}), {signal});
      setEvents(before => merge(before, rows));
      setFailure(null);
    } catch (problem) {
      if (!signal.aborted) setFailure(problem);
    }
    if (!signal.aborted) setLoaded(true);
  };
  useEffect(() => {
    load();
    return () => stop.current.abort();
  }, []);
  useRetry(failure, load);
  const forget = () => {
    held.current = 0;
    setWaiting([]);
    setMissed(0);
  };
  useEvents(({event, reset}) => {
    if (reset) {
      fresh.current.clear();
      setEvents([]);
      forget();
      load();
      return;
    }
    if (!passes(filter, event)) return;
    if (isPaused) {
      held.current++;
      if (held.current <= SHOWN) setWaiting(before => [...before, event]);
      else setMissed(n => n + 1);
      return;
    }
    // They only have to be told from those before for a moment.
    if (fresh.current.size >= SHOWN) fresh.current.clear();
    fresh.current.add(event.position);
    setEvents(before => merge(before, [event]));
  });
  const resume = () => {
    setPaused(false);
    if (missed > 0) {
      // What was shown, what was kept and what is loaded now would have a hole between them.
      setEvents([]);
      load();
    } else {
      setEvents(before => merge(before, waiting));
    }
    forget();
  };
  const count = waiting.length + missed;
  return html`<section class="card flat">
    <header>
      <button type="button" class=${'button ' + (isPaused ? 'primary' : '')} aria-pressed=${isPaused} onClick=${() => (isPaused ? resume() : setPaused(true))}>
        <${Icon} name=${isPaused ? 'play' : 'pause'} />${isPaused ? `Go on${count ? `: ${number(count)} came` : ''}` : 'Pause'}</button>
      <span class="quiet">${isPaused ? 'Paused: events that come wait here.' : state === 'live' ? 'Events appear as they happen.' : 'Events appear when the connection is there again; none is left out.'}</span>
      <span class="actions quiet">${known !== null && html`position ${number(Number(known) % 1e15)}`}</span>
    </header>
    <${Problem} failure=${failure} again=${load} />
    <${Events} events=${events} fresh=${fresh.current} />
    ${isLoaded && !failure && events.length === 0 && html`<${Nothing} filter=${filter} />`}
    ${events.length > 0 && html`<div class="foot"><a class="button small" href=${link('feed', {...filter, after: Math.max(0, events.at(-1).position - 1001)})}>Earlier events</a></div>`}
  </section>`;
}

/** Events from a place on, page by page. */
function Past({filter, begin}) {
  const [events, setEvents] = useState([]);
  const [next, setNext] = useState(null);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(true);
  const stop = useRef(new AbortController());
  const loading = useRef(false);
  const load = async url => {
    // A second click comes before the page is drawn again.
    if (loading.current) return;
    loading.current = true;
    setBusy(true);
    try {
      const page = await askPage(url ?? address('events', {query: {...filter, ...begin, limit: FIRST}}), {signal: stop.current.signal});
      setEvents(before => [...before, ...page.rows].slice(-SHOWN));
      setNext(page.next);
      setFailure(null);
    } catch (problem) {
      if (!stop.current.signal.aborted) setFailure(problem);
    }
    loading.current = false;
    setBusy(false);
  };
  useEffect(() => {
    load(null);
    return () => stop.current.abort();
  }, []);
  useRetry(failure, () => load(next));
  return html`<section class="card flat">
    <header><h2>${begin.since ? `From ${begin.since.slice(0, 19).replace('T', ' ')} UTC on` : `After position ${number(Number(begin.after))}`}, the earliest first</h2></header>
    <${Problem} failure=${failure} again=${() => load(next)} />
    <${Events} events=${events} />
    ${!busy && !failure && events.length === 0 && html`<${Nothing} filter=${filter} isPast />`}
    <div class="foot">${busy ? 'Loading…' : next ? html`<button type="button" class="button" onClick=${() => load(next)}>Later events</button>` : 'These are the last ones.'}</div>
  </section>`;
}

function Events({events, fresh}) {
  return html`<ol class="feed">${events.map(
    event => html`<li key=${event.position} class=${fresh?.has(event.position) ? 'new' : ''}>
      <span><${Time} value=${event.time} /></span>
      <strong>${eventName(event.type)}</strong>
      <span class="fields"><${Short} changes=${event.changes} /></span>
      <span class="wide-only quiet">${event.actor === null ? html`<span class="none">unknown</span>` : html`<${Text} value=${event.actor} />`}</span>
      <span><a href=${link('imports', event.import_id)} aria-label=${'Import ' + event.import_id}><${Id} value=${event.import_id} /></a></span>
      <a class="position" href=${link('feed', {after: event.position - 1})} title="From here on">${number(event.position)}</a>
    </li>`,
  )}</ol>`;
}

/** What changed, in one line. */
function Short({changes}) {
  // What is short comes first: the end of the line may be cut.
  const told = ['status', 'total_rows', 'source', 'file_name', 'campaign_id'].filter(name => changes[name] && (changes[name].to !== null || name === 'status'));
  return html`${told.map(name => [name, changes[name]]).map(([name, {from, to}], i) => html`${i > 0 ? ' · ' : ''}<span class="quiet">${fieldName(name)} </span>${from !== null && from !== undefined && html`<${Value} inLine name=${name} value=${from} />${' → '}`}<${Value} inLine name=${name} value=${to} />`)}`;
}

function Nothing({filter, isPast}) {
  if (!isPast && (filter.type || filter.import_id)) {
    return html`<${Empty} title=${`None among the last ${FIRST} events`}><p>What passes the filter appears here within a second, and there may be
      some from before. <a href=${link('feed', {...filter, after: 0})}>All from the beginning</a></p><//>`;
  }
  return html`<${Empty} title=${filter.type || filter.import_id ? 'No such event' : isPast ? 'Nothing happened since then' : 'Nothing has happened yet'}>
    <p>Each change of an import is an event: created, changed, deleted. ${isPast ? 'There is none from this place on.' : 'It appears here within a second.'}</p><//>`;
}
