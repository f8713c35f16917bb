// One import: what it is now, what happened to it, and what it was at any moment.
import {html, useAnswer, useEffect, useEvery, useHeading, useRef, useRetry, useShared, useState} from '../html.js';
import {address, ask, askPage, asCurl, may} from '../api.js';
import {connection, useEvents} from '../live.js';
import {link, replace} from '../router.js';
import {Card, Copy, Empty, exact, Icon, isTime, Moment, number, Pill, Problem, Text, Time} from './basics.js';

const NAMES = {
  ImportCreated: 'Created',
  ImportStatusChanged: 'Status changed',
  ImportDetailsChanged: 'Details changed',
  ImportCampaignLinked: 'Linked to a campaign',
  ImportCampaignUnlinked: 'Unlinked from its campaign',
  ImportDeleted: 'Deleted',
};
const FIELDS = {status: 'Status', source: 'Source', file_name: 'File', total_rows: 'Rows', campaign_id: 'Campaign', created_at: 'Created', updated_at: 'Updated'};
const PAGE = 500;
const DRAWN = 200;
// Longer texts scroll by themselves.
const LONG = 200;

/** A field's name, in the middle of a line. */
export const fieldName = name => (FIELDS[name] ?? name).toLowerCase();

/** An event's type in words. */
export const eventName = type => NAMES[type] ?? type;

/** A field's value, as it is told everywhere; in a line of others if it has to be. */
export function Value({name, value, inLine}) {
  if (value === null || value === undefined) return html`<span class="none">none</span>`;
  if (name === 'status') return html`<${Pill} kind=${value} />`;
  if (name === 'total_rows') return number(value);
  if (name.endsWith('_at')) return html`<${Time} value=${value} />`;
  const text = html`<${Text} value=${value} />`;
  return value.length > LONG && !inLine ? html`<div class="long-text" tabindex="0">${text}</div>` : text;
}

/** What changed, field by field. */
export function Changes({changes}) {
  const fields = Object.entries(changes).filter(([name]) => FIELDS[name]);
  if (fields.length === 0) return null;
  return html`<dl class="changes">${fields.map(
    ([name, {from, to}]) => html`<div><dt>${FIELDS[name]}</dt>
      <dd>${from !== null && html`<del><span class="for-readers">from </span><${Value} name=${name} value=${from} /></del>${' → '}`}
        <ins><span class="for-readers">to </span><${Value} name=${name} value=${to} /></ins></dd></div>`,
  )}</dl>`;
}

/** What is said of an id that the organization has never had. */
export function Unknown({id}) {
  return html`<${Empty} title="There is no import with this id">
    <p>The organization of this key or token never had <code><${Text} value=${id} /></code>${may('imports:audit') ? '' : ', or it was deleted'}.</p>
    <div><a class="button" href=${link('imports')}>All imports</a></div><//>`;
}

