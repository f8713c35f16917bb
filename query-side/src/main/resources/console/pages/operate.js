// What operators see of the whole service, and do with it.
import {html, useRef, useState} from '../html.js';
import {ask, askPage} from '../api.js';
import {link} from '../router.js';
import {Card, Empty, Field, Text, Time} from '../parts/basics.js';
import {Confirm, Failed, Rows, Sections, State, duration, number, useLook} from '../parts/operating.js';
import {Plot} from '../parts/plot.js';
import {Trail} from '../parts/trail.js';

const SECTIONS = {
  progress: ['Progress', Progress],
  rebuilds: ['Rebuilds', Rebuilds],
  replays: ['Replays', Replays],
  parked: ['Parked events', Parked],
  audit: ['Audit trail', ({query}) => html`<${Trail} of="admin/audit" at=${['operate', 'audit']} query=${query} />`],
};
const LOOK_AGAIN = 2000;
const SELDOM = 10_000;

export default function Operate({path, query}) {
  const chosen = Object.hasOwn(SECTIONS, path[0] ?? '') ? path[0] : 'progress';
  const Section = SECTIONS[chosen][1];
  return html`<div class="page">
    <header><h1>Operate</h1></header>
    <${Sections} label="What to operate" all=${Object.entries(SECTIONS).map(([name, [title]]) => [link('operate', name), title, name === chosen])} />
    <${Section} query=${query} />
  </div>`;
}

const NAMES = {imports: 'Read model of imports', summary: 'Summary of imports'};
const named = name => NAMES[name] ?? `Projection ${name}`;

// ---- how far it is

/** So many answers are kept, and a rate is over the last so many seconds. */
const KEPT = 300;
const RATE_OVER = 10;

/** What came in a second, by the last of these answers and those before it; null when that is not known. */
function rate(samples, value) {
  const last = samples.at(-1);
  const now = last && value(last);
  if (now === undefined || now === null) return null;
  const first = samples.find(one => last.at - one.at <= RATE_OVER && (value(one) ?? null) !== null);
  return last.at - first.at < 0.5 ? null : Math.max(0, (now - value(first)) / (last.at - first.at));
}

/** For each sample, the rates up to it. */
function rates(samples, names) {
  return samples.map((one, i) => [
    one.at,
    ...names.map(name => rate(samples.slice(Math.max(0, i - RATE_OVER), i + 1), sample => sample[name])),
  ]);
}

/** What was taken from the answers so far. */
function useSamples(answer, take) {
  const samples = useRef([]);
  const at = answer ? Date.parse(answer.time) / 1000 : null;
  if (at !== null && (samples.current.at(-1)?.at ?? 0) < at) {
    samples.current = [...samples.current, {at, ...take(answer)}].slice(-KEPT);
  }
  return samples.current;
}

