// The organization's imports as they are now, and, by id, one of them.
import {html, useAnswer, useEffect, useEvery, useMemo, useRef, useShared, useState} from '../html.js';
import {address, ask, askPage, asCurl, may, session} from '../api.js';
import {connection, useEvents} from '../live.js';
import {go, link, replace} from '../router.js';
import {Card, Copy, Empty, Field, Icon, Id, Moment, Pill, Problem, short, number, Terminal, Text, Time} from '../parts/basics.js';
import {LongList, useRows} from '../parts/long.js';
import {Plot} from '../parts/plot.js';
import {One, Unknown} from '../parts/one.js';

const PAGE = 200;
const STATUSES = ['pending', 'processing', 'completed', 'failed'];
const FILTERS = ['status', 'source', 'campaign_id', 'created_after', 'created_before'];
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
// At most so many times a second are figures asked for while events come.
const FIGURES_AGAIN = 2000;

/** The columns of lists of imports. */
export const COLUMNS = [
  {title: 'Status', width: '116px', of: row => html`<${Pill} kind=${row.status} />`, class: 'end-on-phone'},
  {title: 'File', width: 'minmax(0, 2fr)', of: row => html`<a href=${link('imports', row.id)} tabindex="-1">${row.file_name === null ? html`<span class="none">no file</span>` : html`<${Text} value=${row.file_name} />`}</a>`},
  {title: 'Source', width: 'minmax(0, 1fr)', of: row => html`<${Text} value=${row.source} />`},
  {title: 'Rows', width: '110px', of: row => number(row.total_rows), class: 'end wide-only'},
  {title: 'Created', width: '150px', of: row => html`<${Time} value=${row.created_at} />`, class: 'wide-only'},
  {title: 'Updated', width: '150px', of: row => html`<${Time} value=${row.updated_at} />`},
  {title: 'Id', width: '96px', of: row => html`<${Id} value=${row.id} />`, class: 'wide-only'},
];

export const addressOf = row => link('imports', row.id);

export default function Imports({path, query}) {
  if (path.length > 0 && !UUID.test(path[0])) return html`<${Unknown} id=${path[0]} />`;
  return path.length > 0 ? html`<${One} key=${path[0]} id=${path[0]} query=${query} />` : html`<${All} query=${query} />`;
}

function All({query}) {
  if (!may('imports:read')) return html`<${OnlyThePast} />`;
  return html`<${Present} query=${query} />`;
}

function OnlyThePast() {
  return html`<${Empty} title="This key or token sees the past alone">
    <p>The list of imports as they are now needs the scope imports:read. With imports:audit there are
    ${' '}<a href=${link('as-of')}>lists as of any moment</a> and <a href=${link('feed')}>the feed</a>.</p>
  <//>`;
}

const passes = (filter, row) =>
  (!filter.status || row.status === filter.status) &&
  (!filter.source || row.source === filter.source) &&
  (!filter.campaign_id || row.campaign_id === filter.campaign_id) &&
  (!filter.created_after || row.created_at > filter.created_after) &&
  (!filter.created_before || row.created_at < filter.created_before);

const digits = time => time.replace(/Z$/, '').replace(/^([^.]*)$/, '$1.').padEnd(32, '0');

/** Whether a time is before another, to the last of its digits. */
const isEarlier = (one, other) => digits(one) < digits(other);

/** The import after an event. */
function after(row, event) {
  const changed = Object.fromEntries(Object.entries(event.changes).map(([name, change]) => [name, change.to]));
  return {...row, ...changed, updated_at: event.time};
}

function created(event) {
  const nothing = {id: event.import_id, campaign_id: null, file_name: null, total_rows: 0, created_at: event.time};
  return after(nothing, event);
}