export function One({id, query}) {
  const asOf = query.get('as_of') ?? '';
  const sees = may('imports:audit');
  const now = useAnswer(signal => present(id, signal), [], id);
  const past = useHistory(id, sees);
  const kafka = useAnswer(signal => (sees ? ask('publication', {query: {import_id: id}, signal}) : Promise.resolve(null)), [], id);
  useEvents(({event, reset}) => {
    if (reset) {
      now.again();
      past.reload();
      kafka.again();
    } else if (event.import_id === id) {
      past.add(event);
      now.again();
    }
  });
  const state = useShared(connection);
  useEvery(5000, () => state === 'asking' && now.again());
  useEvery(2000, () => {
    const newest = past.events.at(-1);
    if (kafka.data && newest && !isPublished(kafka.data, newest)) kafka.again();
  });

  const isGone = now.data === null && past.events.length > 0;
  const title = now.data?.file_name ?? (now.data ? 'Import without a file' : isGone ? 'Deleted import' : 'Import');
  useHeading(title);
  if (now.failure && !now.data && now.failure.status !== 404) return html`<${Problem} failure=${now.failure} again=${now.again} />`;
  if (now.data === undefined && now.busy) return html`<p class="waiting" role="status">Loading…</p>`;
  if (now.data === null && !past.busy && past.events.length === 0) {
    return html`<${Unknown} id=${id} />`;
  }
  return html`<div class="page">
    <header>
      <a class="button plain" href=${link('imports')} aria-label="All imports" title="All imports"><${Icon} name="back" /></a>
      <h1 class="name"><${Text} value=${title} /></h1>
      ${isGone ? html`<${Pill} kind="failed">deleted<//>` : html`<${Pill} kind=${now.data?.status ?? 'plain'} />`}
      <div class="actions">
        <${Copy} text=${location.href} label="Copy link" />
        <${Copy} text=${asCurl(`imports/${id}`, {query: asOf ? {as_of: asOf} : {}})} label="Copy as curl" />
      </div>
    </header>
    ${now.failure && now.data && html`<${Problem} failure=${now.failure} again=${now.again} />`}
    ${now.data && html`<${Card} title="Now"><${Facts} row=${now.data} /><//>`}
    ${sees
      ? html`<div class="two">
          <${Timeline} id=${id} past=${past} asOf=${asOf} kafka=${kafka.data} />
          <${Then} id=${id} now=${now.data ?? null} past=${past} asOf=${asOf} />
        </div>`
      : html`<p class="notice">The history of an import needs the scope imports:audit, which this key or token does not have.</p>`}
  </div>`;
}

/** The import as it is now, or null when there is none. Who may see the past alone asks for its last moment. */
async function present(id, signal) {
  try {
    return await ask(`imports/${encodeURIComponent(id)}`, {query: may('imports:read') ? {} : {as_of: '2999-01-01T00:00:00Z'}, signal});
  } catch (failure) {
    if (failure.status === 404 || failure.status === 400) return null;
    throw failure;
  }
}

/** The events of an import: those that there are, page by page, and those that come. */
function useHistory(id, sees) {
  const [events, setEvents] = useState([]);
  const [busy, setBusy] = useState(sees);
  const [failure, setFailure] = useState(null);
  const [next, setNext] = useState(null);
  const stop = useRef(null);
  const come = useRef([]);
  const take = more =>
    setEvents(before => {
      const known = new Map(before.map(one => [one.sequence, one]));
      for (const one of more) known.set(one.sequence, one);
      return [...known.values()].sort((a, b) => a.sequence - b.sequence);
    });
  const load = async from => {
    if (!sees) return;
    const {signal} = stop.current;
    setBusy(true);
    try {
      const page = await askPage(from ?? address(`imports/${encodeURIComponent(id)}/events`, {query: {limit: PAGE}}), {signal});
      take(page.rows);
      setNext(page.next);
      if (page.next === null) take(come.current);
      come.current = [];
      setFailure(null);
    } catch (problem) {
      if (signal.aborted) return;
      if (problem.status !== 404 && problem.status !== 400) setFailure(problem);
    }
    setBusy(false);
  };
  const anew = () => {
    stop.current?.abort();
    stop.current = new AbortController();
    come.current = [];
    setEvents([]);
    load(null);
  };
  useEffect(() => {
    anew();
    return () => stop.current.abort();
  }, [id]);
  useRetry(busy ? null : failure, () => load(next));
  return {
    events,
    busy,
    failure,
    next,
    further: () => load(next),
    reload: anew,
    add: event => {
      if (busy) come.current.push(event);
      if (next === null) take([event]);
    },
  };
}

function Facts({row}) {
  const facts = [
    ['Source', html`<${Value} name="source" value=${row.source} />`, 'long-text'],
    ['File', html`<${Value} name="file_name" value=${row.file_name} />`, 'long-text'],
    ['Rows', number(row.total_rows)],
    ['Campaign', row.campaign_id ? html`<a href=${link('imports', {campaign_id: row.campaign_id})}><code>${row.campaign_id}</code></a>` : html`<span class="none">none</span>`],
    ['Created', html`<${Time} value=${row.created_at} />`],
    ['Updated', html`<${Time} value=${row.updated_at} />`],
    ['Id', html`<code>${row.id}</code>`, '', 'wide'],
  ];
  return html`<dl class="facts">${facts.map(([name, value, more, width]) => html`<div class=${width ?? ''}><dt>${name}</dt><dd class=${more ?? ''} tabindex=${more ? 0 : undefined}>${value}</dd></div>`)}</dl>`;
}

function Timeline({id, past, asOf, kafka}) {
  const [drawn, setDrawn] = useState(DRAWN);
  const events = past.events.slice(-drawn).reverse();
  return html`<${Card} title="Timeline" actions=${html`<${Copy} text=${asCurl(`imports/${id}/events`)} label="Copy as curl" />`}>
    <${Problem} failure=${past.failure} again=${past.reload} />
    ${past.next && html`<p class="notice">These are its first ${number(past.events.length)} events.
      ${' '}<button type="button" class="button small" onClick=${past.further}>Load more</button></p>`}
    <ol class="timeline">${events.map(
      event => html`<li key=${event.sequence} class=${asOf && event.time > asOf ? 'later' : ''}>
        <div class="what"><strong>${eventName(event.type)}</strong><span class="quiet"><${Time} value=${event.time} /></span>
          <a class="quiet" href=${link('imports', id, {as_of: event.time})}>as of then</a></div>
        <div class="quiet">by ${event.actor === null ? 'somebody unknown' : html`<${Text} value=${event.actor} /> (${event.actor_kind})`}</div>
        <${Changes} changes=${event.changes} />
        <div class="coordinates"><span>position ${number(event.position)}</span><span>sequence ${number(event.sequence)}</span>
          ${kafka && html`<span title="Where Kafka has it, unless its publication is parked">${isPublished(kafka, event) ? html`topic <code>${kafka.events_topic}</code> partition ${kafka.partition}` : 'not in Kafka yet'}</span>`}
          ${event.request_id && html`<span title="The request that caused it">request <code>${event.request_id.slice(0, 13)}</code></span>`}</div>
      </li>`,
    )}</ol>
    ${past.events.length > drawn && html`<button type="button" class="button small" onClick=${() => setDrawn(drawn + DRAWN)}>Earlier events</button>`}
    ${past.busy && html`<p class="quiet" role="status">Loading…</p>`}
  <//>`;
}