function Progress() {
  const views = useLook(signal => ask('admin/projections', {signal}), LOOK_AGAIN);
  const kafka = useLook(signal => ask('admin/publication', {signal}), LOOK_AGAIN);
  const ofViews = useSamples(views.data, now => ({
    head: now.head,
    ...Object.fromEntries(now.projections.map(one => ['of ' + one.name, one.position])),
  }));
  const ofKafka = useSamples(kafka.data, now => ({head: now.head, position: now.position, behind: now.lag_events}));
  const projections = views.data?.projections ?? [];
  const names = projections.map(one => one.name);
  const titles = names.map(name => (name === 'imports' ? 'read model' : name));
  const stopped = [
    ...projections.filter(one => one.problem).map(one => [named(one.name), views.data.node, one.problem]),
    ...(kafka.data?.problem ? [['Publishing', kafka.data.node, kafka.data.problem]] : []),
  ];
  return html`
    <${Failed} of=${views.failure} what="The query side does not tell how far the read models are" again=${views.again} />
    <${Failed} of=${kafka.failure} what="The command side does not tell how far publishing is" again=${kafka.again} />
    ${stopped.map(([what, node, problem]) => html`
      <div class="problem" role="alert"><p><strong>${what} does not go on at ${node}.</strong> ${problem}</p></div>`)}
    ${!views.data && !kafka.data && (views.busy || kafka.busy) && html`<p class="waiting" role="status">Looking…</p>`}
    ${(views.data || kafka.data) && html`
    <${Card} title="Progress in the log of events">
      <${Rows} caption="How far each is" heads=${[['What'], ['State'], ['Position', 'end'], ['Events behind', 'end'], ['Behind for', 'end'],
        ['Events/s', 'end'], ['Parked', 'end'], ['Active node']]}>
        <tr>
          <th scope="row">Stored events</th><td></td>
          <td class="end">${number((views.data ?? kafka.data).head)}</td><td></td><td></td>
          <td class="end">${number(views.data ? rate(ofViews, one => one.head) : rate(ofKafka, one => one.head))}</td><td></td><td></td>
        </tr>
        ${projections.map(one => html`<${Place} key=${one.name} what=${named(one.name)} of=${one} perSecond=${rate(ofViews, sample => sample['of ' + one.name])} />`)}
        ${kafka.data && html`<${Place} what=${'Published to ' + kafka.data.events_topic} of=${kafka.data} perSecond=${rate(ofKafka, sample => sample.position)} />`}
      <//>
      <p class="quiet">The state is that of the node that answered: ${[...new Set([views.data?.node, kafka.data?.node])].filter(Boolean).join(' and ')}.
        It is asked again every ${LOOK_AGAIN / 1000} seconds.</p>
    <//>
    <div class="live-plots">
      <${Lines} title="Events a second" names=${['stored', ...titles, 'published']}
        rows=${joined(rates(ofViews, ['head', ...names.map(name => 'of ' + name)]), rates(ofKafka, ['position']))} />
      <${Lines} title="Events behind" names=${['', ...titles, 'publishing']}
        rows=${joined(
          ofViews.map(one => [one.at, null, ...names.map(name => Math.max(0, one.head - one['of ' + name]))]),
          ofKafka.map(one => [one.at, one.behind]),
        )} />
    </div>`}`;
}

/** A colour for each line, the same in both plots. */
const COLOURS = ['accent', 'processing', 'warning', 'quiet', 'failed'];

function Lines({title, names, rows}) {
  const all = names.map((name, i) => ({
    name,
    colour: i === names.length - 1 ? 'completed' : COLOURS[i % COLOURS.length],
    values: [null, ...rows.map(row => row[i + 1] ?? null)],
  }));
  // A minute at the least, so that the first answers have a place in time.
  const times = rows.length === 0 ? [Date.now() / 1000] : [Math.min(rows[0][0] - 1, rows.at(-1)[0] - 60), ...rows.map(row => row[0])];
  return html`<${Card} title=${title}>
    <${Plot} title=${title + ' over the last minutes'} times=${times} series=${all.filter(one => one.name)} height=${170} format=${number} />
  <//>`;
}

/** Rows of one side, each with what the other side had told by then. */
function joined(rows, others) {
  let at = -1;
  return rows.map(row => {
    while (at + 1 < others.length && others[at + 1][0] <= row[0] + 1) at++;
    return [...row, ...(at < 0 ? [null] : others[at].slice(1))];
  });
}

function Place({what, of, perSecond}) {
  return html`<tr>
    <th scope="row">${what}${of.rebuilding && html` <a href=${link('operate', 'rebuilds')}><small>is being rebuilt</small></a>`}</th>
    <td><${State} of=${of.state} /></td>
    <td class="end">${number(of.position)}</td>
    <td class="end">${number(of.lag_events)}</td>
    <td class="end">${of.lag_seconds > 0 ? duration(of.lag_seconds) : '–'}</td>
    <td class="end">${number(perSecond)}</td>
    <td class="end">${of.parked > 0 ? html`<a href=${link('operate', 'parked')}>${number(of.parked)}</a>` : '0'}</td>
    <td>${of.active_node ? html`<code>${of.active_node}</code>` : 'none'}</td>
  </tr>`;
}

