// Who did what: the audit trail, of an organization or of all.
import {html, useAnswer, useState} from '../html.js';
import {askPage} from '../api.js';
import {go, link} from '../router.js';
import {Card, Empty, Field, Moment, Text, Time} from './basics.js';
import {Failed, Rows, State} from './operating.js';

const ACTIONS = [
  'key.create', 'key.rotate', 'key.revoke', 'replay.start', 'replay.cancel', 'rebuild.start', 'rebuild.cancel', 'parked.retry',
  'parked.discard',
];
const OUTCOMES = ['done', 'refused', 'failed', 'unknown'];
const FILTERS = ['action', 'outcome', 'actor', 'target', 'after', 'before'];

/**
 * The trail with its filters, which are in the page's address.
 *
 * @param of the route: audit or admin/audit
 * @param at the place of the page
 */
export function Trail({of, at, query}) {
  const filters = Object.fromEntries(FILTERS.map(name => [name, query.get(name) ?? '']));
  const chosen = JSON.stringify(filters);
  const [walked, setWalked] = useState({chosen, pages: []});
  const pages = walked.chosen === chosen ? walked.pages : [];
  const here = pages.at(-1);
  const page = useAnswer(
    signal => askPage(here ?? of, here ? {signal} : {query: {...filters, limit: 50}, signal}),
    [],
    chosen + String(here ?? ''),
  );
  const filter = change => go(link(...at, {...filters, ...change}));
  const choose = (name, values) => html`<select value=${filters[name]} onChange=${event => filter({[name]: event.target.value})}>
    <option value="">all</option>${values.map(one => html`<option>${one}</option>`)}</select>`;
  const enter = (name, hint) => html`<input value=${filters[name]} placeholder=${hint} spellcheck=${false} data-search=${name === 'actor' || undefined}
    onChange=${event => filter({[name]: event.target.value.trim()})} />`;
  return html`
    <div class="filters">
      <${Field} label="Actor">${enter('actor', 'the name of a key')}<//>
      <${Field} label="Action">${choose('action', ACTIONS)}<//>
      <${Field} label="Done to">${enter('target', 'a key’s id, a projection')}<//>
      <${Field} label="Outcome">${choose('outcome', OUTCOMES)}<//>
      <${Moment} label="After" value=${filters.after} onChange=${after => filter({after})} />
      <${Moment} label="Before" value=${filters.before} onChange=${before => filter({before})} />
    </div>
    <${Failed} of=${page.failure} what="The trail cannot be told" again=${page.again} />
    ${page.data?.rows.length === 0 && (Object.values(filters).some(Boolean)
      ? html`<${Empty} title="Nothing passes these filters"><p><a href=${link(...at)}>Show everything</a></p><//>`
      : html`<${Empty} title="Nothing was done yet"><p>Each action on a key, a replay, a rebuild or a parked event will be here, those that
          were refused as well.</p><//>`)}
    ${page.data?.rows.length > 0 && html`<${Card}>
      <${Rows} caption="Who did what, the latest first" heads=${[['When'], ['Who'], ['Did what'], ['To'], ['Outcome'], ['Request']]}>
        ${page.data.rows.map(one => html`<tr key=${one.id}>
          <td><${Time} value=${one.time} /></td>
          <td><${Text} value=${one.actor} /> <small>${one.actor_kind}${one.key_id && ' ' + one.key_id}</small>
            ${of === 'admin/audit' && html`<br /><small>organization ${one.org_id}</small>`}</td>
          <td>${one.action}</td>
          <td><${Text} value=${one.target} /></td>
          <td><${State} of=${one.outcome} />${one.reason && html`<br /><small>${one.reason}</small>`}</td>
          <td><small><${Text} value=${one.request_id} /></small></td></tr>`)}
      <//>
      <div class="actions">
        ${pages.length > 0 && html`<button type="button" class="button" onClick=${() => setWalked({chosen, pages: pages.slice(0, -1)})}>Newer</button>`}
        ${page.data.next && html`<button type="button" class="button" onClick=${() => setWalked({chosen, pages: [...pages, page.data.next]})}>Older</button>`}
      </div>
    <//>`}`;
}