const isPublished = (kafka, event) => kafka.partition !== null && kafka.partition !== undefined && event.position <= (kafka.position ?? 0);

/** The import as it was at a moment that a slider chooses, beside what it is now. */
function Then({id, now, past, asOf}) {
  const first = past.events[0];
  const last = past.events.at(-1);
  const start = first ? Date.parse(first.time) : Date.now();
  const [end, setEnd] = useState(Date.now());
  useEffect(() => setEnd(Math.max(Date.now(), last ? Date.parse(last.time) + 1 : 0)), [last?.sequence]);
  const [chosen, setChosen] = useState(asOf);
  useEffect(() => setChosen(asOf), [asOf]);
  const later = useRef(null);
  const choose = time => {
    setChosen(time);
    clearTimeout(later.current);
    later.current = setTimeout(() => replace(link('imports', id, {as_of: time})), 150);
  };
  useEffect(() => () => clearTimeout(later.current), []);
  const then = useAnswer(signal => (asOf ? pastState(id, asOf, signal) : Promise.resolve(undefined)), [], asOf);
  const at = isTime(chosen) ? Math.min(Math.max(Date.parse(chosen), start), end) : end;
  const step = forward => {
    const times = past.events.map(event => event.time);
    const from = chosen || new Date(end).toISOString();
    const before = times.filter(time => Date.parse(time) < Date.parse(from) && time !== from).at(-1);
    const behind = times.find(time => Date.parse(time) > Date.parse(from) && time !== from);
    choose(forward ? behind ?? '' : before ?? times[0] ?? '');
  };
  const shown = asOf ? then.data : now;
  const rows = ['status', 'source', 'file_name', 'total_rows', 'campaign_id', 'updated_at'];
  // Marks that would lie on each other are one.
  const marks = [...new Set(past.events.map(event => Math.round((200 * (Date.parse(event.time) - start)) / Math.max(1, end - start)) / 2))];
  return html`<${Card} title="As of a moment" actions=${asOf && html`<button type="button" class="button small" onClick=${() => choose('')}>Back to now</button>`}>
    <div class="slider">
      <strong aria-live="polite">${chosen ? exact(chosen) + ' UTC' : 'Now'}</strong>
      <div class="track"><input type="range" min=${start} max=${end} step=${Math.max(1, Math.round((end - start) / 1000))} value=${at}
        aria-label="The moment" aria-valuetext=${chosen ? exact(chosen) + ' UTC' : 'now'}
        onInput=${event => (Number(event.target.value) >= end - (end - start) / 1000 ? choose('') : choose(new Date(Number(event.target.value)).toISOString()))} /></div>
      <div class="ticks" aria-hidden="true">${marks.length > 1 && marks.map(mark => html`<i style=${{left: `${mark}%`}}></i>`)}</div>
      <div class="actions">
        <button type="button" class="button small" onClick=${() => step(false)}><${Icon} name="back" />Event before</button>
        <button type="button" class="button small" disabled=${!chosen} onClick=${() => step(true)}>Next event<${Icon} name="next" /></button>
      </div>
      <${Moment} label="Exactly" value=${chosen} onChange=${choose} />
    </div>
    <${Problem} failure=${then.failure} again=${then.again} />
    ${asOf && then.data === null && html`<p class="notice">${first && asOf < first.time ? 'It did not exist yet.' : 'It did not exist at that moment.'}</p>`}
    ${(now || shown) && html`<div class="scrolling" tabindex="0" role="region" aria-label="Then and now"><table>
      <caption class="for-readers">The import then and now</caption>
      <thead><tr><th scope="col">Field</th><th scope="col">${asOf ? 'Then' : 'Now'}</th>${asOf && html`<th scope="col">Now</th>`}</tr></thead>
      <tbody>${rows.map(name => {
        const differs = asOf && JSON.stringify(shown?.[name] ?? null) !== JSON.stringify(now?.[name] ?? null);
        return html`<tr class=${differs ? 'differs' : ''}><th scope="row">${FIELDS[name]}${differs && html`<span class="for-readers"> (differs)</span>`}</th>
          <td><${Value} name=${name} value=${shown?.[name]} /></td>${asOf && html`<td><${Value} name=${name} value=${now?.[name]} /></td>`}</tr>`;
      })}</tbody></table></div>`}
  <//>`;
}

async function pastState(id, asOf, signal) {
  try {
    return await ask(`imports/${encodeURIComponent(id)}`, {query: {as_of: asOf}, signal});
  } catch (failure) {
    if (failure.status === 404) return null;
    throw failure;
  }
}