// ---- rebuilds

function Rebuilds() {
  const views = useLook(signal => ask('admin/projections', {signal}), SELDOM);
  return html`
    <p>A rebuild makes a read model again from the first event, beside the one that is read. It names the rows in which the two
      differ and takes its place. Reads go on meanwhile.</p>
    <${Failed} of=${views.failure} what="The query side does not answer" again=${views.again} />
    ${views.data?.projections.map(one => html`<${Rebuild} key=${one.name} name=${one.name} />`)}`;
}

function Rebuild({name}) {
  const route = 'admin/projections/' + name;
  const [asked, setAsked] = useState(null);
  const all = useLook(signal => ask(route + '/rebuilds', {query: {limit: 10}, signal}), LOOK_AGAIN);
  const last = all.data?.[0];
  const act = method => async () => {
    await ask(route + '/rebuild', {method});
    all.again();
  };
  const actions = last?.state === 'running'
    ? html`<button type="button" class="button danger" onClick=${() => setAsked('cancel')}>Cancel the rebuild…</button>`
    : html`<button type="button" class="button" disabled=${!all.data} onClick=${() => setAsked('start')}>Rebuild…</button>`;
  return html`
    <${Card} title=${named(name)} actions=${actions}>
      <${Failed} of=${all.failure} what="How far it is cannot be told" again=${all.again} />
      ${all.data && !last && html`<p class="quiet">It was never rebuilt. Rebuild it when <code>imports-tool verify</code> has found rows that are
        not what the events say, or when an upgrade asks for it.</p>`}
      ${last && html`<${RebuildProgress} of=${last} />`}
      ${all.data?.length > 1 && html`<details><summary>Those before</summary>
        <${Rows} caption=${'Earlier rebuilds of ' + name} heads=${[['Began'], ['State'], ['Events', 'end'], ['Rows that differed', 'end'], ['Ended']]}>
          ${all.data.slice(1).map(one => html`<tr key=${one.id}>
            <td><${Time} value=${one.started_at} /></td><td><${State} of=${one.state} /></td><td class="end">${number(one.events_done)}</td>
            <td class="end">${number(one.differences)}</td><td><${Time} value=${one.finished_at} /></td></tr>`)}
        <//></details>`}
      ${asked === 'start' && html`
        <${Confirm} title=${`Rebuild ${name}?`} verb="Rebuild it" close=${() => setAsked(null)} work=${act('POST')}>
          <p>All events are read again into a second table. That takes PostgreSQL time, and room for the rows once more. What is read now
            stays until the new rows take its place. Its parked events can be neither retried nor discarded until then. You can cancel it.</p>
        <//>`}
      ${asked === 'cancel' && html`
        <${Confirm} title=${`Cancel the rebuild of ${name}?`} verb="Cancel the rebuild" otherwise="Let it go on" dangerous=${true} close=${() => setAsked(null)} work=${act('DELETE')}>
          <p>What it has made so far is thrown away, and what is read now stays as it is. Another rebuild begins from the first event.</p>
        <//>`}
    <//>`;
}

const PHASES = {
  loading: 'reads all events',
  indexing: 'makes indexes',
  catching_up: 'reads what came meanwhile',
  comparing: 'compares with the rows that are read',
  emptying: 'takes their place',
};

function RebuildProgress({of}) {
  const runs = of.state === 'running';
  return html`
    <p><${State} of=${of.state} />${runs && ` It ${PHASES[of.phase] ?? of.phase}`}${runs && (of.step_percent === null ? '.' : `: ${of.step_percent} % of this index.`)}</p>
    <progress aria-label="Events done" max=${Math.max(1, of.events_total)} value=${of.events_done}></progress>
    <dl class="facts">
      <div><dt>Events</dt><dd>${number(of.events_done)} of ${number(of.events_total)}</dd></div>
      <div><dt>Rate</dt><dd>${number(of.events_per_second)} events/s</dd></div>
      ${runs && html`<div><dt>Time left</dt><dd>${of.seconds_left === null ? 'not known' : duration(of.seconds_left)}</dd></div>`}
      <div><dt>Rows that differed</dt><dd>${number(of.differences)}</dd></div>
      <div><dt>Began</dt><dd><${Time} value=${of.started_at} /></dd></div>
      ${!runs && html`<div><dt>Ended</dt><dd><${Time} value=${of.finished_at} /></dd></div>`}
    </dl>
    ${of.error && html`<div class="problem" role="alert"><p>${runs ? 'The last step is repeated' : 'It failed'}: ${of.error}</p></div>`}
    ${of.different_rows.length > 0 && html`<${Differences} rows=${of.different_rows} all=${of.differences} />`}`;
}