function Present({query}) {
  const filter = Object.fromEntries(FILTERS.map(name => [name, query.get(name) ?? '']).filter(([, value]) => value));
  const key = JSON.stringify(filter);
  const setFilter = (name, value) => replace(link('imports', {...filter, [name]: value}));

  const rows = useRows((url, signal) => askPage(url ?? address('imports/', {query: {...filter, limit: PAGE}}), {signal}), key);
  const figuresFilter = {status: filter.status, source: filter.source, campaign_id: filter.campaign_id};
  const figures = useAnswer(signal => ask('imports/summary', {query: figuresFilter, signal}), [], JSON.stringify(figuresFilter));
  const everything = useAnswer(signal => (filter.status ? ask('imports/summary', {query: {...figuresFilter, status: ''}, signal}) : Promise.resolve(null)), [], JSON.stringify(figuresFilter));

  const waiting = useRef([]);
  const [fresh, setFresh] = useState(0);
  const recent = useRef(new Map());
  const later = useRef(null);
  const refigure = () => {
    later.current ??= setTimeout(() => {
      later.current = null;
      figures.again();
      if (filter.status) everything.again();
    }, FIGURES_AGAIN);
  };
  useEffect(() => () => clearTimeout(later.current), []);
  // Whether the first row is seen, or could be.
  const isAtTop = () => {
    const body = document.querySelector('.long .body');
    return !body || body.getBoundingClientRect().top >= body.closest('main').getBoundingClientRect().top;
  };
  const reload = () => {
    waiting.current = [];
    setFresh(0);
    rows.first();
    refigure();
  };
  useEffect(() => {
    waiting.current = [];
    setFresh(0);
  }, [key]);
  // A row that begins to pass the filters is not known from its event alone.
  const found = useRef(0);
  const find = async event => {
    if (found.current > 10) {
      setFresh(n => n + 1);
      return;
    }
    found.current++;
    try {
      const row = await ask(`imports/${event.import_id}`);
      if (passes(filter, row) && !rows.rows.some(one => one.id === row.id)) rows.insert(row, (a, b) => isEarlier(b.created_at, a.created_at));
    } catch {
      // It is gone by now, or its next event tells.
    }
    found.current--;
  };
  rows.apply = (event, isAgain) => {
    if (event.type === 'ImportCreated') {
      const row = created(event);
      if (!passes(filter, row) || rows.rows.some(known => known.id === row.id)) return;
      if (recent.current.size > 1000) recent.current.clear();
      recent.current.set(row.id, Date.now());
      if (isAtTop() && (rows.pages[0]?.rows.length ?? 0) < 3 * PAGE) rows.add(row);
      else if (!isAgain) setFresh(n => n + 1);
      return;
    }
    const isKnown = rows.change(
      row => row.id === event.import_id,
      row => {
        if (!isEarlier(row.updated_at, event.time)) return row;
        const next = after(row, event);
        return event.type !== 'ImportDeleted' && passes(filter, next) ? next : null;
      },
    );
    const mayPass = ['status', 'source', 'campaign_id'].some(name => filter[name] && event.changes[name]?.to === filter[name]);
    if (!isKnown && !isAgain && mayPass && event.type !== 'ImportDeleted') find(event);
  };
  useEvents(({event, reset}) => {
    if (event) {
      refigure();
      rows.take(event);
    } else if (reset === 'gap' && rows.base > 0) {
      // Whoever is far down stays there, and is told that there is more.
      setFresh(n => n + 1);
    } else {
      reload();
    }
  });
  const state = useShared(connection);
  useEvery(5000, () => {
    if (state !== 'asking' || !isAtTop() || rows.failure) return;
    rows.first();
    figures.again();
  });
  const toTop = () => {
    document.getElementById('main').scrollTop = 0;
    reload();
  };

  const total = filter.created_after || filter.created_before ? undefined : figures.data?.count;
  const isEmptyOrganization = key === '{}' && rows.isWhole && rows.rows.length === 0 && rows.base === 0;
  return html`<div class="page">
    <header><h1>Imports</h1>
      <div class="actions"><${Copy} text=${asCurl('imports/', {query: {...filter, limit: PAGE}})} label="Copy as curl" /></div></header>
    ${isEmptyOrganization
      ? html`<${First} />`
      : html`<${Fragments}>
        <${Totals} summary=${everything.data ?? figures.data} filter=${filter} onStatus=${status => setFilter('status', status)} />
        ${figures.failure && !figures.data && figures.failure.status !== 404 && html`<${Problem} failure=${figures.failure} again=${figures.again} />`}
        ${figures.data && html`<${Days} summary=${figures.data} filter=${filter} onSource=${source => setFilter('source', source)} />`}
        <${Filters} filter=${filter} sources=${figures.data?.by_source} onChange=${setFilter} />
        <${LongList} label="Imports, the newest first" rows=${rows} columns=${COLUMNS} total=${total} keyOf=${row => row.id} addressOf=${addressOf}
          isNew=${row => recent.current.get(row.id) > Date.now() - 2000} fresh=${fresh} onFresh=${toTop}
          empty=${html`<${Empty} title="No import passes these filters">
            <p>Take some of them away to see more.</p>
            <div><button type="button" class="button" onClick=${() => replace(link('imports'))}>Show all imports</button></div><//>`} />
      <//>`}
  </div>`;
}

const Fragments = ({children}) => children;

/** How many there are, by status; each is a filter. */
function Totals({summary, filter, onStatus}) {
  return html`<div class="figures" aria-label="Totals by status" role="group">
    <button type="button" class="figure" aria-pressed=${!filter.status} onClick=${() => onStatus('')}>
      <span><i class="dot accent"></i>All</span><strong title=${summary && number(summary.count)}>${summary ? short(summary.count) : '–'}</strong></button>
    ${STATUSES.map(
      status => html`<button type="button" class="figure" aria-pressed=${filter.status === status} onClick=${() => onStatus(filter.status === status ? '' : status)}>
        <span><i class=${'dot ' + status}></i>${status[0].toUpperCase() + status.slice(1)}</span>
        <strong title=${summary && number(summary.by_status[status].count)}>${summary ? short(summary.by_status[status].count) : '–'}</strong></button>`,
    )}
  </div>`;
}

function Days({summary, filter, onSource}) {
  const [shown, setShown] = useState(30);
  const days = summary.days.slice(-shown);
  const text = JSON.stringify(days);
  const {times, series} = useMemo(
    () => ({
      times: days.map(one => Date.parse(one.day) / 1000),
      series: [
        {name: 'Created', colour: 'accent', values: days.map(one => one.created)},
        {name: 'Completed', colour: 'completed', values: days.map(one => one.completed)},
        {name: 'Failed', colour: 'failed', values: days.map(one => one.failed)},
      ],
    }),
    [text],
  );
  const largest = summary.by_source[0]?.count ?? 1;
  const sums = series.map(one => `${one.name.toLowerCase()} ${one.values.reduce((sum, value) => sum + value, 0)}`).join(', ');
  return html`<div class="beside">
    <${Card} title="Per day" actions=${html`<div class="segments" role="group" aria-label="How many days">
      ${[14, 30, 90].map(n => html`<button type="button" class="button small" aria-pressed=${shown === n} onClick=${() => setShown(n)}>${n} days</button>`)}</div>`}>
      <${Plot} title=${`In the last ${shown} days: ${sums}`} times=${times} series=${series} day />
    <//>
    <${Card} title="By source" actions=${filter.source && html`<button type="button" class="button small" onClick=${() => onSource('')}>All sources</button>`}>
      <ul class="bars">${summary.by_source.slice(0, 5).map(
        one => html`<li><button type="button" title="Show this source alone" onClick=${() => onSource(one.source)}><${Text} value=${one.source} /></button>
          <span>${short(one.count)}</span><span class="track"><i style=${{width: `${(100 * one.count) / largest}%`}}></i></span></li>`,
      )}</ul>
      ${summary.by_source.length > 5 && html`<p class="quiet">and ${summary.by_source.length > 99 ? 'more' : summary.by_source.length - 5} others</p>`}
      ${summary.by_source.length === 0 && html`<p class="quiet">None.</p>`}
    <//>
  </div>`;
}

function Filters({filter, sources, onChange}) {
  const [search, setSearch] = useState('');
  const [wrong, setWrong] = useState('');
  const find = event => {
    event.preventDefault();
    const id = search.trim();
    if (!id) return;
    if (UUID.test(id)) go(link('imports', id.toLowerCase()));
    else setWrong('An id has 36 characters, such as 7c9e6679-7425-40de-944b-e07fc1f90ae7.');
  };
  return html`<form class="filters" role="search" onSubmit=${find}>
    <${Field} label="Find by id (press /)" hint=${wrong && html`<span role="alert">${wrong}</span>`}>
      <input type="search" data-search placeholder="The id of an import" value=${search} spellcheck=${false}
        onInput=${event => (setSearch(event.target.value), setWrong(''))} /><//>
    <${Field} label="Status"><select value=${filter.status ?? ''} onChange=${event => onChange('status', event.target.value)}>
      <option value="">Any</option>${STATUSES.map(status => html`<option value=${status}>${status}</option>`)}</select><//>
    <${Field} label="Source"><input list="sources" maxlength="255" placeholder="Any" value=${filter.source ?? ''} onChange=${event => onChange('source', event.target.value.trim())} /><//>
    <datalist id="sources">${(sources ?? []).map(one => html`<option value=${one.source} />`)}</datalist>
    <${Field} label="Campaign"><input value=${filter.campaign_id ?? ''} spellcheck=${false} placeholder="Its id"
      onChange=${event => (UUID.test(event.target.value.trim()) || !event.target.value.trim() ? onChange('campaign_id', event.target.value.trim()) : setWrong('A campaign is named by its id.'))} /><//>
    <${Moment} label="Created after" value=${filter.created_after} onChange=${value => onChange('created_after', value)} />
    <${Moment} label="Created before" value=${filter.created_before} onChange=${value => onChange('created_before', value)} />
    <button class="for-readers" tabindex="-1">Find</button>
  </form>`;
}

/** What to do where there is no import yet. */
function First() {
  const line = asCurl('imports/', {method: 'POST', body: {source: 'salesforce', file_name: 'first_leads.csv', total_rows: 500}});
  return html`<${Empty} title="There is no import yet">
    <p>An import is a cohort of contacts brought in from one outside source. Make the first one: it appears here at once.</p>
    <${Terminal} text=${`KEY=your-key\n${line}`} />
    <p class="quiet">The whole API is on <a href=${address('swagger-ui.html').href}>a page to try it</a>. This organization is ${session.value.caller?.org_id}.</p>
  <//>`;
}