/** What was read beside what the events say, field by field. */
function Differences({rows, all}) {
  const fields = row =>
    [...new Set([...Object.keys(row.live ?? {}), ...Object.keys(row.rebuilt ?? {})])].filter(
      field => JSON.stringify(row.live?.[field]) !== JSON.stringify(row.rebuilt?.[field]),
    );
  return html`<details open><summary>Rows that were not what the events say${all > rows.length && `, the first ${rows.length}`}</summary>
    <${Rows} caption="Rows that differed" heads=${[['Row'], ['Field'], ['Was read'], ['The events say']]}>
      ${rows.flatMap(row => fields(row).map((field, i) => html`<tr key=${row.id + field}>
        <td>${i === 0 && html`<code>${row.id}</code>${!row.live && ' was missing'}${!row.rebuilt && ' should not be there'}`}</td>
        <td>${field}</td><td><${Text} value=${shown(row.live?.[field])} /></td><td><${Text} value=${shown(row.rebuilt?.[field])} /></td></tr>`))}
    <//></details>`;
}

const shown = value => (value !== null && typeof value === 'object' ? JSON.stringify(value) : value);

// ---- replays

const NEW_REPLAY = {target: 'imports.replay.', from: '', to: '', org_id: '', type: '', import_id: '', events_per_second: ''};
const TYPES = ['ImportCreated', 'ImportStatusChanged', 'ImportDetailsChanged', 'ImportCampaignLinked', 'ImportCampaignUnlinked', 'ImportDeleted'];

function asBody(form, isDry) {
  const moment = side => (/^\d+$/.test(form[side]) ? {[side + '_position']: Number(form[side])} : {[side + '_time']: form[side].trim() || null});
  return {
    target: form.target,
    dry_run: isDry,
    ...moment('from'),
    ...moment('to'),
    org_id: form.org_id.trim() || null,
    type: form.type || null,
    import_id: form.import_id.trim() || null,
    events_per_second: form.events_per_second === '' ? null : Number(form.events_per_second),
  };
}

function Replays() {
  const [form, setForm] = useState(NEW_REPLAY);
  const [failure, setFailure] = useState(null);
  const [asked, setAsked] = useState(null);
  const all = useLook(signal => ask('admin/replays', {query: {limit: 50}, signal}), LOOK_AGAIN);
  const entered = name => ({value: form[name], onInput: event => setForm({...form, [name]: event.target.value})});
  const start = async isDry => {
    setFailure(null);
    await ask('admin/replays', {method: 'POST', body: asBody(form, isDry)});
    all.again();
  };
  const submit = event => {
    event.preventDefault();
    if (event.submitter?.value === 'publish') setAsked({publish: true});
    else start(true).catch(setFailure);
  };
  return html`
    <p>A replay publishes events again, into a topic of its own that begins with <code>imports.replay.</code>; nobody else is
      disturbed. Count first: a dry run does not touch Kafka.</p>
    <${Card} title="A new replay">
      <form class="form" onSubmit=${submit}>
        <${Field} label="Topic"><input required pattern="imports\\.replay\\.[A-Za-z0-9._\\-]+" title="imports.replay. and a name of your own"
          maxlength="215" spellcheck=${false} ...${entered('target')} /><//>
        <${Field} label="From position or time"><input placeholder="the first event" title="A position, or a time such as 2026-01-31T12:00:00Z" ...${entered('from')} /><//>
        <${Field} label="To position or time"><input placeholder="the last event" title="A position, or a time such as 2026-01-31T12:00:00Z" ...${entered('to')} /><//>
        <${Field} label="Organization"><input placeholder="all" ...${entered('org_id')} /><//>
        <${Field} label="Type"><select ...${entered('type')}><option value="">all</option>${TYPES.map(type => html`<option>${type}</option>`)}</select><//>
        <${Field} label="Import"><input placeholder="all" ...${entered('import_id')} /><//>
        <${Field} label="Events/s at most"><input type="number" min="1" placeholder="as configured" ...${entered('events_per_second')} /><//>
        <div class="actions">
          <button class="button primary" value="count">Count (dry run)</button>
          <button class="button" value="publish">Publish…</button>
        </div>
      </form>
      <${Failed} of=${failure} what="The replay was not begun" />
    <//>
    <${Failed} of=${all.failure} what="The command side does not tell of replays" again=${all.again} />
    ${all.data?.length === 0 && html`<${Empty} title="There was no replay yet"><p>Count what one would publish, above.</p><//>`}
    ${all.data?.length > 0 && html`<${Card} title="Replays">
      <${Rows} caption="Replays, the latest first" heads=${[['Topic'], ['Events of'], ['State'], ['How far'], ['Events', 'end'],
        ['Positions/s', 'end'], ['Time left', 'end'], ['Began'], ['']]}>
        ${all.data.map(one => html`<tr key=${one.id}>
          <td><${Text} value=${one.target} />${one.dry_run && html`<br /><small>counted only</small>`}</td>
          <td>${selection(one)}</td>
          <td><${State} of=${one.state} />${one.error && html`<br /><small>${one.error}</small>`}</td>
          <td><progress aria-label=${'How far the replay into ' + one.target + ' is'} max=${Math.max(1, one.to_position - one.from_position + 1)}
            value=${Math.max(0, one.position - one.from_position + 1)}></progress><br /><small>${number(one.position)} of ${number(one.to_position)}</small></td>
          <td class="end">${number(one.events)}</td><td class="end">${number(one.positions_per_second)}</td>
          <td class="end">${duration(one.seconds_left)}</td>
          <td><${Time} value=${one.started_at} /></td>
          <td>${one.state === 'running' && html`<button type="button" class="button small danger" onClick=${() => setAsked({cancel: one})}>Cancel…</button>`}</td>
        </tr>`)}
      <//>
    <//>`}
    ${asked?.publish && html`
      <${Confirm} title="Publish these events again?" verb="Publish them" dangerous=${true} close=${() => setAsked(null)} work=${() => start(false)}>
        <p>Every selected event is published once more, into <${Text} value=${form.target} />, which is made when it is not there. The topic
          then has data of ${form.org_id.trim() ? 'this organization' : 'all organizations'}: whoever may read it may see them. To cancel ends it and
          takes nothing back.</p>
      <//>`}
    ${asked?.cancel && html`
      <${Confirm} title="Cancel the replay?" verb="Cancel the replay" otherwise="Let it go on" dangerous=${true} close=${() => setAsked(null)}
        work=${async () => {
          await ask('admin/replays/' + asked.cancel.id, {method: 'DELETE'});
          all.again();
        }}>
        <p>What is in <${Text} value=${asked.cancel.target} /> stays there, and the transaction under way may still be published. It cannot be
          gone on with: begin another one from position ${number(asked.cancel.position + 1)}, or later.</p>
      <//>`}`;
}

function selection(replay) {
  const parts = [
    replay.type,
    replay.import_id && 'import ' + replay.import_id,
    replay.org_id && 'organization ' + replay.org_id,
    (replay.from_time || replay.to_time) && `${replay.from_time ?? 'the beginning'} to ${replay.to_time ?? 'the end'}`,
  ].filter(Boolean);
  return parts.length === 0 ? 'everything' : html`<${Text} value=${parts.join(', ')} />`;
}

// ---- parked events

function Parked() {
  const views = useLook(signal => ask('admin/projections', {signal}), SELDOM);
  return html`
    <p>An event that cannot be applied, or not published, is parked with its error. Later events of the same import wait behind it, and
      all others go on. Look for the cause first: what is retried without a change fails again.</p>
    <${Failed} of=${views.failure} what="The query side does not answer" again=${views.again} />
    ${views.data?.projections.map(one => html`
      <${ParkedEvents} key=${one.name} title=${named(one.name)} route=${`admin/projections/${one.name}/parked`}
        retried="It is applied again, and then the events of its import behind it, in their order, up to the first that fails."
        discarded="The event stays in the store, in the history and in Kafka. The rows leave it out, after every rebuild too, so what is read differs from what happened." />`)}
    <${ParkedEvents} title="Publishing to Kafka" route="admin/publication/parked"
      retried="It is published again, and then the events of its import behind it, each once and in their order, up to the first that fails."
      discarded="The event stays in the store and in the history and is never published. Its number is missing in ce_importsequence, and some consumers stop there: tell them." />`;
}

function ParkedEvents({title, route, retried, discarded}) {
  const [asked, setAsked] = useState(null);
  const [done, setDone] = useState('');
  const [pages, setPages] = useState([]);
  const here = pages.at(-1);
  const page = useLook(signal => askPage(here ?? route, here ? {signal} : {query: {limit: 50}, signal}), SELDOM, [String(here ?? route)]);
  const act = (method, path) => async () => {
    const {applied, parked} = await ask(path, {method});
    setDone(`Of the import, ${number(applied)} went through and ${number(parked)} are still parked.`);
    page.again();
  };
  const event = asked?.event;
  return html`
    <${Card} title=${title}>
      <${Failed} of=${page.failure} what="What is parked cannot be told" again=${page.again} />
      ${done && html`<p role="status">${done}</p>`}
      ${page.data?.rows.length === 0 && html`<p class="quiet">Nothing is parked.</p>`}
      ${page.data?.rows.length > 0 && html`
        <${Rows} caption=${'Parked events: ' + title} heads=${[['Position', 'end'], ['Import'], ['Type'], ['Error'], ['Attempts', 'end'], ['Parked'], ['']]}>
          ${page.data.rows.map(one => html`<tr key=${one.position}>
            <td class="end">${number(one.position)}</td>
            <td><code>${one.import_id}</code><br /><small class="whole">organization ${one.org_id}</small></td>
            <td class="whole">${one.type}</td>
            <td class="error">${one.error ? html`<${Text} value=${one.error} />` : html`<span class="quiet">waits behind another of its import</span>`}</td>
            <td class="end">${number(one.attempts)}</td>
            <td><${Time} value=${one.parked_at} /></td>
            <td><div class="actions">
              <button type="button" class="button small" onClick=${() => setAsked({verb: 'retry', event: one})}>Retry…</button>
              ${one.error && html`<button type="button" class="button small danger" onClick=${() => setAsked({verb: 'discard', event: one})}>Discard…</button>`}
            </div></td></tr>`)}
        <//>
        <div class="actions">
          ${pages.length > 0 && html`<button type="button" class="button" onClick=${() => setPages(pages.slice(0, -1))}>Back</button>`}
          ${page.data.next && html`<button type="button" class="button" onClick=${() => setPages([...pages, page.data.next])}>More</button>`}
        </div>`}
      ${asked?.verb === 'retry' && html`
        <${Confirm} title=${`Retry the event at position ${number(event.position)}?`} verb="Retry it" close=${() => setAsked(null)}
          work=${act('POST', `${route}/${event.position}/retry`)}><p>${retried}</p><//>`}
      ${asked?.verb === 'discard' && html`
        <${Confirm} title=${`Discard the event at position ${number(event.position)} for good?`} verb="Discard it for good" dangerous=${true}
          close=${() => setAsked(null)} work=${act('DELETE', `${route}/${event.position}`)}>
          <p>${discarded} The events behind it are tried. This cannot be taken back.</p><//>`}
    <//>`;
}
